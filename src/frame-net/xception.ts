/**
 * Xception (Chollet: Xception: Deep Learning with Depthwise Separable Convolutions, CVPR 2017), figure 5, in parts, because detectors of
 * the literature cut it open: a stem of two convolutions, blocks 1 to 12 (1–3 "entry", 4–11 "middle", 12 "exit") and a tail of two
 * separable convolutions. 20,806,952 trainable parameters behind three channels, without a last layer.
 */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d } from '../compute/layers.ts';
import type { Parameters } from '../compute/parameters.ts';

export const xceptionFeatures = 2048;

/** Of blocks that halve the picture: feature maps of their two convolutions. The others have three of 728 and keep the size. */
const halving: Record<number, [number, number]> = {
  1: [128, 128],
  2: [256, 256],
  3: [728, 728],
  12: [728, 1024],
};
const middleMaps = 728;

type Image = Tf.Tensor4D;

/** One of several in a network; `name` begins those of its parameters. */
export type XceptionPart = { name: string; training: boolean };

const norm = (p: Parameters, name: string, x: Image, training: boolean): Image =>
  batchNorm(p, `${name}/norm`, x, { training });

/** A 3×3 convolution of each channel by itself, a 1×1 one of all together, batch normalisation. */
function separable(p: Parameters, name: string, x: Image, filters: number, training: boolean): Image {
  const each = p.get(`${name}/depthwise`, [3, 3, x.shape[3], 1], 'he') as unknown as Image;
  const alone = p.tf.depthwiseConv2d(x, each, 1, 'same');
  const together = { filters, kernelSize: 1, useBias: false, kernelInit: 'he' } as const;
  return norm(p, name, conv2d(p, `${name}/point`, alone, together), training);
}

/** @param x [batch, size, size, any]. @param strides 2 as published; 1 for what has half the size already. */
export function xceptionStem(p: Parameters, { name, training }: XceptionPart, x: Image, strides = 2): Image {
  const conv = (layer: string, image: Image, filters: number, step: number): Image => {
    const found = conv2d(p, `${name}/${layer}`, image, {
      filters,
      kernelSize: 3,
      strides: step,
      padding: 'valid',
      useBias: false,
      kernelInit: 'he',
    });
    return p.tf.relu(norm(p, `${name}/${layer}`, found, training));
  };
  return conv('stem2', conv('stem1', x, 32, strides), 64, 1);
}

/** The blocks of these numbers, one after the other. */
export function xceptionBlocks(
  p: Parameters,
  part: XceptionPart,
  x: Image,
  numbers: readonly number[],
): Image {
  return numbers.reduce((image, number) => block(p, part, image, number), x);
}

function block(p: Parameters, { name, training }: XceptionPart, x: Image, number: number): Image {
  const { tf } = p;
  const halved = halving[number];
  const widths = halved ?? [middleMaps, middleMaps, middleMaps];
  let found = x;
  for (const [i, filters] of widths.entries()) {
    // Block 1 follows a ReLU already.
    const positive = number === 1 && i === 0 ? found : tf.relu(found);
    found = separable(p, `${name}/block${number}/${i}`, positive, filters, training);
  }
  if (!halved) return tf.add(found, x);
  const kept = conv2d(p, `${name}/block${number}/kept`, x, {
    filters: halved[1],
    kernelSize: 1,
    strides: 2,
    useBias: false,
    kernelInit: 'he',
  });
  return tf.add(tf.maxPool(found, 3, 2, 'same'), norm(p, `${name}/block${number}/kept`, kept, training));
}

/** Feature maps after the last two convolutions, [batch, rows, columns, 2048]. */
export function xceptionTail(p: Parameters, { name, training }: XceptionPart, x: Image): Image {
  const wide = p.tf.relu(separable(p, `${name}/tail1`, x, 1536, training));
  return p.tf.relu(separable(p, `${name}/tail2`, wide, xceptionFeatures, training));
}

/**
 * Two streams look at each other (dual cross-modal attention of Luo et al., CVPR 2021; the mix block of F3-Net, ECCV 2020): each place of the one
 * asks all places of the other, and what it finds there is added, times a factor that starts at zero. 1×1 convolutions to an eighth of
 * the width are compared. The papers leave that width open; it is ours. Both [batch, rows, columns, channels], and so what is given back.
 */
export function crossAttention(p: Parameters, name: string, a: Image, b: Image): [Image, Image] {
  const { tf } = p;
  const [batch, height, width, channels] = a.shape;
  const places = (x: Image): Tf.Tensor3D => tf.reshape(x, [batch, height * width, x.shape[3]]);
  const key = (side: string, x: Image): Tf.Tensor3D =>
    places(conv2d(p, `${name}/${side}/key`, x, { filters: Math.floor(channels / 8), kernelSize: 1 }));
  const value = (side: string, x: Image): Tf.Tensor3D =>
    places(conv2d(p, `${name}/${side}/value`, x, { filters: channels, kernelSize: 1 }));
  const alike: Tf.Tensor3D = tf.matMul(key('a', a), key('b', b), false, true);
  const asked = (side: string, own: Image, likeness: Tf.Tensor3D, other: Tf.Tensor3D): Image => {
    const found = tf.reshape(tf.matMul(tf.softmax(likeness), other), own.shape);
    return tf.add(own, tf.mul(found, p.get(`${name}/${side}/share`, [1], 'zeros')));
  };
  return [asked('a', a, alike, value('b', b)), asked('b', b, tf.transpose(alike, [0, 2, 1]), value('a', a))];
}

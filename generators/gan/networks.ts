/** Generator and discriminator in the shape of DCGAN (Radford et al., ICLR 2016). Pictures are [N, S, S, 3] in [-1, 1]. */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import type { TfNamespace } from '../../src/compute/record.ts';
import { stopGradient } from '../../src/compute/stop-gradient.ts';
import { spectrallyNormal } from './spectral-norm.ts';

/** `latent`: length of what a portrait is drawn from. `width`: channels of the finest features. */
export type DcganNet = {
  sizePx: number;
  latent: number;
  width: { generator: number; discriminator: number };
};

/** Side of the coarsest features. */
const coarsePx = 4;
const doublings = ({ sizePx }: DcganNet): number => Math.log2(sizePx / coarsePx);

/**
 * Latents [N, latent] → pictures. Batch-normalised, rectified 3×3 convolutions of what was enlarged twice, tanh; DCGAN's
 * transposed ones leave a chequerboard (Odena, Dumoulin & Olah, Distill 2016).
 */
export function generate(p: Parameters, net: DcganNet, latents: Tf.Tensor2D, training: boolean): Tf.Tensor4D {
  const { tf } = p;
  const times = doublings(net);
  const filtersAt = (i: number): number => net.width.generator * 2 ** (times - 1 - i);
  const active = (name: string, x: Tf.Tensor4D): Tf.Tensor4D =>
    tf.relu(batchNorm(p, name, x, { training, momentum: 0.9, epsilon: 1e-5 }));
  const units = coarsePx * coarsePx * filtersAt(0);
  const opened = dense(p, 'generator/open', latents, { units, useBias: false });
  const twice = (x: Tf.Tensor4D): Tf.Tensor4D =>
    tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]);
  let x = active('generator/normal0', tf.reshape(opened, [-1, coarsePx, coarsePx, filtersAt(0)]));
  for (let i = 1; i < times; i++) {
    const options = { filters: filtersAt(i), kernelSize: 3, useBias: false };
    x = active(`generator/normal${i}`, conv2d(p, `generator/up${i}`, twice(x), options));
  }
  return tf.tanh(conv2d(p, 'generator/picture', twice(x), { filters: 3, kernelSize: 3 }));
}

/** Kernels and biases of the discriminator, first layer first; the last is that of the dense one. */
export type Judge = { kernel: Tf.Tensor; bias: Tf.Tensor }[];

/** The discriminator's weights as they are used: kernels over their largest singular values, which a step of `training` follows. */
export function judgeOf(p: Parameters, net: DcganNet, training: boolean): Judge {
  const times = doublings(net);
  const shapes: number[][] = [];
  let channels = 3;
  for (let i = 0; i < times; i++) {
    const filters = net.width.discriminator * 2 ** i;
    shapes.push([4, 4, channels, filters]);
    channels = filters;
  }
  shapes.push([coarsePx * coarsePx * (channels + 1), 1]);
  return shapes.map((shape, i) => ({
    kernel: spectrallyNormal(p, `discriminator/${i}`, shape, training),
    bias: p.get(`discriminator/${i}/bias`, [shape.at(-1)!], 'zeros'),
  }));
}

/** The same weights, which no gradient reaches. */
export const frozen = (tf: TfNamespace, judge: Judge): Judge =>
  judge.map(({ kernel, bias }) => ({ kernel: stopGradient(tf, kernel), bias: stopGradient(tf, bias) }));

/**
 * How real pictures look, [N]: 4×4 convolutions of stride 2, leaky by 0.2, without any other normalisation. Behind them how far the pictures given together differ
 * is shown too, so that a generator which always draws the same few is found out.
 */
export function judgePictures(tf: TfNamespace, judge: Judge, pictures: Tf.Tensor4D): Tf.Tensor1D {
  let x = pictures;
  for (const { kernel, bias } of judge.slice(0, -1))
    x = tf.leakyRelu(tf.add(tf.conv2d(x, kernel as Tf.Tensor4D, 2, 'same'), bias), 0.2);
  const { kernel, bias } = judge.at(-1)!;
  const flat = tf.reshape(withSpread(tf, x), [x.shape[0], -1]) as Tf.Tensor2D;
  return tf.reshape(tf.add(tf.matMul(flat, kernel as Tf.Tensor2D), bias), [x.shape[0]]);
}

/** One channel more: the standard deviation over the batch, its mean over all features and places (Karras et al., ICLR 2018, §3). Of one picture it is nearly 0. */
function withSpread(tf: TfNamespace, x: Tf.Tensor4D): Tf.Tensor4D {
  const variance = tf.mean(tf.square(tf.sub(x, tf.mean(x, 0, true))), 0);
  const spread = tf.mean(tf.sqrt(tf.add(variance, 1e-8)));
  const [pictures, height, width] = x.shape;
  return tf.concat([x, tf.mul(tf.ones([pictures, height, width, 1]), spread) as Tf.Tensor4D], 3);
}

/** Residual networks (He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016), up to the pooled features. */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d, dense } from '../compute/layers.ts';
import type { Parameters } from '../compute/parameters.ts';

/**
 * `bottleneck`: blocks of 1×1, 3×3 and 1×1 convolutions, the last four times as wide, behind the stem for photographs of 224 px (7×7,
 * stride 2, pooled); else blocks of two 3×3 convolutions behind one 3×3, as for small pictures. `blocks`: how many of each width.
 */
export type ResNet = { bottleneck: boolean; stem: number; widths: number[]; blocks: number[] };

/** ResNet-50: 23,508,032 parameters without the last layer. */
export const resNet50: ResNet = {
  bottleneck: true,
  stem: 64,
  widths: [64, 128, 256, 512],
  blocks: [3, 4, 6, 3],
};

/** ResNet-18: 11,176,512 parameters without the last layer. */
export const resNet18: ResNet = {
  bottleneck: false,
  stem: 64,
  widths: [64, 128, 256, 512],
  blocks: [2, 2, 2, 2],
};

/** Eight layers with weights, for a few minutes of training on one thread. */
export const smallResNet: ResNet = { bottleneck: false, stem: 16, widths: [16, 32, 64], blocks: [1, 1, 1] };

/** A convolution without bias, and batch normalisation. */
function conv(
  p: Parameters,
  name: string,
  x: Tf.Tensor4D,
  { filters, kernelSize, strides = 1, training }: Conv,
): Tf.Tensor4D {
  const padding = (kernelSize - 1) / 2;
  const found = conv2d(p, name, x, {
    filters,
    kernelSize,
    strides,
    padding,
    useBias: false,
    kernelInit: 'he',
  });
  return batchNorm(p, `${name}/norm`, found, { training, momentum: 0.9, epsilon: 1e-5 });
}
type Conv = { filters: number; kernelSize: number; strides?: number; training: boolean };

/** The stem for photographs before its activation and pooling: 7×7, stride 2. */
export const photoStem = (p: Parameters, x: Tf.Tensor4D, filters: number, training: boolean): Tf.Tensor4D =>
  conv(p, 'stem', x, { filters, kernelSize: 7, strides: 2, training });

/** @param x What the stem gives, [batch, rows, columns, stem]. @returns Features averaged over the picture, [batch, last width], four times that with bottlenecks. */
export function resNetBlocks(p: Parameters, x: Tf.Tensor4D, net: ResNet, training: boolean): Tf.Tensor2D {
  const { tf } = p;
  const layer = (name: string, image: Tf.Tensor4D, filters: number, kernelSize: number, strides = 1) =>
    conv(p, name, image, { filters, kernelSize, strides, training });
  const block = (name: string, image: Tf.Tensor4D, width: number, strides: number): Tf.Tensor4D => {
    const wide = net.bottleneck ? 4 * width : width;
    const found = net.bottleneck
      ? layer(
          `${name}/c`,
          tf.relu(layer(`${name}/b`, tf.relu(layer(`${name}/a`, image, width, 1)), width, 3, strides)),
          wide,
          1,
        )
      : layer(`${name}/b`, tf.relu(layer(`${name}/a`, image, width, 3, strides)), width, 3);
    const kept =
      strides > 1 || image.shape[3] !== wide ? layer(`${name}/kept`, image, wide, 1, strides) : image;
    return tf.relu(tf.add(found, kept));
  };
  let image = x;
  for (const [stage, width] of net.widths.entries())
    for (let i = 0; i < net.blocks[stage]!; i++)
      image = block(`stage${stage}/${i}`, image, width, i === 0 && stage > 0 ? 2 : 1);
  return tf.mean(image, [1, 2]);
}

/** @param image [batch, height, width, 3]. @returns As `resNetBlocks`. */
function resNetFeatures(p: Parameters, image: Tf.Tensor4D, net: ResNet, training: boolean): Tf.Tensor2D {
  const { tf } = p;
  const stem = net.bottleneck
    ? tf.maxPool(tf.relu(photoStem(p, image, net.stem, training)), 3, 2, 1)
    : tf.relu(conv(p, 'stem', image, { filters: net.stem, kernelSize: 3, training }));
  return resNetBlocks(p, stem, net, training);
}

/** @param frames [batch, size, size, 3] in [0, 1]. @returns The logit of being fake, [batch, 1]; the last layer starts at zero. */
export function resNetLogit(p: Parameters, frames: Tf.Tensor4D, net: ResNet, training: boolean): Tf.Tensor2D {
  const { tf } = p;
  const centred: Tf.Tensor4D = tf.sub(tf.mul(frames, 2), 1);
  return dense(p, 'out', resNetFeatures(p, centred, net, training), { units: 1, kernelInit: 'zeros' });
}

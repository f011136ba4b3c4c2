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

/** Eight layers with weights, for a few minutes of training on one thread. */
export const smallResNet: ResNet = { bottleneck: false, stem: 16, widths: [16, 32, 64], blocks: [1, 1, 1] };

/** @param image [batch, height, width, 3]. @returns Features averaged over the picture, [batch, last width], four times that with bottlenecks. */
function resNetFeatures(p: Parameters, image: Tf.Tensor4D, net: ResNet, training: boolean): Tf.Tensor2D {
  const { tf } = p;
  const conv = (name: string, x: Tf.Tensor4D, filters: number, kernelSize: number, strides = 1) =>
    batchNorm(
      p,
      `${name}/norm`,
      conv2d(p, name, x, {
        filters,
        kernelSize,
        strides,
        padding: (kernelSize - 1) / 2,
        useBias: false,
        kernelInit: 'he',
      }),
      { training, momentum: 0.9, epsilon: 1e-5 },
    );
  const block = (name: string, x: Tf.Tensor4D, width: number, strides: number): Tf.Tensor4D => {
    const wide = net.bottleneck ? 4 * width : width;
    const found = net.bottleneck
      ? conv(
          `${name}/c`,
          tf.relu(conv(`${name}/b`, tf.relu(conv(`${name}/a`, x, width, 1)), width, 3, strides)),
          wide,
          1,
        )
      : conv(`${name}/b`, tf.relu(conv(`${name}/a`, x, width, 3, strides)), width, 3);
    const kept = strides > 1 || x.shape[3] !== wide ? conv(`${name}/kept`, x, wide, 1, strides) : x;
    return tf.relu(tf.add(found, kept));
  };
  let x: Tf.Tensor4D = net.bottleneck
    ? tf.maxPool(tf.relu(conv('stem', image, net.stem, 7, 2)), 3, 2, 1)
    : tf.relu(conv('stem', image, net.stem, 3));
  for (const [stage, width] of net.widths.entries())
    for (let i = 0; i < net.blocks[stage]!; i++)
      x = block(`stage${stage}/${i}`, x, width, i === 0 && stage > 0 ? 2 : 1);
  return tf.mean(x, [1, 2]);
}

/** @param frames [batch, size, size, 3] in [0, 1]. @returns The logit of being fake, [batch, 1]; the last layer starts at zero. */
export function resNetLogit(p: Parameters, frames: Tf.Tensor4D, net: ResNet, training: boolean): Tf.Tensor2D {
  const { tf } = p;
  const centred: Tf.Tensor4D = tf.sub(tf.mul(frames, 2), 1);
  return dense(p, 'out', resNetFeatures(p, centred, net, training), { units: 1, kernelInit: 'zeros' });
}

import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d } from '../compute/layers.ts';
import type { Parameters } from '../compute/parameters.ts';

/** Feature maps of the four layers, each at half the size of the one before: 72,624 parameters behind a picture of three channels. */
const widths = [16, 32, 64, 64];
/** Width of what `smallTrunk` gives. */
export const trunkFeatures = widths.at(-1)!;

/** What stands in the place of the large networks of the papers: four 3×3 convolutions, averaged over the picture. [batch, height, width, any] → [batch, 64]. */
export function smallTrunk(p: Parameters, name: string, image: Tf.Tensor4D, training: boolean): Tf.Tensor2D {
  const { tf } = p;
  let x = image;
  for (const [i, filters] of widths.entries()) {
    const found = conv2d(p, `${name}/${i}`, x, { filters, kernelSize: 3, strides: 2, useBias: false });
    x = tf.relu(batchNorm(p, `${name}/${i}/norm`, found, { training, momentum: 0.9 }));
  }
  return tf.mean(x, [1, 2]);
}

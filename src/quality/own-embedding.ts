/** The network behind `kid-own`: what a portrait looks like, as a row of features. */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d, dense } from '../compute/layers.ts';
import type { Parameters } from '../compute/parameters.ts';

/** Side of the portraits, pixels, and length of a row. */
export const portraitPx = 64;
export const featureCount = 64;
/** Portraits that the exported network takes at once. */
export const embedShape = [8, portraitPx, portraitPx, 3] as const;
const filters = [16, 32, 48, featureCount];

/** Portraits [N, 64, 64, 3] in [-1, 1] → features [N, 64], each of mean 0 and deviation 1 over what was learned from. */
export function embed(p: Parameters, portraits: Tf.Tensor4D, training = false): Tf.Tensor2D {
  const { tf } = p;
  let x = portraits;
  for (const [i, count] of filters.entries()) {
    const found = conv2d(p, `conv${i}`, x, { filters: count, kernelSize: 3, strides: 2, useBias: false });
    x = tf.relu(batchNorm(p, `normal${i}`, found, { training, momentum: 0.9 }));
  }
  const pooled = tf.mean(x, [1, 2]) as Tf.Tensor2D;
  return batchNorm(p, 'features', pooled, { training, momentum: 0.9, affine: false });
}

/** Log-odds of who it is [N, people] and of by how many quarter turns it was turned [N, 4]. */
export function guess(
  p: Parameters,
  features: Tf.Tensor2D,
  people: number,
): { who: Tf.Tensor2D; turns: Tf.Tensor2D } {
  return {
    who: dense(p, 'who', features, { units: people }),
    turns: dense(p, 'turns', features, { units: 4 }),
  };
}

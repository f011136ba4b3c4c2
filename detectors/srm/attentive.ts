/**
 * The published network: two Xceptions. Where the residuals say so the picture's first maps count more (residual-guided spatial
 * attention); the streams ask each other after the entry and after the middle blocks, at 16×16 places of 256 px; at the end both are
 * joined by a 1×1 convolution and their channels weighed. The paper leaves the sizes of the small layers open: those here are ours.
 */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import {
  crossAttention,
  xceptionBlocks,
  xceptionFeatures,
  xceptionStem,
  xceptionTail,
} from '../../src/frame-net/xception.ts';

/** How much fewer channels are between the two layers that weigh channels. */
const narrowing = 16;

/** @param frames [batch, size, size, 3] in [-1, 1]. @param noise Its residuals. @returns What is judged by, [batch, 2048]. */
export function attentiveFeatures(
  p: Parameters,
  frames: Tf.Tensor4D,
  noise: Tf.Tensor4D,
  training: boolean,
): Tf.Tensor2D {
  const { tf } = p;
  const [picture, residual] = [
    { name: 'picture', training },
    { name: 'residual', training },
  ];
  let y = xceptionStem(p, residual, noise);
  let x: Tf.Tensor4D = tf.mul(xceptionStem(p, picture, frames), whereNoiseIs(p, y));
  for (const blocks of [
    [1, 2, 3],
    [4, 5, 6, 7, 8, 9, 10, 11],
  ]) {
    const [seen, felt] = [xceptionBlocks(p, picture, x, blocks), xceptionBlocks(p, residual, y, blocks)];
    [x, y] = crossAttention(p, `mix${blocks.at(-1)}`, seen, felt);
  }
  const [seen, felt] = [xceptionBlocks(p, picture, x, [12]), xceptionBlocks(p, residual, y, [12])];
  const both = tf.concat([xceptionTail(p, picture, seen), xceptionTail(p, residual, felt)], 3) as Tf.Tensor4D;
  const joined = conv2d(p, 'join', both, { filters: xceptionFeatures, kernelSize: 1, useBias: false });
  return weighed(p, tf.mean(tf.relu(batchNorm(p, 'join/norm', joined, { training })), [1, 2]));
}

/** One factor per place, in (0, 1), from the mean and the largest of the residuals' maps there. [batch, rows, columns, any] → [batch, rows, columns, 1]. */
function whereNoiseIs(p: Parameters, maps: Tf.Tensor4D): Tf.Tensor4D {
  const { tf } = p;
  const both = tf.concat([tf.mean(maps, 3, true), tf.max(maps, 3, true)], 3) as Tf.Tensor4D;
  return tf.sigmoid(conv2d(p, 'where', both, { filters: 1, kernelSize: 7 }));
}

/** Each feature times a factor in (0, 1) that all of them decide on. */
function weighed(p: Parameters, features: Tf.Tensor2D): Tf.Tensor2D {
  const { tf } = p;
  const few = tf.relu(dense(p, 'weigh1', features, { units: xceptionFeatures / narrowing }));
  return tf.mul(features, tf.sigmoid(dense(p, 'weigh2', few, { units: xceptionFeatures })));
}

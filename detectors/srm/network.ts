/**
 * The two-stream network on noise residuals of Luo et al. (CVPR 2021): the picture and what three fixed high-pass filters of the spatial
 * rich models (Fridrich & Kodovský 2012) leave of it go through a network each, and are judged together. Small, four convolutions each;
 * as published (`attentive.ts`) two Xceptions with attention between them.
 */
import type * as Tf from '@tensorflow/tfjs';
import { dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { smallTrunk, trunkFeatures } from '../../src/frame-net/trunk.ts';
import { xceptionFeatures } from '../../src/frame-net/xception.ts';
import { attentiveFeatures } from './attentive.ts';

export type Trunk = 'small' | 'xception';

export const featureCount = (trunk: Trunk): number =>
  trunk === 'small' ? 2 * trunkFeatures : xceptionFeatures;
/** Residuals beyond so many grey levels are edges, not noise. */
const clippedAt = 3;

const KB = [
  [0, 0, 0, 0, 0],
  [0, -1, 2, -1, 0],
  [0, 2, -4, 2, 0],
  [0, -1, 2, -1, 0],
  [0, 0, 0, 0, 0],
];
const KV = [
  [-1, 2, -2, 2, -1],
  [2, -6, 8, -6, 2],
  [-2, 8, -12, 8, -2],
  [2, -6, 8, -6, 2],
  [-1, 2, -2, 2, -1],
];
const across = [
  [0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0],
  [0, 1, -2, 1, 0],
  [0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0],
];
/** Rows of weights and what they are divided by: second-order square, the same of 5×5, second-order horizontal. */
export const residualFilters = [
  { rows: KB, divisor: 4 },
  { rows: KV, divisor: 12 },
  { rows: across, divisor: 2 },
];

/** @param frames [batch, height, width, 3] in [0, 1]. @returns [batch, height, width, 9]: the residuals of each colour in grey levels over 3, in [-1, 1]. */
export function residuals(tf: typeof Tf, frames: Tf.Tensor4D): Tf.Tensor4D {
  const count = residualFilters.length;
  const weights = new Float32Array(5 * 5 * 3 * 3 * count);
  for (const [f, { rows, divisor }] of residualFilters.entries())
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 5; x++)
        for (let colour = 0; colour < 3; colour++)
          weights[((y * 5 + x) * 3 + colour) * 3 * count + colour * count + f] =
            (255 * rows[y]![x]!) / divisor / clippedAt;
  const kernel = tf.tensor4d(weights, [5, 5, 3, 3 * count]);
  return tf.clipByValue(tf.conv2d(frames, kernel, 1, 'same'), -1, 1);
}

/** @param frames [batch, size, size, 3] in [0, 1]. @returns The logit of being fake, [batch, 1]. `hide`: multipliers of the pooled features, absent when judging. */
export function srmNet(p: Parameters, frames: Tf.Tensor4D, trunk: Trunk, hide?: Tf.Tensor2D): Tf.Tensor2D {
  const { tf } = p;
  const training = hide !== undefined;
  const noise = residuals(tf, frames);
  const features: Tf.Tensor2D =
    trunk === 'small'
      ? tf.concat([smallTrunk(p, 'picture', frames, training), smallTrunk(p, 'residual', noise, training)], 1)
      : attentiveFeatures(p, tf.sub(tf.mul(frames, 2), 1), noise, training);
  return dense(p, 'out', hide ? tf.mul(features, hide) : features, { units: 1, kernelInit: 'zeros' });
}

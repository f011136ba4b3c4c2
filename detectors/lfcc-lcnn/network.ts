/**
 * The light CNN of the LFCC-LCNN baseline of ASVspoof 2021: convolutions whose feature maps compete in pairs (max-feature-map: the larger
 * of two goes on; Wu et al.: A Light CNN for Deep Face Representation, 2018), then two bidirectional recurrent layers with a bypass, and the mean over time.
 * Stated deviations: coefficients are standardised by the training rows; of the two biases that PyTorch keeps per gate, and only ever adds, there is one.
 */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d, dense } from '../../src/compute/layers.ts';
import { bidirectionalLstm } from '../../src/compute/lstm.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { lfccWidth } from '../../src/dsp/lfcc.ts';
import type { Preset } from './presets.ts';

export type LcnnShape = Pick<Preset, 'narrower' | 'recurrent' | 'rows'>;
/** What is subtracted from and divided by in each column of the rows. */
export type Standard = { mean: Float32Array; spread: Float32Array };

type Layer = { filters: number; kernelSize: number; pooled?: true; normed?: true };
/** In the published order; half of the filters are left of each. */
const layers: Layer[] = [
  { filters: 64, kernelSize: 5, pooled: true },
  { filters: 64, kernelSize: 1, normed: true },
  { filters: 96, kernelSize: 3, pooled: true, normed: true },
  { filters: 96, kernelSize: 1, normed: true },
  { filters: 128, kernelSize: 3, pooled: true },
  { filters: 128, kernelSize: 1, normed: true },
  { filters: 64, kernelSize: 3, normed: true },
  { filters: 64, kernelSize: 1, normed: true },
  { filters: 64, kernelSize: 3, pooled: true },
];
/** Four poolings by two. */
const pooledBy = 16;
/** Share of the last feature maps that is hidden in training. */
export const dropRate = 0.7;

export const mapShape = ({ rows }: LcnnShape, batch: number): [number, number, number, 1] => [
  batch,
  rows,
  lfccWidth,
  1,
];

/** Moments and features of each behind the convolutions: [rows / 16, 3 · 32 / narrower]. */
export function featureShape({ rows, narrower }: LcnnShape): [moments: number, features: number] {
  return [rows / pooledBy, (Math.floor(lfccWidth / pooledBy) * layers.at(-1)!.filters) / 2 / narrower];
}

/**
 * The logit of being fake, [batch, 1], of maps [batch, rows, 60, 1]. `drops` is there in training alone: a multiplier mask over the features
 * [batch, moments, features].
 */
export function lcnn(
  p: Parameters,
  maps: Tf.Tensor4D,
  { mean, spread }: Standard,
  shape: LcnnShape,
  drops?: Tf.Tensor3D,
): Tf.Tensor2D {
  const { tf } = p;
  const column = (values: Float32Array): Tf.Tensor4D => tf.tensor4d(values, [1, 1, lfccWidth, 1]);
  let x: Tf.Tensor4D = tf.div(tf.sub(maps, column(mean)), column(spread));
  for (const [i, { filters, kernelSize, pooled, normed }] of layers.entries()) {
    x = maxFeatureMap(tf, conv2d(p, `conv${i}`, x, { filters: filters / shape.narrower, kernelSize }));
    if (pooled) x = tf.maxPool(x, 2, 2, 'valid');
    if (normed)
      x = batchNorm(p, `norm${i}`, x, {
        training: drops !== undefined,
        momentum: 0.9,
        epsilon: 1e-5,
        affine: false,
      });
  }
  const [moments, features] = featureShape(shape);
  let rows: Tf.Tensor3D = tf.reshape(x, [x.shape[0], moments, features]);
  if (drops) rows = tf.mul(rows, drops);
  if (shape.recurrent) {
    const once = bidirectionalLstm(p, 'lstm0', rows, features / 2);
    rows = tf.add(bidirectionalLstm(p, 'lstm1', once, features / 2), rows);
  }
  return dense(p, 'out', tf.mean(rows, 1), { units: 1 });
}

function maxFeatureMap(tf: typeof Tf, x: Tf.Tensor4D): Tf.Tensor4D {
  const [one, other] = tf.split(x, 2, 3) as [Tf.Tensor4D, Tf.Tensor4D];
  return tf.maximum(one, other);
}

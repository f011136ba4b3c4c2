/**
 * The networks behind `sync-own`, the measure of how well a mouth follows a sound. Unlike SyncNet and `av-sync` they look at one
 * frame at a time and weigh neighbouring frames afterwards, hear other features over a longer stretch, and learn by
 * another loss, so that a fake which pleases the one has no reason to please the other.
 */
import type * as Tf from '@tensorflow/tfjs';
import { conv1d, conv2d, dense, unitRows } from '../compute/layers.ts';
import type { Parameters } from '../compute/parameters.ts';
import { mfccCount } from '../dsp/mfcc.ts';
import { cropHeight, cropWidth } from './mouth-crops.ts';

/** Frames that are weighed, four on either side; 10 ms rows of sound around their middle. */
export const framesSeen = 9;
export const rowsHeard = 36;
export const featureCount = 24;
export const rowWidth = 32;
export const cropShape = [cropHeight, cropWidth, 1] as const;
export const featureShape = [framesSeen, featureCount] as const;
export const soundShape = [rowsHeard, mfccCount] as const;
/** Cosines are multiplied by this. */
const sharpness = 10;

/** Crops [N, 32, 48, 1] → what is seen of each, [N, 24]. */
export function seeCrop(p: Parameters, crops: Tf.Tensor4D): Tf.Tensor2D {
  const { tf } = p;
  let x = crops;
  for (const filters of [8, 16, 32])
    x = tf.leakyRelu(conv2d(p, `see/conv${filters}`, x, { filters, kernelSize: 5, strides: 2 }), 0.1);
  const [count, height, width, channels] = x.shape;
  return dense(p, 'see/out', tf.reshape(x, [count, height * width * channels]), { units: featureCount });
}

/** Nine neighbouring frames [N, 9, 24] → rows of length 1, [N, 32]. */
export function weighFrames(p: Parameters, features: Tf.Tensor3D): Tf.Tensor2D {
  const { tf } = p;
  const conv = (name: string, x: Tf.Tensor3D, kernelSize: number): Tf.Tensor3D =>
    conv1d(p, `weigh/${name}`, x, { filters: rowWidth, kernelSize, padding: 'valid' });
  const x = tf.leakyRelu(conv('conv1', features, 3), 0.1);
  const y = tf.leakyRelu(conv('conv2', x, 3), 0.1);
  return unitRows(tf, tf.reshape(conv('conv3', y, 5), [-1, rowWidth]));
}

/** Sound [N, 36, 26] → rows of length 1, [N, 32]. */
export function hear(p: Parameters, sound: Tf.Tensor3D): Tf.Tensor2D {
  const { tf } = p;
  let x = sound;
  for (const filters of [32, 48, 64])
    x = tf.leakyRelu(conv1d(p, `hear/conv${filters}`, x, { filters, kernelSize: 4, strides: 2 }), 0.1);
  const [count, length, channels] = x.shape;
  return unitRows(tf, dense(p, 'hear/out', tf.reshape(x, [count, length * channels]), { units: rowWidth }));
}

/**
 * Cross-entropy of "these two belong together" on their cosine (as Wav2Lip's expert, Prajwal et al., ACM MM 2020, with the sharpness
 * and learned bias of Zhai et al., ICCV 2023) within stretches of `length` frames: rows of one frame belong together, rows two frames
 * apart and more do not; the two kinds weigh the same. `picture`, `sound` [stretches · length, 32]. (A contrastive loss on
 * distances was tried first and collapsed: all rows became one.)
 */
export function belonging(
  p: Parameters,
  picture: Tf.Tensor2D,
  sound: Tf.Tensor2D,
  length: number,
): Tf.Scalar {
  const { tf } = p;
  const stretches = (x: Tf.Tensor2D): Tf.Tensor3D => tf.reshape(x, [-1, length, rowWidth]);
  const cosines: Tf.Tensor3D = tf.matMul(stretches(picture), stretches(sound), false, true);
  const logits = tf.add(tf.mul(sharpness, cosines), p.get('bias', [1], 'zeros'));
  const softplus = (x: Tf.Tensor): Tf.Tensor => tf.add(tf.relu(x), tf.softplus(tf.neg(tf.abs(x))));
  const own = tf.mul(
    softplus(tf.neg(logits)),
    masked(tf, length, (apart) => apart === 0),
  );
  const other = tf.mul(
    softplus(logits),
    masked(tf, length, (apart) => apart >= 2),
  );
  return tf.mul((length * length) / 2, tf.mean(tf.add(own, other)));
}

/** [1, length, length], zero but where `chosen(|t − s|)`, summing to 1. */
function masked(tf: typeof Tf, length: number, chosen: (apart: number) => boolean): Tf.Tensor3D {
  const values = Float32Array.from({ length: length * length }, (_, i) =>
    chosen(Math.abs(Math.floor(i / length) - (i % length))) ? 1 : 0,
  );
  const sum = values.reduce((total, value) => total + value, 0);
  return tf.tensor3d(
    values.map((value) => value / sum),
    [1, length, length],
  );
}

/**
 * SyncNet, small (Chung & Zisserman: Out of Time: Automated Lip Sync in the Wild, ACCV workshops 2016): one network looks at
 * five frames of the mouth, the other listens to the 0.2 s of sound around them; their outputs lie close where both belong
 * together. Stated deviations: crops of 32×48 for 224×224, three layers a side for seven, outputs of length 1.
 */
import type * as Tf from '@tensorflow/tfjs';
import { conv2d, dense, unitRows } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { meydaMfccCount } from '../../src/dsp/meyda.ts';
import { surpriseOf } from '../../src/learn/surprise.ts';
import { cropHeight, cropWidth } from '../../src/sync/mouth-crops.ts';

export const framesSeen = 5;
/** Rows of MFCC, 10 ms each. */
export const rowsHeard = 20;
export const embeddingCount = 64;
export const pictureShape = [cropHeight, cropWidth, framesSeen] as const;
export const soundShape = [rowsHeard, meydaMfccCount, 1] as const;
/** Cosines are multiplied by this before the softmax. */
const sharpness = 10;

/** Windows [N, 32, 48, 5] or [N, 20, 13, 1] → rows of length 1, [N, 64]; `side` names the parameters. */
export function embed(p: Parameters, side: 'picture' | 'sound', windows: Tf.Tensor4D): Tf.Tensor2D {
  const { tf } = p;
  let x = windows;
  for (const filters of [16, 32, 64]) {
    x = tf.leakyRelu(conv2d(p, `${side}/conv${filters}`, x, { filters, kernelSize: 3, strides: 2 }), 0.1);
  }
  const [count, height, width, channels] = x.shape;
  const flat: Tf.Tensor2D = tf.reshape(x, [count, height * width * channels]);
  const y = dense(p, `${side}/out`, flat, { units: embeddingCount });
  return unitRows(tf, y);
}

/**
 * InfoNCE (van den Oord et al., arXiv 1807.03748) among `moments` of one clip, both ways: each picture has to find its own sound
 * among those of the same sentence, and the reverse. The voice is the same for all of them, so whether it suits the face
 * teaches nothing. `picture`, `sound` [clips · moments, 64].
 */
export function contrast(
  tf: typeof Tf,
  picture: Tf.Tensor2D,
  sound: Tf.Tensor2D,
  moments: number,
): Tf.Scalar {
  const groups = (x: Tf.Tensor2D): Tf.Tensor3D => tf.reshape(x, [-1, moments, embeddingCount]);
  const cosines: Tf.Tensor3D = tf.matMul(groups(picture), groups(sound), false, true);
  const logits = tf.mul(sharpness, cosines) as Tf.Tensor3D;
  const own = tf.reshape(tf.eye(moments), [1, moments, moments]);
  const surprise = (axis: 1 | 2): Tf.Scalar => {
    const highest = tf.max(logits, axis, true);
    const total = tf.add(tf.log(tf.sum(tf.exp(tf.sub(logits, highest)), axis, true)), highest);
    return tf.mul(moments, tf.mean(tf.mul(tf.sub(total, logits), own)));
  };
  return tf.mul(0.5, tf.add(surprise(1), surprise(2)));
}

/** The same for one clip without TensorFlow.js: one row per moment. */
export function contrastOf(picture: readonly Float32Array[], sound: readonly Float32Array[]): number {
  const logit = (a: Float32Array, b: Float32Array): number =>
    sharpness * a.reduce((sum, value, j) => sum + value * b[j]!, 0);
  const both = picture.map((seen, m) => {
    const own = logit(seen, sound[m]!);
    return (
      surpriseOf(
        own,
        sound.map((heard) => logit(seen, heard)),
      ) +
      surpriseOf(
        own,
        picture.map((other) => logit(other, sound[m]!)),
      )
    );
  });
  return both.reduce((sum, value) => sum + value, 0) / (2 * both.length);
}

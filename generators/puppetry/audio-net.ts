/**
 * A2–A5: the networks that turn 16×29 windows of phone logits into audio expressions, and their loss. Neural Voice Puppetry's
 * released model (audio2ExpressionsAttentionTMP4): the 29 columns are the channels; its filter weighs eight neighbours.
 */
import type * as Tf from '@tensorflow/tfjs';
import { conv1d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { type AudioVariant, publishedAudio } from './variants.ts';

/** Length of an audio expression. */
export const latentCount = 32;
/** The eight neighbours of frame t that the filter weighs are t − 3 … t + 4. */
export const filterFrames = 8;
export const framesBefore = 3;
/** Expression = 10 · M · audio expression. */
export const mapScale = 10;
/** Maps are kept divided by this, which leaves their start at N(0, 1) and lets them learn that much faster than the nets. */
const mapSpeed = 30;

/** Spread of the last layer's first weights: latents start near 0, else maps of N(0, 1) shout and the nets learn to be silent. */
const smallStart = 0.001;

/** Windows [N, 16, 29] → latents [N, 32] in (−1, 1). 43,136 parameters. */
export function windowNet(tf: typeof Tf, p: Parameters, windows: Tf.Tensor3D): Tf.Tensor2D {
  let x: Tf.Tensor = windows;
  const conv = (name: string, filters: number, slope: number): void => {
    // One zero before and none after: with an even length and stride 2 the row of zeros after it would never be read.
    const padded = tf.pad(x as Tf.Tensor3D, [
      [0, 0],
      [1, 0],
      [0, 0],
    ]);
    x = tf.leakyRelu(
      conv1d(p, name, padded, { filters, kernelSize: 3, strides: 2, padding: 'valid' }),
      slope,
    );
  };
  conv('window/conv1', 32, 0.02);
  conv('window/conv2', 32, 0.02);
  conv('window/conv3', 64, 0.2);
  conv('window/conv4', 64, 0.2);
  x = tf.reshape(x, [windows.shape[0], 64]);
  x = tf.leakyRelu(dense(p, 'window/fc1', x as Tf.Tensor2D, { units: 128 }), 0.02);
  x = tf.leakyRelu(dense(p, 'window/fc2', x as Tf.Tensor2D, { units: 64 }), 0.02);
  const last = { units: latentCount, kernelInit: { normal: smallStart } };
  return tf.tanh(dense(p, 'window/fc3', x as Tf.Tensor2D, last)) as Tf.Tensor2D;
}

/** Latents of eight neighbours [N, 8, 32] → their weighted mean [N, 32]; the weights depend on the content. 2,149 parameters. */
export function temporalFilter(tf: typeof Tf, p: Parameters, latents: Tf.Tensor3D): Tf.Tensor2D {
  let x: Tf.Tensor3D = latents;
  [16, 8, 4, 2, 1].forEach((filters, i) => {
    x = tf.leakyRelu(
      conv1d(p, `filter/conv${i + 1}`, x, { filters, kernelSize: 3, strides: 1, padding: 'same' }),
      0.02,
    );
  });
  const scores = dense(p, 'filter/fc', tf.reshape(x, [-1, filterFrames]), { units: filterFrames });
  const weights = tf.reshape(tf.softmax(scores), [-1, filterFrames, 1]);
  return tf.sum(tf.mul(latents, weights), 1) as Tf.Tensor2D;
}

/** Without a filter: the frame's own latent of its eight neighbours. */
function ownLatent(tf: typeof Tf, _: Parameters, latents: Tf.Tensor3D): Tf.Tensor2D {
  const own = tf.slice(latents, [0, framesBefore, 0], [latents.shape[0], 1, latentCount]);
  return tf.reshape(own, [latents.shape[0], latentCount]);
}

/** What makes one latent [N, 32] of eight neighbours [N, 8, 32]. */
export const filterOf = ({ filter }: Pick<AudioVariant, 'filter'>): typeof temporalFilter =>
  filter === 'none' ? ownLatent : temporalFilter;

/** Neighbourhoods [B, L, 8, 32] of latents [B, L + 7, 32]: the shared-window trick, every window is computed once. */
function neighbourhoods(tf: typeof Tf, latents: Tf.Tensor3D): Tf.Tensor {
  const [batch, length] = latents.shape;
  const count = length - filterFrames + 1;
  const shifted = Array.from({ length: filterFrames }, (_, i) =>
    tf.reshape(tf.slice(latents, [0, i, 0], [batch, count, latentCount]), [batch, count, 1, latentCount]),
  );
  return tf.concat(shifted, 2);
}

/** Chunks of L frames with one neighbour on each side; the windows are those of the frames from 4 before to L + 4. */
export type Chunks = {
  /** [B·(L + 9), 16, 29] */
  windows: Tf.Tensor3D;
  /** [B, people], one-hot */
  person: Tf.Tensor2D;
  /** Target expressions [B, L + 2, K] */
  truth: Tf.Tensor3D;
  /** `expressionGram` of each person [B, K, K] */
  gram: Tf.Tensor3D;
};

/** The loss of the nets and of the people's maps on chunks. */
export function chunkLoss(
  tf: typeof Tf,
  p: Parameters,
  { windows, person, truth, gram }: Chunks,
  variant: AudioVariant = publishedAudio,
): ExpressionLoss {
  const [batch, people] = person.shape;
  const [, count, k] = truth.shape;
  const latents: Tf.Tensor3D = tf.reshape(windowNet(tf, p, windows), [
    batch,
    count + filterFrames - 1,
    latentCount,
  ]);
  const neighbours: Tf.Tensor3D = tf.reshape(neighbourhoods(tf, latents), [-1, filterFrames, latentCount]);
  const filtered: Tf.Tensor3D = tf.reshape(filterOf(variant)(tf, p, neighbours), [batch, count, latentCount]);
  const stored = p.get('maps', [people, latentCount * k], { normal: 1 / mapSpeed }) as unknown as Tf.Tensor2D;
  const maps = tf.mul(mapScale * mapSpeed, tf.matMul(person, stored));
  const own = tf.reshape(maps, [batch, latentCount, k]) as unknown as Tf.Tensor3D;
  const first = framesBefore + (variant.intermediate === 'code' ? 2 : 1);
  const centre = tf.slice(latents, [0, first, 0], [batch, count - 2, latentCount]);
  const predicted: Tf.Tensor3D = tf.matMul(filtered, own);
  const unfiltered: Tf.Tensor3D = tf.matMul(centre, own);
  return expressionLoss(tf, { predicted, unfiltered, truth, gram }, variant);
}

/** √ of the mean over batch and frames of eᵀGe, mm. `e` [B, L, K], `gram` [B, K, K] (`expressionGram`). */
export function vertexRms(tf: typeof Tf, e: Tf.Tensor3D, gram: Tf.Tensor3D): Tf.Scalar {
  const squares = tf.mul(tf.matMul(e, gram), e);
  return tf.sqrt(tf.add(tf.div(tf.sum(squares), e.shape[0] * e.shape[1]), 1e-8));
}

/** mm; the loss is the sum of the two. */
export type ExpressionLoss = { loss: Tf.Scalar; absolute: Tf.Scalar; relative: Tf.Scalar };

/**
 * The paper's loss on chunks of L frames with one neighbour on each side. `predicted` and `truth` [B, L + 2, K],
 * `unfiltered` [B, L, K] of the L frames themselves. Absolute: errors of t − 1, t and t + 1 and three times the unfiltered
 * one. Relative: 20 times the three temporal differences. `weights` in place of the 3 and the 20.
 */
export function expressionLoss(
  tf: typeof Tf,
  { predicted, truth, unfiltered, gram }: Record<'predicted' | 'truth' | 'unfiltered' | 'gram', Tf.Tensor3D>,
  weights: Pick<AudioVariant, 'unfiltered' | 'relative'> = publishedAudio,
): ExpressionLoss {
  const [batch, length, k] = [truth.shape[0], truth.shape[1] - 2, truth.shape[2]];
  const from = (x: Tf.Tensor3D, start: number): Tf.Tensor3D => tf.slice(x, [0, start, 0], [batch, length, k]);
  const error: Tf.Tensor3D = tf.sub(predicted, truth);
  const [before, now, after] = [from(error, 0), from(error, 1), from(error, 2)];
  const rms = (e: Tf.Tensor3D): Tf.Scalar => vertexRms(tf, e, gram);
  const absolute: Tf.Scalar = tf.addN([
    rms(before),
    rms(now),
    rms(after),
    tf.mul(weights.unfiltered, rms(tf.sub(unfiltered, from(truth, 1)))),
  ]);
  const steps = [rms(tf.sub(now, after)), rms(tf.sub(before, now)), rms(tf.sub(after, before))];
  const relative: Tf.Scalar = tf.mul(weights.relative, tf.addN(steps));
  return { loss: tf.add(absolute, relative), absolute, relative };
}

/**
 * DiffAugment (Zhao et al., NeurIPS 2020): real and made pictures are changed alike before the discriminator sees them, so that it does not learn the few
 * real ones by heart, and the changes can be differentiated, so that the generator learns from what it says. Policy colour, translation, cutout.
 */
import type * as Tf from '@tensorflow/tfjs';
import type { TfNamespace } from '../../src/compute/record.ts';
import type { Rng } from '../../src/random.ts';

/** How far a picture is shifted at most and how large a square is cut out, as shares of its side. */
const shiftShare = 1 / 8;
const cutShare = 1 / 2;

/** Inputs of a step by name: a row of colour changes, two shift matrices and a mask for each picture. */
export const augmentShapes = (batch: number, sizePx: number) =>
  ({
    /** Brightness added, factor of saturation, factor of contrast. */
    colour: { shape: [batch, 3] },
    /** 1 where a row comes from another (transposed for columns). */
    rows: { shape: [batch, sizePx, sizePx] },
    columns: { shape: [batch, sizePx, sizePx] },
    /** 0 where a square is cut out. */
    hole: { shape: [batch, sizePx, sizePx, 1] },
  }) as const;

export type Augment = { colour: Tf.Tensor2D; rows: Tf.Tensor3D; columns: Tf.Tensor3D; hole: Tf.Tensor4D };

/** Changes pictures [N, S, S, 3] in [-1, 1]: brightness, saturation, contrast, shifted with zeros following, a square of zeros. */
export function augment(tf: TfNamespace, pictures: Tf.Tensor4D, drawn: Augment): Tf.Tensor4D {
  const [n, height, width, channels] = pictures.shape;
  const [brightness, saturation, contrast] = tf
    .split(drawn.colour, 3, 1)
    .map((column) => tf.reshape(column, [n, 1, 1, 1])) as [Tf.Tensor4D, Tf.Tensor4D, Tf.Tensor4D];
  let x = tf.add(pictures, brightness) as Tf.Tensor4D;
  const grey = tf.mean(x, 3, true);
  x = tf.add(tf.mul(tf.sub(x, grey), saturation), grey);
  const level = tf.mean(x, [1, 2, 3], true);
  x = tf.add(tf.mul(tf.sub(x, level), contrast), level);
  const lines = tf.matMul(drawn.rows, tf.reshape(x, [n, height, width * channels]) as Tf.Tensor3D);
  const upright = tf.reshape(tf.transpose(tf.reshape(lines, [n, height, width, channels]), [0, 2, 1, 3]), [
    n,
    width,
    height * channels,
  ]) as Tf.Tensor3D;
  const shifted = tf.reshape(tf.matMul(drawn.columns, upright), [n, width, height, channels]);
  return tf.mul(tf.transpose(shifted, [0, 2, 1, 3]), drawn.hole);
}

/**
 * Draws the changes of a step: brightness ±0.5, saturation 0 to 2, contrast 0.5 to 1.5, shifts of whole pixels, squares anywhere.
 * @param share How many pictures are changed at all.
 */
export function drawAugment(
  batch: number,
  sizePx: number,
  share: number,
  rng: Rng,
): Record<keyof Augment, Float32Array> {
  const area = sizePx * sizePx;
  const drawn = {
    colour: new Float32Array(batch * 3),
    rows: new Float32Array(batch * area),
    columns: new Float32Array(batch * area),
    hole: new Float32Array(batch * area).fill(1),
  };
  const mostPx = Math.round(sizePx * shiftShare);
  const cutPx = Math.round(sizePx * cutShare);
  for (let i = 0; i < batch; i++) {
    const changed = rng.uniform() < share;
    drawn.colour.set(
      changed ? [rng.uniform(-0.5, 0.5), rng.uniform(0, 2), rng.uniform(0.5, 1.5)] : [0, 1, 1],
      i * 3,
    );
    for (const matrix of [drawn.rows, drawn.columns]) {
      const shift = changed ? rng.int(2 * mostPx + 1) - mostPx : 0;
      for (let to = Math.max(0, shift); to < Math.min(sizePx, sizePx + shift); to++)
        matrix[i * area + to * sizePx + to - shift] = 1;
    }
    if (!changed) continue;
    // The square's middle lies anywhere in the picture, so that a part of it may lie outside.
    const [left, top] = [rng.int(sizePx + 1) - cutPx / 2, rng.int(sizePx + 1) - cutPx / 2];
    for (let y = Math.max(0, top); y < Math.min(sizePx, top + cutPx); y++)
      for (let x = Math.max(0, left); x < Math.min(sizePx, left + cutPx); x++)
        drawn.hole[i * area + y * sizePx + x] = 0;
  }
  return drawn;
}

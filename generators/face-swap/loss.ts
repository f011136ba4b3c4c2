/** What a face swap learns by: structure (SSIM) and colour (L1) inside the face, and the face's mask. */
import type * as Tf from '@tensorflow/tfjs';
import { meanLandmarks } from '../../src/faces/crop.ts';
import { blurMask, hullMask } from '../../src/faces/mask.ts';

/** Constants of SSIM for pictures in [0, 1], and its window: 11 pixels of a Gaussian of σ 1.5 (Wang et al. 2004). */
const [c1, c2] = [0.01 ** 2, 0.03 ** 2];
const windowPx = 11;
const sigmaPx = 1.5;
const weights = { structure: 1, colour: 2, mask: 0.5 };

/** How much more a difference of colour counts at the eyes and at the mouth (the faceswap project's defaults). */
const [eyes, mouth] = [3, 2];
/** Around their landmarks as far as lids and lips reach, as a share of the crop's side. */
const softShare = 0.04;
/** Of the 51 landmarks: those of the left eye, of the right one, and of the mouth. */
const features = [
  { from: 36 - 17, to: 42 - 17, weight: eyes },
  { from: 42 - 17, to: 48 - 17, weight: eyes },
  { from: 48 - 17, to: 68 - 17, weight: mouth },
];

/** Weights of a crop's pixels, row by row: 1, and more where the mean face has eyes and mouth. Faces are aligned to it. */
export function pixelWeights(sizePx: number): Float32Array {
  const landmarks = meanLandmarks(sizePx);
  const weights = new Float32Array(sizePx * sizePx).fill(1);
  for (const { from, to, weight } of features) {
    const hull = hullMask(landmarks.subarray(2 * from, 2 * to), sizePx, sizePx);
    blurMask(hull, sizePx, sizePx, softShare * sizePx).forEach((share, i) => {
      weights[i] = Math.max(weights[i]!, 1 + (weight - 1) * Math.min(1, 4 * share));
    });
  }
  return weights;
}

/** [length, length − 10]: column k holds the window from row k on. */
function windowMatrix(tf: typeof Tf, length: number): Tf.Tensor2D {
  const taps = Array.from({ length: windowPx }, (_, i) =>
    Math.exp(-((i - windowPx / 2 + 0.5) ** 2) / (2 * sigmaPx ** 2)),
  );
  const total = taps.reduce((sum, value) => sum + value, 0);
  const columns = length - windowPx + 1;
  const values = new Float32Array(length * columns);
  for (let k = 0; k < columns; k++)
    for (const [i, tap] of taps.entries()) values[(k + i) * columns + k] = tap / total;
  return tf.tensor2d(values, [length, columns]);
}

/** Mean SSIM of the luma over all windows that lie wholly inside; pictures [N, S, S, 3] in [0, 1]. */
export function meanSsim(tf: typeof Tf, a: Tf.Tensor4D, b: Tf.Tensor4D): Tf.Scalar {
  const [count, side] = a.shape;
  const window = windowMatrix(tf, side);
  const kept = window.shape[1];
  const along = (x: Tf.Tensor, rows: number): Tf.Tensor =>
    tf.transpose(
      tf.reshape(tf.matMul(tf.reshape(x, [count * rows, side]) as Tf.Tensor2D, window), [count, rows, kept]),
      [0, 2, 1],
    );
  const blur = (x: Tf.Tensor): Tf.Tensor => along(along(x, side), kept);
  const luma = (x: Tf.Tensor4D): Tf.Tensor => tf.sum(tf.mul(x, tf.tensor1d([0.299, 0.587, 0.114])), 3);
  const [lumaA, lumaB] = [luma(a), luma(b)];
  const [meanA, meanB] = [blur(lumaA), blur(lumaB)];
  const [squareA, squareB, product] = [tf.square(meanA), tf.square(meanB), tf.mul(meanA, meanB)];
  const variances = tf.sub(tf.add(blur(tf.square(lumaA)), blur(tf.square(lumaB))), tf.add(squareA, squareB));
  const covariance = tf.sub(blur(tf.mul(lumaA, lumaB)), product);
  const light = tf.div(tf.add(tf.mul(2, product), c1), tf.add(tf.add(squareA, squareB), c1));
  return tf.mean(tf.mul(light, tf.div(tf.add(tf.mul(2, covariance), c2), tf.add(variances, c2))));
}

/**
 * The loss of one batch. `drawn` [N, S, S, 3 or 4]: colours and, where there is one, the mask, before the sigmoid. `truth` [N, S, S, 3] and
 * `mask` [N, S, S, 1] in [0, 1]. What lies outside the mask is not judged.
 */
export function swapLoss(
  tf: typeof Tf,
  drawn: Tf.Tensor4D,
  { truth, mask }: { truth: Tf.Tensor4D; mask: Tf.Tensor4D },
): { loss: Tf.Scalar; metrics: Record<string, Tf.Scalar> } {
  const [count, side, , channels] = drawn.shape;
  const part = (from: number, size: number): Tf.Tensor4D =>
    tf.slice(drawn, [0, 0, 0, from], [count, side, side, size]);
  const face: Tf.Tensor4D = tf.mul(tf.sigmoid(part(0, 3)), mask);
  const wanted: Tf.Tensor4D = tf.mul(truth, mask);
  const structure: Tf.Scalar = tf.div(tf.sub(1, meanSsim(tf, face, wanted)), 2);
  const weighed = tf.mul(mask, tf.tensor4d(pixelWeights(side), [1, side, side, 1]));
  const colour: Tf.Scalar = tf.div(
    tf.sum(tf.mul(tf.abs(tf.sub(face, wanted)), weighed)),
    tf.mul(3, tf.maximum(tf.sum(weighed), 1)),
  );
  const parts = [tf.mul(weights.structure, structure), tf.mul(weights.colour, colour)];
  if (channels < 4) return { loss: tf.addN(parts) as Tf.Scalar, metrics: { structure, colour } };
  const outline: Tf.Scalar = tf.mean(tf.square(tf.sub(tf.sigmoid(part(3, 1)), mask)));
  const loss = tf.addN([...parts, tf.mul(weights.mask, outline)]) as Tf.Scalar;
  return { loss, metrics: { structure, colour, mask: outline } };
}

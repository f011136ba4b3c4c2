/** R3: the renderer's loss. Weights 1, 5 and 10 as in Neural Voice Puppetry; what stands for VGG is stated in `renderer-net.ts`. */
import type * as Tf from '@tensorflow/tfjs';
import type { Rendered } from './renderer-net.ts';
import { publishedRenderer, type RendererVariant } from './variants.ts';

/** SSIM's constants for pictures in [-1, 1] (range 2). */
const c1 = (0.01 * 2) ** 2;
const c2 = (0.03 * 2) ** 2;
const structureWeight = 2;
const gradientWeight = 10;
/** Sides of the blocks over which structure is compared. */
const blockSizes = [4, 8, 16] as const;

/** Mean absolute difference over pixels and channels, weighed by a mask [N, S, S, 1] that is not empty. */
export function maskedL1(tf: typeof Tf, a: Tf.Tensor4D, b: Tf.Tensor4D, mask: Tf.Tensor4D): Tf.Scalar {
  const sum = tf.sum(tf.mul(tf.abs(tf.sub(a, b)), mask));
  return tf.div(sum, tf.mul(3, tf.maximum(tf.sum(mask), 1)));
}

/** Mean absolute difference between the horizontal and vertical steps of two pictures. */
export function gradientDifference(tf: typeof Tf, a: Tf.Tensor4D, b: Tf.Tensor4D): Tf.Scalar {
  const error: Tf.Tensor4D = tf.sub(a, b);
  const [n, height, width, c] = error.shape;
  const part = (y: number, x: number, h: number, w: number): Tf.Tensor4D =>
    tf.slice(error, [0, y, x, 0], [n, h, w, c]);
  const down = tf.sub(part(1, 0, height - 1, width), part(0, 0, height - 1, width));
  const across = tf.sub(part(0, 1, height, width - 1), part(0, 0, height, width - 1));
  return tf.add(tf.mean(tf.abs(down)), tf.mean(tf.abs(across)));
}

/** Mean SSIM of the luma over blocks of `side`² pixels that do not overlap; 1 for equal pictures. Sides must divide the picture. */
export function blockSsim(tf: typeof Tf, a: Tf.Tensor4D, b: Tf.Tensor4D, side: number): Tf.Scalar {
  const [n, height, width] = a.shape;
  const blocks = [n * (height / side), side, width / side, side];
  const mean = (x: Tf.Tensor): Tf.Tensor => tf.mean(tf.mean(tf.reshape(x, blocks), 3), 1);
  const luma = (x: Tf.Tensor4D): Tf.Tensor => tf.sum(tf.mul(x, tf.tensor1d([0.299, 0.587, 0.114])), 3);
  const [lumaA, lumaB] = [luma(a), luma(b)];
  const [meanA, meanB] = [mean(lumaA), mean(lumaB)];
  const variance = (x: Tf.Tensor, y: Tf.Tensor, mx: Tf.Tensor, my: Tf.Tensor): Tf.Tensor =>
    tf.sub(mean(tf.mul(x, y)), tf.mul(mx, my));
  const light = tf.div(
    tf.add(tf.mul(2, tf.mul(meanA, meanB)), c1),
    tf.add(tf.add(tf.square(meanA), tf.square(meanB)), c1),
  );
  const variances = tf.add(variance(lumaA, lumaA, meanA, meanA), variance(lumaB, lumaB, meanB, meanB));
  const structure = tf.div(
    tf.add(tf.mul(2, variance(lumaA, lumaB, meanA, meanB)), c2),
    tf.add(variances, c2),
  );
  return tf.mean(tf.mul(light, structure));
}

/**
 * The loss of one batch. `face` and `hole` are masks [N, S, S, 1], `weight` says how much a pixel counts; the window outside the
 * hole is not judged.
 */
export function rendererLoss(
  tf: typeof Tf,
  { sampled, decoded, final }: Rendered,
  { truth, face, hole, weight }: Record<'truth' | 'face' | 'hole' | 'weight', Tf.Tensor4D>,
  { faceTerms }: Pick<RendererVariant, 'faceTerms'> = publishedRenderer,
): { loss: Tf.Scalar; metrics: Record<string, Tf.Scalar> } {
  const colour = maskedL1(tf, final, truth, weight);
  const weighedFace: Tf.Tensor4D = tf.mul(face, weight);
  const shown: Tf.Tensor4D = tf.add(tf.mul(final, hole), tf.mul(truth, tf.sub(1, hole)));
  const gradient = gradientDifference(tf, shown, truth);
  const structure = tf.addN(blockSizes.map((side) => tf.sub(1, blockSsim(tf, shown, truth, side))));
  // The published code means to weigh by pixels / face pixels and weighs by 1 / face pixels.
  const [count, height, width] = truth.shape;
  const faceWeight = faceTerms === 'code' ? 1 / (count * height * width) : 1;
  const loss = tf.addN([
    tf.mul(faceWeight, maskedL1(tf, sampled, truth, weighedFace)),
    tf.mul(5 * faceWeight, maskedL1(tf, decoded, truth, weighedFace)),
    tf.mul(10, colour),
    tf.mul(gradientWeight, gradient),
    tf.mul(structureWeight, structure),
  ]);
  return { loss: loss as Tf.Scalar, metrics: { colour, gradient, structure: structure as Tf.Scalar } };
}

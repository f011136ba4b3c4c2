import type * as Tf from '@tensorflow/tfjs';
import { recordBackend, type TfNamespace } from './record.ts';

/** What is subtracted and divided by, and the scale and offset that follow; all broadcast against x. */
type Statistics = { mean: Tf.Tensor; variance: Tf.Tensor; scale: Tf.Tensor; offset: Tf.Tensor };

/**
 * (x − mean) / √(variance + ε) · scale + offset. Recorded it is one kernel; TensorFlow.js' own does not take statistics per image, so
 * eager backends spell it out.
 */
function standardize(
  tf: TfNamespace,
  x: Tf.Tensor,
  { mean, variance, scale, offset }: Statistics,
  epsilon: number,
): Tf.Tensor {
  if (tf.getBackend() === recordBackend && x.shape.length === 4) {
    return tf
      .engine()
      .runKernel('FusedBatchNorm', { x, mean, variance, scale, offset }, { varianceEpsilon: epsilon });
  }
  const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(normal, scale), offset);
}

/**
 * x̂ · scale + offset with x̂ = (x − mean) / √(variance + ε), mean and variance over `axes`, scale and offset [channels]. Its own
 * gradient, dx = scale / √(variance + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)), makes a third of the passes over memory that differentiating
 * through mean and variance makes (Ioffe & Szegedy 2015, section 3).
 */
export function normalize<T extends Tf.Tensor>(
  tf: TfNamespace,
  x: T,
  axes: number[],
  epsilon: number,
  scale: Tf.Tensor,
  offset: Tf.Tensor,
): T {
  const average = (value: Tf.Tensor): Tf.Tensor => tf.mean(value, axes, true);
  const op = tf.customGrad((...args: (Tf.Tensor | Tf.GradSaveFunc)[]) => {
    const [input, gain, shift, save] = args as [Tf.Tensor, Tf.Tensor, Tf.Tensor, Tf.GradSaveFunc];
    const mean = average(input);
    const centred = tf.sub(input, mean);
    const variance = average(tf.square(centred));
    const like = (value: Tf.Tensor): Tf.Tensor => tf.add(tf.zerosLike(mean), value);
    const value = standardize(tf, input, { mean, variance, scale: like(gain), offset: like(shift) }, epsilon);
    save([input, centred, mean, variance, gain]);
    const gradFunc = (dy: Tf.Tensor, saved: Tf.Tensor[]): Tf.Tensor[] => {
      const [image, deviation, centre, spread, factor] = saved as [
        Tf.Tensor,
        Tf.Tensor,
        Tf.Tensor,
        Tf.Tensor,
        Tf.Tensor,
      ];
      const inverse = tf.rsqrt(tf.add(spread, epsilon));
      const steepness = tf.mul(inverse, factor);
      const along = tf.mul(average(tf.mul(dy, deviation)), inverse);
      const level = average(dy);
      const correction = {
        mean: centre,
        variance: spread,
        scale: tf.mul(steepness, along),
        offset: tf.mul(steepness, level),
      };
      const dx = tf.sub(tf.mul(dy, steepness), standardize(tf, image, correction, epsilon));
      const count = dy.size / level.size;
      const perChannel = (mean_: Tf.Tensor): Tf.Tensor => tf.mul(tf.sum(mean_, range(dy.rank - 1)), count);
      return [dx, perChannel(along), perChannel(level)];
    };
    return { value, gradFunc };
  });
  return op(x, scale, offset) as T;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

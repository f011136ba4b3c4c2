import type * as Tf from '@tensorflow/tfjs';
import type { TfNamespace } from './record.ts';

/**
 * (x − mean) / √(variance + ε) over `axes`. Its own gradient, (dy − mean(dy) − x̂ · mean(dy · x̂)) / √(variance + ε), takes a third of the
 * passes over memory that differentiating through mean and variance takes.
 */
export function normalize<T extends Tf.Tensor>(tf: TfNamespace, x: T, axes: number[], epsilon: number): T {
  const op = tf.customGrad((input: Tf.Tensor | Tf.GradSaveFunc, save: Tf.Tensor | Tf.GradSaveFunc) => {
    const centred = tf.sub(input as Tf.Tensor, tf.mean(input as Tf.Tensor, axes, true));
    const variance = tf.mean(tf.square(centred), axes, true);
    const factor = tf.rsqrt(tf.add(variance, epsilon));
    const value = tf.mul(centred, factor);
    (save as Tf.GradSaveFunc)([value, factor]);
    const gradFunc = (dy: Tf.Tensor, saved: Tf.Tensor[]): Tf.Tensor => {
      const [normal, scale] = saved as [Tf.Tensor, Tf.Tensor];
      const along = tf.mul(normal, tf.mean(tf.mul(dy, normal), axes, true));
      return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, axes, true)), along), scale);
    };
    return { value, gradFunc };
  });
  return op(x) as T;
}

import type * as Tf from '@tensorflow/tfjs';
import type { TfNamespace } from './record.ts';

/**
 * Samples a texture [H, W, C] bilinearly: row n of the result [N, C] is Σ_j weights[n, j] · texel(indices[n, j]), where texel i is
 * row ⌊i / W⌋, column i mod W. Indices in [0, H·W), int32. Differentiable in texture and weights (a neural texture, Thies et al. 2019). Corner by
 * corner, which takes half the time of one product [N, 4, C] and its sum; its gradient gathers all corners again for a single scatter.
 */
export function sampleTexture(
  tf: TfNamespace,
  texture: Tf.Tensor,
  indices: Tf.Tensor2D,
  weights: Tf.Tensor2D,
): Tf.Tensor2D {
  const [height, width, channels] = texture.shape as [number, number, number];
  const count = indices.shape[0];
  const cornersOf = (places: Tf.Tensor2D): Tf.Tensor1D[] =>
    tf.split(places, 4, 1).map((column) => tf.reshape(column, [count]));
  const op = tf.customGrad((...args: (Tf.Tensor | Tf.GradSaveFunc)[]) => {
    const [texels, shares, places, save] = args as [Tf.Tensor2D, Tf.Tensor2D, Tf.Tensor2D, Tf.GradSaveFunc];
    const columns = tf.split(shares, 4, 1);
    const value = cornersOf(places)
      .map((corner, j) => tf.mul(tf.gather(texels, corner), columns[j]!))
      .reduce((sum, part) => tf.add(sum, part));
    save([texels, shares, places]);
    const gradFunc = (dy: Tf.Tensor, saved: Tf.Tensor[]): Tf.Tensor[] => {
      const [all, weight, where] = saved as [Tf.Tensor, Tf.Tensor, Tf.Tensor2D];
      const spread = tf.mul(tf.reshape(dy, [count, 1, channels]), tf.reshape(weight, [count, 4, 1]));
      const rows: Tf.Tensor2D = tf.reshape(spread, [count * 4, channels]);
      const flat: Tf.Tensor1D = tf.reshape(where, [count * 4]);
      const along = cornersOf(where).map((corner) => tf.sum(tf.mul(tf.gather(all, corner), dy), 1));
      return [tf.unsortedSegmentSum(rows, flat, height * width), tf.stack(along, 1), tf.zeros([count, 4])];
    };
    return { value, gradFunc };
  });
  return op(tf.reshape(texture, [height * width, channels]), weights, indices) as Tf.Tensor2D;
}

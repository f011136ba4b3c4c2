import type * as Tf from '@tensorflow/tfjs';
import type { TfNamespace } from './record.ts';

/**
 * Samples a texture [H, W, C] bilinearly: row n of the result [N, C] is Σ_j weights[n, j] · texel(indices[n, j]), where texel i is
 * row ⌊i / W⌋, column i mod W. Indices in [0, H·W), int32. Differentiable in the texture (a neural texture, Thies et al. 2019).
 */
export function sampleTexture(
  tf: TfNamespace,
  texture: Tf.Tensor,
  indices: Tf.Tensor2D,
  weights: Tf.Tensor2D,
): Tf.Tensor2D {
  const [height, width, channels] = texture.shape as [number, number, number];
  const count = indices.shape[0];
  const texels = tf.gather(tf.reshape(texture, [height * width, channels]), tf.reshape(indices, [count * 4]));
  const corners = tf.reshape(texels, [count, 4, channels]);
  return tf.sum(tf.mul(corners, tf.reshape(weights, [count, 4, 1])), 1);
}

/** The blocks of face-swap networks, as in the faceswap project and in DeepFaceLab. Faces are [N, S, S, 3] in [0, 1]. */
import type * as Tf from '@tensorflow/tfjs';
import { conv2d } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';

/** Half the size: 5×5 convolution of stride 2, leaky by 0.1. */
export function down(p: Parameters, name: string, x: Tf.Tensor4D, filters: number): Tf.Tensor4D {
  return p.tf.leakyRelu(conv2d(p, name, x, { filters, kernelSize: 5, strides: 2 }), 0.1);
}

/** Twice the size: 3×3 convolution to four times the filters, leaky by 0.1, whose channels become 2×2 pixels. */
export function up(p: Parameters, name: string, x: Tf.Tensor4D, filters: number): Tf.Tensor4D {
  return shuffle(p.tf, p.tf.leakyRelu(conv2d(p, name, x, { filters: 4 * filters, kernelSize: 3 }), 0.1));
}

/** [N, H, W, 4f] → [N, 2H, 2W, f]: the first f channels are the upper left pixels (depth to space). */
export function shuffle(tf: typeof Tf, x: Tf.Tensor4D): Tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const parted = tf.reshape(x, [n, height, width, 2, 2, channels / 4]);
  return tf.reshape(tf.transpose(parted, [0, 1, 3, 2, 4, 5]), [n, 2 * height, 2 * width, channels / 4]);
}

/** Two 3×3 convolutions beside the input, leaky by 0.2. */
export function residual(p: Parameters, name: string, x: Tf.Tensor4D): Tf.Tensor4D {
  const { tf } = p;
  const filters = x.shape[3];
  const first = tf.leakyRelu(conv2d(p, `${name}/a`, x, { filters, kernelSize: 3 }), 0.2);
  return tf.leakyRelu(tf.add(x, conv2d(p, `${name}/b`, first, { filters, kernelSize: 3 })), 0.2);
}

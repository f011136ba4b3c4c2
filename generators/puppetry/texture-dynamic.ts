/**
 * Dynamic neural textures (the published code's "dynamic-expression"): three dense layers turn an expression into a filter of 4×4 texels for each
 * channel, tanh at the end, and what the filters make of the texture is added to it. Deviations: filters of single channels, where the code's go from all to
 * all; and added, so that it begins as the static texture, whose first three channels are colours.
 */
import type * as Tf from '@tensorflow/tfjs';
import { dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { textureChannels, type TextureSize, rowsOf } from './texture.ts';

const filterPx = 4;
const hidden = [128, 64] as const;

/** Textures [N, rows, columns, 16] as they are under expressions [N, K]. */
export function underExpressions(
  p: Parameters,
  textures: Tf.Tensor4D,
  expressions: Tf.Tensor2D,
): Tf.Tensor4D {
  const { tf } = p;
  const [count, rows, columns] = textures.shape;
  let x = expressions;
  for (const [i, units] of hidden.entries()) x = tf.leakyRelu(dense(p, `filters/${i}`, x, { units }), 0.2);
  const units = filterPx * filterPx * textureChannels;
  const filters = tf.tanh(dense(p, 'filters/last', x, { units, kernelInit: 'zeros' }));
  // All textures as channels of one picture, so that a single convolution does it.
  const channels = count * textureChannels;
  const side: Tf.Tensor4D = tf.reshape(tf.transpose(textures, [1, 2, 0, 3]), [1, rows, columns, channels]);
  const own = tf.transpose(tf.reshape(filters, [count, filterPx, filterPx, textureChannels]), [1, 2, 0, 3]);
  const kernel: Tf.Tensor4D = tf.reshape(own, [filterPx, filterPx, channels, 1]);
  const filtered = tf.reshape(tf.depthwiseConv2d(side, kernel, 1, 'same'), [
    rows,
    columns,
    count,
    textureChannels,
  ]);
  return tf.add(textures, tf.transpose(filtered, [2, 0, 1, 3]));
}

/** In a training step: of a stack of textures [people · rows, columns, 16] those of `people` [N], under their expressions; one below the other. */
export function dynamicTexture(
  p: Parameters,
  stack: Tf.Tensor,
  { people, expressions }: { people: Tf.Tensor1D; expressions: Tf.Tensor2D },
  size: TextureSize,
): Tf.Tensor3D {
  const { tf } = p;
  const [rows, columns] = [rowsOf(size), size.columns];
  const each = tf.reshape(stack, [-1, rows * columns * textureChannels]);
  const chosen: Tf.Tensor4D = tf.reshape(tf.gather(each, people), [-1, rows, columns, textureChannels]);
  return tf.reshape(underExpressions(p, chosen, expressions), [-1, columns, textureChannels]);
}

/** Inputs of the exported network, `count` textures and expressions at a time. */
export const dynamicInputs = (count: number, size: TextureSize) =>
  ({
    textures: { shape: [count, rowsOf(size), size.columns, textureChannels] },
    expressions: { shape: [count, expressionCount] },
  }) as const;

/**
 * Hierarchical neural textures (Thies et al., as published with the author's later code): a texture is the sum of four, of which each
 * is half as fine as the one before, and the finer ones are held small. Deviation: coarse texels are enlarged as they are and the sum is
 * sampled bilinearly, where the original samples each level bilinearly.
 */
import type * as Tf from '@tensorflow/tfjs';
import type { Parameters } from '../../src/compute/parameters.ts';
import type { NamedTensors } from '../../src/tensors.ts';
import { textureChannels } from './texture.ts';

/** Weight of each level's mean square in the loss, from fine to coarse. */
const levelWeights = [8, 2, 1, 0] as const;

/** Textures of several people, one below the other. */
export type TextureStack = { people: number; rows: number; columns: number };

const nameOf = (level: number): string => `texture/level${level}`;

function shapeOf({ people, rows, columns }: TextureStack, level: number): [number, number, number, number] {
  const factor = 2 ** level;
  return [people, Math.ceil(rows / factor), Math.ceil(columns / factor), textureChannels];
}

/** Where in a level the value is that a value of the sum takes from it. */
function placeIn({ rows, columns }: TextureStack, level: number): (index: number) => number {
  const factor = 2 ** level;
  const [levelRows, levelColumns] = [Math.ceil(rows / factor), Math.ceil(columns / factor)];
  return (index) => {
    const channel = index % textureChannels;
    const texel = (index - channel) / textureChannels;
    const column = texel % columns;
    const row = ((texel - column) / columns) % rows;
    const person = Math.floor(texel / (rows * columns));
    const place =
      (person * levelRows + Math.floor(row / factor)) * levelColumns + Math.floor(column / factor);
    return place * textureChannels + channel;
  };
}

/** Levels whose sum is `values` (as `firstTextures` gives them): the coarsest takes the mean of each block, the next that of what is left. */
export function splitLevels(values: Float32Array, stack: TextureStack): NamedTensors {
  const left = values.slice();
  const levels: NamedTensors = {};
  for (let level = levelWeights.length - 1; level >= 0; level--) {
    const shape = shapeOf(stack, level);
    const place = placeIn(stack, level);
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const counts = new Float32Array(data.length);
    left.forEach((value, i) => {
      data[place(i)]! += value;
      counts[place(i)]! += 1;
    });
    for (let i = 0; i < data.length; i++) data[i]! /= counts[i]!;
    for (let i = 0; i < left.length; i++) left[i]! -= data[place(i)]!;
    levels[nameOf(level)] = { shape, data };
  }
  return levels;
}

/** The sum of the levels, one person below the other [people · rows, columns, 16]. */
export function sumLevels(levels: NamedTensors, stack: TextureStack): Float32Array {
  const sum = new Float32Array(stack.people * stack.rows * stack.columns * textureChannels);
  for (let level = 0; level < levelWeights.length; level++) {
    const { data } = levels[nameOf(level)]!;
    const place = placeIn(stack, level);
    for (let i = 0; i < sum.length; i++) sum[i]! += data[place(i)]!;
  }
  return sum;
}

/** In a training step: the sum as `sumLevels` has it, and the loss that holds fine levels small. */
export function levelledTexture(
  tf: typeof Tf,
  p: Parameters,
  stack: TextureStack,
): { texture: Tf.Tensor3D; penalty: Tf.Scalar } {
  const { people, rows, columns } = stack;
  const levels = levelWeights.map(
    (_, level): Tf.Tensor4D => p.get(nameOf(level), shapeOf(stack, level), 'zeros') as unknown as Tf.Tensor4D,
  );
  const enlarged = levels.map((values, level): Tf.Tensor4D => {
    const [, levelRows, levelColumns] = values.shape;
    const factor = 2 ** level;
    if (factor === 1) return values;
    const large = tf.image.resizeNearestNeighbor(values, [levelRows * factor, levelColumns * factor]);
    return tf.slice(large, [0, 0, 0, 0], [people, rows, columns, textureChannels]);
  });
  const penalties = levels
    .slice(0, -1)
    .map((values, i) => tf.mul(levelWeights[i]!, tf.mean(tf.square(values))));
  return {
    texture: tf.reshape(tf.addN(enlarged), [people * rows, columns, textureChannels]),
    penalty: tf.addN(penalties) as Tf.Scalar,
  };
}

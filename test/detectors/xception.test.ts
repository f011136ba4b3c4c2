import type * as Tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import type { Parameters } from '../../src/compute/parameters.ts';
import { crossAttention, xceptionBlocks, xceptionStem, xceptionTail } from '../../src/frame-net/xception.ts';
import { createRng } from '../../src/random.ts';
import { parametersOf, runNetwork, trainableCount } from '../support/networks.ts';

const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const xception = (p: Parameters, x: Tf.Tensor4D, training: boolean): Tf.Tensor4D => {
  const part = { name: 'x', training };
  return xceptionTail(p, part, xceptionBlocks(p, part, xceptionStem(p, part, x), all));
};

it('has as many parameters as published: 22,855,952 with 1000 classes, and 54,528 moving averages', async () => {
  const p = await parametersOf([1, 32, 32, 3], xception);
  expect(trainableCount(p)).toBe(22_855_952 - 2049 * 1000);
  expect([...p.buffers().values()].reduce((sum, { size }) => sum + size, 0)).toBe(54_528);
  const data = new Float32Array(299 * 299 * 3).fill(0.5);
  expect((await runNetwork(p, [1, 299, 299, 3], xception, data)).shape).toEqual([1, 10, 10, 2048]);
});

it('streams ask each other: what is found is that of the slow definition', async () => {
  const [rows, columns, channels] = [2, 3, 8];
  const build = (p: Parameters, x: Tf.Tensor4D): Tf.Tensor => {
    const [a, b] = p.tf.split(x, 2, 3) as [Tf.Tensor4D, Tf.Tensor4D];
    return p.tf.concat(crossAttention(p, 'mix', a, b), 3);
  };
  const shape: [number, number, number, number] = [1, rows, columns, 2 * channels];
  const p = await parametersOf(shape, build);
  const rng = createRng(1, 'attention');
  const data = Float32Array.from({ length: rows * columns * 2 * channels }, () => rng.normal());
  expect((await runNetwork(p, shape, build, data)).data).toEqual(data); // begins by changing nothing
  p.load({ 'mix/a/share': { shape: [1], data: Float32Array.of(0.5) } });
  p.load({ 'mix/b/share': { shape: [1], data: Float32Array.of(-2) } });
  const found = (await runNetwork(p, shape, build, data)).data;
  const places = Array.from({ length: rows * columns }, (_, i) => i);
  const own = (side: 'a' | 'b', place: number): number[] =>
    [...data.subarray(place * 2 * channels, (place + 1) * 2 * channels)].slice(
      ...(side === 'a' ? [0, channels] : [channels]),
    );
  const project = (name: string, x: number[]): number[] => {
    const [kernel, bias] = ['kernel', 'bias'].map((kind) => p.trainable().get(`${name}/${kind}`)!.dataSync());
    return Array.from({ length: bias!.length }, (_, o) =>
      x.reduce((sum, value, i) => sum + value * kernel![i * bias!.length + o]!, bias![o]!),
    );
  };
  const key = (side: 'a' | 'b', place: number): number => project(`mix/${side}/key`, own(side, place))[0]!;
  for (const [asks, answers, share, offset] of [
    ['a', 'b', 0.5, 0],
    ['b', 'a', -2, channels],
  ] as const)
    for (const place of places) {
      const weights = places.map((other) => Math.exp(key(asks, place) * key(answers, other)));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (const other of places)
          sum += (weights[other]! / total) * project(`mix/${answers}/value`, own(answers, other))[c]!;
        expect(found[place * 2 * channels + offset + c]).toBeCloseTo(own(asks, place)[c]! + share * sum, 4);
      }
    }
});

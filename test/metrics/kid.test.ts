import { studentQuantile } from '../../src/metrics/distributions.ts';
import { expect, test } from 'vitest';
import { type Features, kernelDistance } from '../../src/metrics/kid.ts';
import { createRng } from '../../src/random.ts';

const draw = (scope: string, people: string[], width: number, shift = 0): Features => {
  const rng = createRng(2, scope);
  return {
    people,
    width,
    rows: Float32Array.from({ length: people.length * width }, () => rng.normal(shift)),
  };
};
const rowsOf = ({ rows, width, people }: Features): number[][] =>
  people.map((_, i) => Array.from({ length: width }, (_, k) => rows[i * width + k]!));
const kernel = (a: number[], b: number[]): number =>
  (a.reduce((sum, value, k) => sum + value * b[k]!, 0) / a.length + 1) ** 3;

/** Every pair, one by one. */
function slow(x: Features, y: Features): number {
  const [a, b] = [rowsOf(x), rowsOf(y)];
  const within = (rows: number[][]): number => {
    let sum = 0;
    rows.forEach((one, i) => rows.forEach((other, j) => (sum += i === j ? 0 : kernel(one, other))));
    return sum / (rows.length * (rows.length - 1));
  };
  let between = 0;
  for (const one of a) for (const other of b) between += kernel(one, other);
  return within(a) + within(b) - (2 * between) / (a.length * b.length);
}

test.each([
  [5, 7, 3, 0],
  [12, 4, 8, 1],
  [2, 2, 1, -2],
])('equals the definition (%d and %d rows of %d, moved by %d)', (n, m, width, shift) => {
  const name = (_: unknown, i: number): string => `p${i % 3}`;
  const x = draw('x', Array.from({ length: n }, name), width);
  const y = draw('y', Array.from({ length: m }, name), width, shift);
  expect(kernelDistance(x, y).value).toBeCloseTo(slow(x, y), 10);
});

test('is unbiased: over many pairs of sets from one distribution its mean is 0, and it grows with the distance', () => {
  const people = ['a', 'b', 'c', 'd', 'e', 'f'];
  const distances = (shift: number): number[] =>
    Array.from({ length: 300 }, (_, i) =>
      slow(draw(`one ${i}`, people, 4), draw(`other ${i}`, people, 4, shift)),
    );
  const own = Array.from(
    { length: 300 },
    (_, i) => kernelDistance(draw(`one ${i}`, people, 4), draw(`other ${i}`, people, 4)).value!,
  );
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const error = Math.sqrt(mean(own.map((value) => value ** 2)) / own.length);
  expect(Math.abs(mean(own))).toBeLessThan(3 * error);
  expect(mean(own)).toBeLessThan(mean(distances(0.5)) / 2);
  expect(mean(distances(0.5))).toBeLessThan(mean(distances(1)) / 2);
});

test('the interval is that of the jackknife: everybody left out in turn, with all their rows', () => {
  const people = ['a', 'b', 'c', 'd', 'e', 'a', 'b', 'c', 'd', 'e'];
  const [x, y] = [draw('x', people, 4), draw('y', people, 4, 0.3)];
  const rowsWithout = (set: Features, who: string): Features => {
    const kept = rowsOf(set).filter((_, i) => set.people[i] !== who);
    return { width: set.width, people: set.people.filter((name) => name !== who), rows: kept.flat() };
  };
  const parts = ['a', 'b', 'c', 'd', 'e'].map((who) => slow(rowsWithout(x, who), rowsWithout(y, who)));
  const mean = parts.reduce((sum, part) => sum + part, 0) / 5;
  const error = Math.sqrt((4 / 5) * parts.reduce((sum, part) => sum + (part - mean) ** 2, 0));
  const { value, low, high } = kernelDistance(x, y) as { value: number; low: number; high: number };
  const deviations = studentQuantile(0.975, 4);
  expect((high - value) / deviations).toBeCloseTo(error, 8);
  expect((value - low) / deviations).toBeCloseTo(error, 8);
  expect(
    kernelDistance(rowsWithout(draw('x', ['a', 'b', 'a', 'b'], 2), ''), draw('y', ['a', 'b'], 2)),
  ).toMatchObject({
    low: null,
    reason: 'an interval needs at least 3 source identities, got 2',
  });
});

test('two rows at least, and of one width', () => {
  const one = draw('x', ['a'], 2);
  const three = draw('y', ['a', 'b', 'c'], 2);
  expect(kernelDistance(one, three)).toEqual({
    value: null,
    reason: 'a kernel distance needs two pictures on each side, got 1',
  });
  expect(() => kernelDistance(three, draw('z', ['a', 'b'], 3))).toThrow('rows of 2 and of 3');
});

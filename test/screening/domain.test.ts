/** The test of the domain, against the distance written out for two features and for what it must tell apart. */
import { expect, test } from 'vitest';
import { createRng } from '../../src/random.ts';
import { distance, fitDomain, isWithin } from '../../src/screening/domain.ts';

const rng = createRng(5, 'domain');
/** Two features that hang together. */
const one = (): number[] => {
  const [a, b] = [rng.normal(), rng.normal()];
  return [10 + 2 * a, -3 + a + 0.5 * b];
};
const many = (count: number): number[][] => Array.from({ length: count }, one);

test('two features: the distance is that of the inverse written out', () => {
  const shape = { mean: [1, 2], covariance: [4, 1, 1, 3] };
  const [x, y] = [2, -3];
  // (x y) Σ⁻¹ (x y)ᵀ with Σ⁻¹ = [3 −1; −1 4] / 11.
  expect(distance(shape, [1 + x, 2 + y])).toBeCloseTo(
    Math.sqrt((3 * x * x - 2 * x * y + 4 * y * y) / 11),
    12,
  );
});

/** People with so many rows each. */
const people = (count: number, each = 1): Map<string, number[][]> =>
  new Map(Array.from({ length: count }, (_, i) => [`p${i}`, many(each)]));

test('of held back people one in twenty has a row beyond, and of others about as many', () => {
  const held = people(100, 3);
  const domain = fitDomain(many(200), held);
  const beyond = (all: Map<string, number[][]>): number =>
    [...all.values()].filter((rows) => rows.some((row) => !isWithin(domain, row))).length;
  expect(beyond(held)).toBe(5);
  expect(domain.border.rate).toMatchObject({ stated: 0.05, identities: 100, above: 5 });
  expect(beyond(people(2000, 3)) / 2000).toBeLessThan(domain.border.rate.upper);
});

test('correlations are drawn towards none the more the fewer rows there are (Ledoit & Wolf)', () => {
  const off = (count: number): number => {
    const { covariance } = fitDomain(many(count), people(1));
    return covariance[1]! / Math.sqrt(covariance[0]! * covariance[3]!);
  };
  // Of the features above: 2 / (2 · √1.25).
  expect(off(20_000)).toBeCloseTo(0.894, 2);
  expect(off(2)).toBeLessThan(1);
  const rows = many(10);
  const [first, second] = [0, 1].map((j) => {
    const middle = rows.reduce((sum, row) => sum + row[j]! / 10, 0);
    return [middle, Math.sqrt(rows.reduce((sum, row) => sum + (row[j]! - middle) ** 2 / 10, 0))];
  }) as [number[], number[]];
  const z = rows.map(([a, b]) => [(a! - first[0]!) / first[1]!, (b! - second[0]!) / second[1]!]);
  const r = z.reduce((sum, [a, b]) => sum + (a! * b!) / 10, 0);
  // The slow definition: every entry of each row's own product against their mean.
  let byChance = 0;
  for (const row of z)
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 2; j++) byChance += (row[i]! * row[j]! - (i === j ? 1 : r)) ** 2 / 10 ** 2;
  const { covariance } = fitDomain(rows, people(1));
  const found = covariance[1]! / Math.sqrt(covariance[0]! * covariance[3]!);
  expect(found).toBeCloseTo((1 - byChance / (2 * r ** 2)) * r, 10);
});

test('what is usual feature by feature and odd in how they hang together lies beyond', () => {
  const domain = fitDomain(many(200), people(50));
  const [x, y] = [10 + 3, -3 - 1.5];
  expect(isWithin(domain, [x, y])).toBe(false);
});

test('a feature that never varies is allowed a thousandth, and no more', () => {
  const rows = (): number[][] => many(50).map((row) => [...row, 7]);
  const domain = fitDomain(rows(), new Map([['p', rows()]]));
  expect(isWithin(domain, [10, -3, 7.001])).toBe(true);
  expect(isWithin(domain, [10, -3, 7.2])).toBe(false);
});

test('without files there is no domain', () => {
  expect(() => fitDomain(many(1), people(5))).toThrow(RangeError);
  expect(() => fitDomain(many(5), new Map())).toThrow(RangeError);
});

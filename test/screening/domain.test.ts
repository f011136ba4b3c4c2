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

test('what was held back lies within, and one in about as many of others beyond', () => {
  const [fitted, held] = [many(200), many(50)];
  const domain = fitDomain(fitted, held);
  expect(held.every((row) => isWithin(domain, row))).toBe(true);
  const beyond = many(2000).filter((row) => !isWithin(domain, row)).length / 2000;
  expect(beyond).toBeLessThan(0.1);
});

test('what is usual feature by feature and odd in how they hang together lies beyond', () => {
  const domain = fitDomain(many(200), many(50));
  const [x, y] = [10 + 3, -3 - 1.5];
  expect(isWithin(domain, [x, y])).toBe(false);
});

test('a feature that never varies is allowed a thousandth, and no more', () => {
  const rows = (): number[][] => many(50).map((row) => [...row, 7]);
  const domain = fitDomain(rows(), rows());
  expect(isWithin(domain, [10, -3, 7.001])).toBe(true);
  expect(isWithin(domain, [10, -3, 7.2])).toBe(false);
});

test('without files there is no domain', () => {
  expect(() => fitDomain(many(1), many(5))).toThrow(RangeError);
  expect(() => fitDomain(many(5), [])).toThrow(RangeError);
});

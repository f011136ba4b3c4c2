/** Where a score begins to mean something, against the binomial distribution written out and against drawn people. */
import { expect, test } from 'vitest';
import { createRng } from '../../src/random.ts';
import { thresholdFor, upperBound } from '../../src/screening/thresholds.ts';

/** The probability of `count` or fewer of `total`, term by term. */
function atMost(count: number, total: number, p: number): number {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
  return Array.from(
    { length: count + 1 },
    (_, k) => choose(total, k) * p ** k * (1 - p) ** (total - k),
  ).reduce((a, b) => a + b);
}

test.each([
  [0, 10],
  [0, 60],
  [1, 60],
  [5, 100],
  [9, 10],
])('%i of %i: at the bound, so few have a probability of 5 %%', (count, total) => {
  expect(atMost(count, total, upperBound(count, total))).toBeCloseTo(0.05, 9);
});

test('what is to hold with more confidence has a wider bound', () => {
  expect(atMost(2, 200, upperBound(2, 200, 0.05 / 6))).toBeCloseTo(0.05 / 6, 9);
  const people = new Map(Array.from({ length: 59 }, (_, i) => [`p${i}`, [i]] as const));
  expect(thresholdFor(people, 0, 0.01).rate.upper).toBeCloseTo(1 - 0.01 ** (1 / 59), 9);
});

test('nobody of n above: 1 − 0.05^(1/n); everybody: 1', () => {
  expect(upperBound(0, 59)).toBeCloseTo(1 - 0.05 ** (1 / 59), 9);
  expect(upperBound(7, 7)).toBe(1);
});

test('people count and not files, each by the largest score', () => {
  const people = new Map(Array.from({ length: 20 }, (_, i) => [`p${i}`, [i, -i]] as const));
  expect(thresholdFor(people, 0.1)).toMatchObject({
    value: 17,
    rate: { stated: 0.1, identities: 20, above: 2 },
  });
  expect(thresholdFor(people, 0.01)).toMatchObject({ value: 19, rate: { above: 0 } });
});

test('equal scores: no more lie above than stated', () => {
  const people = new Map(Array.from({ length: 10 }, (_, i) => [`p${i}`, [i < 5 ? 0 : 1]] as const));
  expect(thresholdFor(people, 0.2)).toMatchObject({ value: 1, rate: { above: 0 } });
});

test('the true rate is above its bound in no more than one of twenty draws', () => {
  const rng = createRng(3, 'thresholds');
  const draws = 2000;
  let beyond = 0;
  for (let i = 0; i < draws; i++) {
    const people = new Map(Array.from({ length: 40 }, (_, p) => [`p${p}`, [rng.uniform()]] as const));
    const { value, rate } = thresholdFor(people, 0.05);
    if (1 - value > rate.upper) beyond++;
  }
  // Exactly 5 % in the mean; four standard deviations of 2000 draws are 2 %.
  expect(beyond / draws).toBeGreaterThan(0.03);
  expect(beyond / draws).toBeLessThan(0.07);
});

test('nobody, or a share that is none, is refused', () => {
  expect(() => thresholdFor(new Map(), 0.1)).toThrow(RangeError);
  expect(() => thresholdFor(new Map([['a', [1]]]), 1)).toThrow(RangeError);
});

import { expect, test } from 'vitest';
import { bootstrap, meanWithInterval, pairedDifference, quantile } from '../../src/metrics/bootstrap.ts';
import { createRng } from '../../src/random.ts';

test('quantiles are linear between order statistics', () => {
  expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile([1, 2, 3, 5], p))).toEqual([
    1,
    1.75,
    2.5,
    expect.closeTo(4.4, 12),
    5,
  ]);
});

test('every resample draws as many groups as there are', () => {
  const { skipped } = bootstrap(
    7,
    (drawn) => {
      expect(drawn.reduce((sum, count) => sum + count, 0)).toBe(7);
      return [0];
    },
    { rng: createRng(1), replicates: 50 },
  );
  expect(skipped).toBe(0);
});

test('resamples in which a statistic is undefined are counted; too many and there is no interval', () => {
  let call = 0;
  const some = bootstrap(3, () => (call++ % 4 === 0 ? undefined : [call]), {
    rng: createRng(1),
    replicates: 100,
  });
  expect(some.skipped).toBe(25);
  expect(some.interval(0).low).not.toBeNull();
  const none = bootstrap(3, () => undefined, { rng: createRng(1), replicates: 100 });
  expect(none.interval(0)).toEqual({
    low: null,
    high: null,
    reason: 'only 0 of 100 resamples hold both classes',
  });
});

test('the interval of a mean over groups is near the normal one, and wider than over single values', () => {
  const rng = createRng(2);
  const groups = Array.from({ length: 400 }, (_, i) => `g${Math.floor(i / 10)}`);
  const effects = Array.from({ length: 40 }, () => rng.normal());
  const values = groups.map((_, i) => effects[Math.floor(i / 10)]! + rng.normal(0, 0.1));
  const clustered = meanWithInterval(values, groups, { rng: createRng(3) }) as {
    value: number;
    low: number;
    high: number;
  };
  const mean = effects.reduce((sum, effect) => sum + effect, 0) / 40;
  const deviation = Math.sqrt(effects.reduce((sum, effect) => sum + (effect - mean) ** 2, 0) / 39);
  expect(clustered.high - clustered.low).toBeGreaterThan(2 * 1.96 * (deviation / Math.sqrt(40)) * 0.85);
  expect(clustered.high - clustered.low).toBeLessThan(2 * 1.96 * (deviation / Math.sqrt(40)) * 1.15);
  const single = meanWithInterval(
    values,
    values.map((_, i) => `v${i}`),
    { rng: createRng(3) },
  ) as { low: number; high: number };
  expect(single.high - single.low).toBeLessThan((clustered.high - clustered.low) / 2);
});

test('a paired difference is the mean of the differences', () => {
  const measured = pairedDifference([3, 4, 8, 9], [1, 2, 3, 4], ['a', 'a', 'b', 'c'], { rng: createRng(1) });
  expect(measured).toMatchObject({ value: 3.5, low: 2, high: 5 });
});

test('too few groups, no values, values that are not finite', () => {
  expect(meanWithInterval([1, 3], ['a', 'b'], { rng: createRng(1) })).toEqual({
    value: 2,
    low: null,
    high: null,
    reason: 'an interval needs at least 3 source identities, got 2',
  });
  expect(meanWithInterval([], [], { rng: createRng(1) })).toEqual({
    value: null,
    reason: 'there are no values',
  });
  expect(() => meanWithInterval([1, Infinity], ['a', 'b'], { rng: createRng(1) })).toThrow(
    'value 2 of 2 is Infinity',
  );
  expect(() => pairedDifference([1], [1, 2], ['a'], { rng: createRng(1) })).toThrow('pairs are needed');
});

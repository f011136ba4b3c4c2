import { expect, test } from 'vitest';
import { bootstrap, meanWithInterval, pairedDifference, quantile } from '../../src/metrics/bootstrap.ts';
import { measureScores } from '../../src/metrics/detection.ts';
import { normalBelow } from '../../src/metrics/distributions.ts';
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
  const sums: number[] = [];
  const { skipped } = bootstrap(
    7,
    (drawn) => {
      sums.push(drawn.reduce((sum, count) => sum + count, 0));
      return [0];
    },
    { rng: createRng(1), replicates: 50 },
  );
  // Then each group is left out once, and nobody.
  expect(sums).toEqual([...Array(50).fill(7), ...Array(7).fill(6), 7]);
  expect(skipped).toBe(0);
});

test.each([10, 16, 64])(
  '95 %% intervals of an AUC hold the truth at least 9 times in 10: %i identities of 8 clips, intraclass correlation 0.3',
  (people) => {
    // Scores of all clips have variance 1, so the AUC of fakes d above real clips is that of a normal difference.
    const [share, distance] = [0.3, 1.5];
    const truth = normalBelow(distance / Math.SQRT2);
    for (const kinds of [1, 2]) {
      let held = 0;
      const trials = 300;
      for (let trial = 0; trial < trials; trial++) {
        const rng = createRng(people, 'coverage', kinds, trial);
        const items = Array.from({ length: people }, (_, person) => {
          // A person's real clips and fakes are alike, or each class by itself.
          const own = [0, 1].map(() => rng.normal(0, Math.sqrt(share)));
          return Array.from({ length: 8 }, (__, i) => {
            const fake = i % 2;
            const score = distance * fake + own[fake % kinds]! + rng.normal(0, Math.sqrt(1 - share));
            return { truth: fake ? ('fake' as const) : ('real' as const), score, group: `${person}` };
          });
        }).flat();
        const { auc } = measureScores(items, { rng: rng.fork('bootstrap'), replicates: 200 });
        if (auc.value !== null && typeof auc.low === 'number' && auc.low <= truth && truth <= auc.high!)
          held++;
      }
      expect(held / trials).toBeGreaterThanOrEqual(0.9);
    }
  },
);

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

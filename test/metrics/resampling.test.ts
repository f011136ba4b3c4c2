import { expect, test } from 'vitest';
import { resample, meanWithInterval, pairedDifference, quantile } from '../../src/metrics/resampling.ts';
import { measureScores, type ScoredItem } from '../../src/metrics/detection.ts';
import { studentQuantile } from '../../src/metrics/distributions.ts';
import { createRng, type Rng } from '../../src/random.ts';

test('quantiles are linear between order statistics', () => {
  expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile([1, 2, 3, 5], p))).toEqual([
    1,
    1.75,
    2.5,
    expect.closeTo(4.4, 12),
    5,
  ]);
});

test('every replicate holds half of the groups, each group as often as another', () => {
  const seen = new Float64Array(17);
  const sums = new Set<number>();
  const { skipped } = resample(
    17,
    (drawn) => {
      sums.add(drawn.reduce((sum, count) => sum + count, 0));
      drawn.forEach((count, group) => (seen[group]! += count));
      return [0];
    },
    { rng: createRng(1), replicates: 7000 },
  );
  expect([...sums]).toEqual([17, 8]);
  expect(skipped).toBe(0);
  for (const count of seen) expect(Math.abs(count / 7001 - 8 / 17)).toBeLessThan(0.02);
});

test('of few groups every half is taken once', () => {
  const halves: string[] = [];
  const few = resample(
    8,
    (drawn) => {
      halves.push(drawn.join(''));
      return [drawn.reduce((sum, inside, group) => sum + inside * group, 0)];
    },
    { rng: createRng(1) },
  );
  expect(new Set(halves.slice(1)).size).toBe(70);
  expect(halves).toHaveLength(71);
  expect(few.skipped).toBe(0);
});

test('a mean’s standard error is that of the textbook, also for an odd number of groups', () => {
  for (const count of [9, 10]) {
    const rng = createRng(4, count);
    const values = Array.from({ length: count }, () => rng.normal());
    const mean = values.reduce((sum, value) => sum + value / count, 0);
    const error = Math.sqrt(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1) / count,
    );
    const found = meanWithInterval(
      values,
      values.map((_, i) => `${i}`),
      { rng: createRng(5) },
    ) as Record<'low' | 'high', number>;
    expect((found.high - found.low) / 2 / (studentQuantile(0.975, count - 1) * error)).toBeCloseTo(1, 12);
    expect((found.high + found.low) / 2).toBeCloseTo(mean, 12);
  }
});

test.each([
  [8, 0.3, 1.5],
  [10, 0.3, 1.5],
  [16, 0.3, 1.5],
  [64, 0.3, 1.5],
  [8, 0.95, 1.5],
  [10, 0.3, 0],
  [10, 0.3, 3],
  [10, 0.3, 4],
])(
  '95-percent intervals of AUC, EER and AP hold the truth at least 9 times in 10: %i identities of 8 clips, intraclass correlation %f, fakes %f deviations above',
  (people, share, distance) => {
    for (const kinds of [1, 2]) {
      const truth = measureScores(people20k(share, distance, kinds), { rng: createRng(0), replicates: 0 });
      const held = { auc: 0, eer: 0, ap: 0 };
      const trials = 200;
      for (let trial = 0; trial < trials; trial++) {
        const rng = createRng(people, 'coverage', kinds, trial);
        const found = measureScores(scored(people, share, distance, kinds, rng), {
          rng: rng.fork('halves'),
          replicates: 200,
        });
        for (const metric of ['auc', 'eer', 'ap'] as const) {
          const own = found[metric];
          const wanted = truth[metric].value!;
          if (own.value !== null && typeof own.low === 'number' && own.low <= wanted && wanted <= own.high!)
            held[metric]++;
        }
      }
      for (const [metric, count] of Object.entries(held))
        expect(count / trials, `${metric}, ${kinds}`).toBeGreaterThanOrEqual(0.9);
    }
  },
);

/** Scores of variance 1 within a class; a person's real clips and fakes lean to the same side (`kinds` 1), or each class by itself (2). */
function scored(people: number, share: number, distance: number, kinds: number, rng: Rng): ScoredItem[] {
  return Array.from({ length: people }, (_, person) => {
    const own = [0, 1].map(() => rng.normal(0, Math.sqrt(share)));
    return Array.from({ length: 8 }, (__, i): ScoredItem => {
      const fake = i % 2;
      const score = distance * fake + own[fake % kinds]! + rng.normal(0, Math.sqrt(1 - share));
      return { truth: fake ? 'fake' : 'real', score, group: `${person}` };
    });
  }).flat();
}

test.each([
  [10, 4],
  [32, 4],
])(
  'two-way: %i identities, each driven by %i others who lend their fakes a quarter of the variance: 9 times in 10 too',
  (people, drivers) => {
    const truth = measureScores(driven(5000, drivers, createRng(1, 'truth')), {
      rng: createRng(0),
      replicates: 0,
    });
    const held = { twoWay: 0, seenAlone: 0 };
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const rng = createRng(people, 'two-way', trial);
      const items = driven(people, drivers, rng);
      const holds = (own: ScoredItem[]): number => {
        const { auc } = measureScores(own, { rng: rng.fork('halves'), replicates: 200 });
        const { low, high } = auc as Record<'low' | 'high', number>;
        return low <= truth.auc.value! && truth.auc.value! <= high ? 1 : 0;
      };
      held.twoWay += holds(items);
      held.seenAlone += holds(items.map(({ truth: own, score, group }) => ({ truth: own, score, group })));
    }
    expect(held.twoWay / trials).toBeGreaterThanOrEqual(0.9);
    expect(held.twoWay).toBeGreaterThan(held.seenAlone);
  },
);

/** Each person in four real clips and in fakes driven by the next few; the driver's own share is in the fakes alone. */
function driven(people: number, drivers: number, rng: Rng): ScoredItem[] {
  const [seen, driving] = [0, 1].map(() => Array.from({ length: people }, () => rng.normal(0, 0.5)));
  return seen!.flatMap((own, person) => [
    ...Array.from(
      { length: 4 },
      (): ScoredItem => ({ truth: 'real', score: own + rng.normal(0, Math.sqrt(0.75)), group: `${person}` }),
    ),
    ...Array.from({ length: drivers }, (_, i): ScoredItem => {
      const driver = (person + 1 + i) % people;
      const score = 1.5 + own + driving![driver]! + rng.normal(0, Math.sqrt(0.5));
      return { truth: 'fake', score, group: `${person}`, driver: `${driver}` };
    }),
  ]);
}

/** So many that the figures are the true ones, of pairs within a person too. */
const people20k = (share: number, distance: number, kinds: number): ScoredItem[] =>
  scored(20_000, share, distance, kinds, createRng(1, 'truth', kinds));

test('a share of 1 or 0 has an interval as wide as so many people allow, and so has one that no half changes', () => {
  const same = (value: number, groups: number) =>
    resample(groups, () => [value], { rng: createRng(1), replicates: 100 }).interval(0, 'share') as Record<
      'low' | 'high',
      number
    >;
  for (const groups of [3, 8, 100]) {
    const square = studentQuantile(0.975, groups - 1) ** 2;
    expect(same(1, groups)).toEqual({ low: expect.closeTo(groups / (groups + square), 12), high: 1 });
    expect(same(0, groups)).toEqual({ low: 0, high: expect.closeTo(square / (groups + square), 12) });
  }
  const square = studentQuantile(0.975, 7) ** 2;
  const reach = Math.sqrt(square / 4 / (8 + square));
  expect(same(0.5, 8)).toEqual({
    low: expect.closeTo(0.5 - reach, 12),
    high: expect.closeTo(0.5 + reach, 12),
  });
  const difference = (value: number) =>
    resample(8, () => [value], { rng: createRng(1), replicates: 100 }).interval(0);
  expect(difference(0)).toEqual({ low: 0, high: 0 });
  expect(difference(0.1)).toMatchObject({ low: null, reason: expect.stringContaining('no spread') });
});

test('resamples in which a statistic is undefined are counted; too many and there is no interval', () => {
  let call = 0;
  const some = resample(9, () => (call++ % 4 === 3 ? undefined : [call]), {
    rng: createRng(1),
    replicates: 100,
  });
  expect(some.skipped).toBe(25);
  expect(some.interval(0).low).not.toBeNull();
  const none = resample(9, () => undefined, { rng: createRng(1), replicates: 100 });
  expect(none.interval(0)).toEqual({
    low: null,
    high: null,
    reason: 'only 0 of 100 halves hold both classes',
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
  const { value, low, high } = measured as Record<'value' | 'low' | 'high', number>;
  expect(value).toBe(3.5);
  expect(low + high).toBeCloseTo(7, 12);
  expect(low).toBeLessThan(value);
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

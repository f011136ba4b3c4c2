import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ap,
  auc,
  eer,
  measureScores,
  pointsByIdentity,
  rocCurve,
  type ScoredItem,
} from '../../src/metrics/detection.ts';
import { delong } from '../../src/metrics/delong.ts';
import { studentQuantile } from '../../src/metrics/distributions.ts';
import { rankScores } from '../../src/metrics/ranking.ts';
import { createRng } from '../../src/random.ts';
import type { Measured } from '../../src/types.ts';

type Labelled = { score: number; fake: boolean }[];

const rank = (items: Labelled) =>
  rankScores(
    items.map((item) => item.score),
    items.map((item) => item.fake),
  );
const split = (items: Labelled) => ({
  fakes: items.filter((item) => item.fake).map((item) => item.score),
  reals: items.filter((item) => !item.fake).map((item) => item.score),
});

/** The definition: every pair of a fake and a real item, ties count half. */
function pairwiseAuc(items: Labelled): number {
  const { fakes, reals } = split(items);
  const wins = fakes.flatMap((fake) => reals.map((real) => (fake > real ? 1 : fake === real ? 0.5 : 0)));
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
}

/** Both error rates at every threshold by counting, then the crossing on the straight line between neighbours. */
function sweptEer(items: Labelled): number {
  const { fakes, reals } = split(items);
  const thresholds = [Infinity, ...[...new Set(items.map((item) => item.score))].sort((a, b) => b - a)];
  const points = thresholds.map((threshold) => ({
    alarms: reals.filter((score) => score >= threshold).length / reals.length,
    misses: fakes.filter((score) => score < threshold).length / fakes.length,
  }));
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!];
    if (b.alarms < b.misses) continue;
    // alarms(t) = misses(t) for alarms(t) = a.alarms + t·(b.alarms - a.alarms), and misses alike
    const t = (a.misses - a.alarms) / (b.alarms - a.alarms + a.misses - b.misses);
    return a.alarms + t * (b.alarms - a.alarms);
  }
  throw new Error('the rates never cross');
}

/** Precision and recall at every distinct score by counting. */
function countedAp(items: Labelled): number {
  const { fakes } = split(items);
  let before = 0;
  let sum = 0;
  for (const threshold of [...new Set(items.map((item) => item.score))].sort((a, b) => b - a)) {
    const called = items.filter((item) => item.score >= threshold);
    const found = called.filter((item) => item.fake).length;
    sum += (found / fakes.length - before) * (found / called.length);
    before = found / fakes.length;
  }
  return sum;
}

// few distinct values, so that ties within and across classes are common; also arbitrary doubles
const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const bothClasses = fc
  .array(fc.record({ score, fake: fc.boolean() }), { minLength: 2, maxLength: 25 })
  .filter((items) => items.some((item) => item.fake) && items.some((item) => !item.fake));

describe('against the definition', () => {
  const cases: [string, (items: Labelled) => Measured, (items: Labelled) => number][] = [
    ['auc', (items) => auc(rank(items)), pairwiseAuc],
    ['eer', (items) => eer(rank(items)), sweptEer],
    ['ap', (items) => ap(rank(items)), countedAp],
  ];
  test.each(cases)('%s on 2,000 random cases with ties', (_name, fast, slow) => {
    fc.assert(
      fc.property(bothClasses, (items) => {
        expect(Math.abs((fast(items).value ?? Number.NaN) - slow(items))).toBeLessThanOrEqual(1e-12);
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  test('negated scores give 1 - AUC and the same EER for exchanged classes', () => {
    fc.assert(
      fc.property(bothClasses, (items) => {
        const negated = items.map((item) => ({ score: -item.score, fake: item.fake }));
        const exchanged = negated.map((item) => ({ score: item.score, fake: !item.fake }));
        expect(auc(rank(negated)).value).toBeCloseTo(1 - auc(rank(items)).value!, 12);
        expect(eer(rank(exchanged)).value).toBeCloseTo(eer(rank(items)).value!, 12);
      }),
      { seed: 8 },
    );
  });

  test('the area under the ROC curve by trapezoids is the AUC', () => {
    fc.assert(
      fc.property(bothClasses, (items) => {
        const curve = rocCurve(rank(items));
        let area = 0;
        for (let i = 1; i < curve.length; i++) {
          const [a, b] = [curve[i - 1]!, curve[i]!];
          area +=
            ((b.falsePositiveRate - a.falsePositiveRate) * (a.truePositiveRate + b.truePositiveRate)) / 2;
        }
        expect(area).toBeCloseTo(auc(rank(items)).value!, 12);
        expect(curve.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
      }),
      { seed: 9 },
    );
  });
});

describe('known values', () => {
  const fakes = [0.9, 0.8, 0.7, 0.6, 0.55, 0.3];
  const reals = [0.65, 0.5, 0.4, 0.35, 0.2, 0.1, 0.05, 0.7];
  const ranking = rankScores([...fakes, ...reals], [...fakes.map(() => 1), ...reals.map(() => 0)]);

  test('the test vector of scikit-learn and brentq', () => {
    expect(auc(ranking).value).toBeCloseTo(0.8020833, 7);
    expect(eer(ranking).value).toBeCloseTo(0.25, 12);
    expect(ap(ranking).value).toBeCloseTo(0.7794012, 7);
  });

  test('the second classifier on the same items', () => {
    const second = [0.95, 0.6, 0.85, 0.4, 0.65, 0.5, 0.45, 0.55, 0.3, 0.2, 0.35, 0.15, 0.1, 0.62];
    expect(auc(rankScores(second, [...fakes.map(() => 1), ...reals.map(() => 0)])).value).toBeCloseTo(
      0.875,
      12,
    );
  });

  test('EER where published rules disagree (0.333 and 0.417): the curves cross at 1/3', () => {
    expect(eer(rankScores([0.1, 0.2, 0.6, 0.3, 0.7], [0, 0, 0, 1, 1])).value).toBeCloseTo(1 / 3, 12);
  });

  test('all scores equal: AUC and EER are one half, AP is the share of fakes', () => {
    const flat = rankScores([1, 1, 1, 1], [1, 0, 0, 0]);
    expect([auc(flat).value, eer(flat).value, ap(flat).value]).toEqual([0.5, 0.5, 0.25]);
  });

  test('0 and -0 are one score', () => {
    expect(auc(rankScores([0, -0], [1, 0])).value).toBe(0.5);
  });
});

describe('what is undefined has a reason', () => {
  test.each([
    ['no items', [], 'got 0 real and 0 fake'],
    ['one class', [{ score: 1, fake: false }], 'got 1 real and 0 fake'],
  ] as [string, Labelled, string][])('%s', (_name, items, reason) => {
    for (const metric of [auc, eer, ap])
      expect(metric(rank(items))).toEqual({ value: null, reason: expect.stringContaining(reason) });
    expect(rocCurve(rank(items))).toEqual([]);
  });

  test.each([Number.NaN, Infinity, -Infinity])('a score of %s is refused', (bad) => {
    expect(() => rankScores([1, bad], [0, 1])).toThrow(`score 2 of 2 is ${bad}`);
    expect(() => measureScores([{ truth: 'real', score: bad, group: 'a' }], { rng: createRng(1) })).toThrow(
      'must be finite',
    );
  });

  test('a label is missing', () => {
    expect(() => rankScores([1, 2], [1])).toThrow('2 scores, but 1 labels');
  });
});

describe('intervals over identities', () => {
  const items = (identities: number, perIdentity: number, shift: number): ScoredItem[] => {
    const rng = createRng(3, 'items', identities);
    return Array.from({ length: identities * perIdentity }, (_, i) => {
      const truth = i % 2 ? 'fake' : 'real';
      return {
        truth,
        score: rng.normal(truth === 'fake' ? shift : 0),
        group: `person ${Math.floor(i / perIdentity)}`,
      };
    });
  };

  test('two identities: values stand, intervals are null with the reason', () => {
    const metrics = measureScores(items(2, 6, 1), { rng: createRng(1) });
    expect(metrics.auc).toMatchObject({ value: expect.any(Number), low: null, high: null });
    expect(metrics.eer).toMatchObject({
      low: null,
      reason: expect.stringContaining('at least 3 source identities, got 2'),
    });
    expect(metrics.eer.method).toBe('interpolated-roc');
  });

  test('three identities, but all fakes from one: no interval either', () => {
    const lopsided = items(3, 6, 1).filter((item) => item.truth === 'real' || item.group === 'person 0');
    expect(measureScores(lopsided, { rng: createRng(1) }).auc).toMatchObject({
      low: null,
      reason: expect.stringContaining('got 1'),
    });
  });

  test('one class: value null, with the reason', () => {
    const metrics = measureScores(
      items(5, 4, 1).filter((item) => item.truth === 'real'),
      { rng: createRng(1) },
    );
    expect(metrics.auc).toEqual({ value: null, reason: 'AUC needs both classes, got 10 real and 0 fake' });
    expect(metrics.eer).toMatchObject({ value: null, method: 'interpolated-roc' });
  });

  test('all scores equal: value null, with the reason; what a threshold says of them stands', () => {
    const flat = items(5, 4, 1).map((item) => ({ ...item, score: 1 }));
    const {
      auc: area,
      eer: rate,
      ap: precision,
      atThreshold,
    } = measureScores(flat, { rng: createRng(1), threshold: 0.5 });
    const none = { value: null, reason: 'all scores are equal: they put no item before another' };
    expect([area, rate, precision]).toEqual([none, { ...none, method: 'interpolated-roc' }, none]);
    expect(atThreshold).toMatchObject({ fpr: { value: 1 }, tpr: { value: 1 } });
  });

  test('fakes that score exactly as the real items do are told by nobody, whoever is drawn', () => {
    const twins = items(5, 4, 1)
      .filter(({ truth }) => truth === 'real')
      .flatMap((item): ScoredItem[] => [item, { ...item, truth: 'fake' }]);
    const { auc: area, eer: rate } = measureScores(twins, { rng: createRng(1) });
    expect(area).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
    expect(rate).toMatchObject({ value: 0.5, low: 0.5, high: 0.5 });
    const [first, ...others] = twins;
    const nearly = measureScores([{ ...first!, score: first!.score + 9 }, ...others], { rng: createRng(1) });
    expect((nearly.auc as { low: number }).low).toBeLessThan(0.5);
  });

  test('the interval is what halving the items themselves gives', () => {
    const all = items(6, 5, 0.7);
    const { auc: measured } = measureScores(all, { rng: createRng(5), replicates: 300 });
    const names = [...new Set(all.map((item) => item.group))];
    const aucOf = (drawn: string[]): number =>
      pairwiseAuc(
        drawn
          .flatMap((name) => all.filter((item) => item.group === name))
          .map((item) => ({ score: item.score, fake: item.truth === 'fake' })),
      );
    const own = aucOf(names);
    // All twenty halves of six people.
    const halves = Array.from({ length: 2 ** 6 }, (_, bits) => names.filter((__, i) => (bits >> i) & 1));
    const values = halves.filter(({ length }) => length === 3).map(aucOf);
    expect(values).toHaveLength(20);
    const mean = values.reduce((sum, value) => sum + value / values.length, 0);
    const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    // Student's t of five degrees of freedom; at either end the AUC is so many of that share's own deviations away.
    const trials = (own * (1 - own)) / error ** 2;
    const { low, high } = measured as Record<'low' | 'high', number>;
    expect(low).toBeLessThan(own);
    expect(high).toBeGreaterThan(own);
    for (const end of [low, high])
      expect(Math.abs(own - end)).toBeCloseTo(2.570581835636314 * Math.sqrt((end * (1 - end)) / trials), 9);
  });

  test('who only lends words is no evidence of another person: three who are seen count as three', () => {
    const perfect = Array.from({ length: 24 }, (_, i): ScoredItem => {
      const truth = i % 2 ? 'fake' : 'real';
      return { truth, score: i % 2, group: `person ${i % 3}`, ...(i % 2 ? { driver: `driver ${i}` } : {}) };
    });
    const { auc: measured } = measureScores(perfect, { rng: createRng(1), replicates: 2000 });
    const square = studentQuantile(0.975, 2) ** 2;
    expect(measured).toMatchObject({ value: 1, low: expect.closeTo(3 / (3 + square), 9) });
  });

  test('same seed, same interval; another seed, another one', () => {
    const low = (seed: number) =>
      (measureScores(items(16, 6, 1), { rng: createRng(seed) }).auc as { low: number }).low;
    expect(low(1)).toBe(low(1));
    expect(low(1)).not.toBe(low(2));
  });

  test('replicates without both classes are left out and counted', () => {
    // six identities, three with only real and three with only fake items: 2 of the 20 halves lack a class
    const apart = items(6, 4, 1).filter((item) => (item.truth === 'fake') === item.group >= 'person 3');
    const { resampling, auc: measured } = measureScores(apart, { rng: createRng(1), replicates: 2000 });
    expect(resampling).toEqual({ identities: 6, replicates: 20, skipped: 2 });
    expect(measured).toMatchObject({ low: expect.any(Number) });
  });

  test('95 % intervals of a mean difference hold the truth about as often as they say', () => {
    let holds = 0;
    for (let trial = 0; trial < 200; trial++) {
      const rng = createRng(11, trial);
      const scored = Array.from(
        { length: 120 },
        (_, i): ScoredItem => ({
          truth: i % 2 ? 'fake' : 'real',
          score: rng.normal(),
          group: `person ${i % 40}`,
        }),
      );
      const { auc: measured } = measureScores(scored, { rng: rng.fork('bootstrap'), replicates: 200 });
      if (measured.value !== null && typeof measured.low === 'number' && typeof measured.high === 'number')
        holds += measured.low <= 0.5 && 0.5 <= measured.high ? 1 : 0;
    }
    expect(holds).toBeGreaterThan(175);
    expect(holds).toBeLessThan(200);
  });
});

test('points are given one by one below ten identities and not above', () => {
  const scored = (count: number): ScoredItem[] =>
    Array.from({ length: count }, (_, i) => ({ truth: 'real', score: i, group: `person ${i}` }));
  expect(pointsByIdentity(scored(9))).toHaveLength(9);
  expect(pointsByIdentity(scored(9))?.[2]).toEqual({ identity: 'person 2', real: [2], fake: [] });
  expect(pointsByIdentity(scored(10))).toBeUndefined();
});

test('a million scores: AUC, EER and DeLong within a second of processor time', () => {
  const rng = createRng(1, 'million');
  const scores = Float64Array.from({ length: 1_000_000 }, () => rng.normal());
  const labels = Uint8Array.from({ length: 1_000_000 }, () => rng.int(2));
  const start = process.cpuUsage();
  const ranking = rankScores(scores, labels);
  expect(auc(ranking).value).toBeCloseTo(0.5, 2);
  expect(eer(ranking).value).toBeCloseTo(0.5, 2);
  expect(delong(ranking).value).toBe(auc(ranking).value);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(1);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aDcf, actDcf, asvspoof5Asv, cllr, minDcf, minTdcf } from '../../src/metrics/asv-costs.ts';
import {
  accuracyAt,
  balancedAccuracyAt,
  bestThreshold,
  partialAuc,
  ratesAt,
  tprAtFpr,
} from '../../src/metrics/operating-point.ts';
import { asvspoofEer, deepfakebenchEer } from '../../src/metrics/published-eer.ts';
import { type Ranking, rankScores } from '../../src/metrics/ranking.ts';
import { rocCurve } from '../../src/metrics/detection.ts';
import type { Measured } from '../../src/types.ts';

type Labelled = { score: number; fake: boolean }[];
const rank = (items: Labelled): Ranking =>
  rankScores(
    items.map(({ score }) => score),
    items.map(({ fake }) => fake),
  );
const of = (items: Labelled, fake: boolean): number[] =>
  items.filter((item) => item.fake === fake).map(({ score }) => score);
const share = (scores: number[], test: (score: number) => boolean): number =>
  scores.filter(test).length / scores.length;

const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -20, max: 20, noNaN: true }));
const bothClasses = fc
  .array(fc.record({ score, fake: fc.boolean() }), { minLength: 2, maxLength: 25 })
  .filter((items) => items.some(({ fake }) => fake) && items.some(({ fake }) => !fake));
const everywhere = (items: Labelled): number[] => [Infinity, ...new Set(items.map((item) => item.score))];

function agree(
  fast: (ranking: Ranking, items: Labelled) => Measured,
  slow: (items: Labelled) => number,
): void {
  fc.assert(
    fc.property(bothClasses, (items) => {
      expect(Math.abs((fast(rank(items), items).value ?? Number.NaN) - slow(items))).toBeLessThanOrEqual(
        1e-12,
      );
    }),
    { numRuns: 2000, seed: 3 },
  );
}

describe('against the definition, on 2,000 random cases with ties', () => {
  test('TPR at FPR 0.5: the best threshold among those that allow it', () => {
    agree(
      (ranking, items) => (of(items, false).length < 2 ? { value: 0 } : tprAtFpr(ranking, 0.5)),
      (items) =>
        of(items, false).length < 2
          ? 0
          : Math.max(
              ...everywhere(items)
                .filter((t) => share(of(items, false), (s) => s >= t) <= 0.5)
                .map((t) => share(of(items, true), (s) => s >= t)),
            ),
    );
  });

  test('balanced accuracy at the best threshold is that of the best of all thresholds', () => {
    agree(
      (ranking) => balancedAccuracyAt(ranking, bestThreshold(ranking).value!),
      (items) =>
        Math.max(
          ...everywhere(items).map(
            (t) => (share(of(items, true), (s) => s >= t) + share(of(items, false), (s) => s < t)) / 2,
          ),
        ),
    );
  });

  test('accuracy at a threshold counts right answers', () => {
    agree(
      (ranking) => accuracyAt(ranking, 0.5),
      (items) => items.filter((item) => item.score >= 0.5 === item.fake).length / items.length,
    );
  });

  test('minDCF is the least cost of any threshold', () => {
    agree(
      (ranking) => minDcf(ranking),
      (items) =>
        Math.min(
          ...everywhere(items).map(
            (t) => 1.9 * share(of(items, false), (s) => s >= t) + share(of(items, true), (s) => s < t),
          ),
        ),
    );
  });

  test('the EER of ASVspoof: every single score is a threshold, bona fide first', () => {
    agree(asvspoofEer, (items) => {
      const theirs = items
        .map((item) => ({ score: -item.score, bonafide: !item.fake }))
        .toSorted((a, b) => a.score - b.score || Number(b.bonafide) - Number(a.bonafide));
      const [bonafide, spoofed] = [of(items, false).length, of(items, true).length];
      const rates = [...Array(items.length + 1).keys()].map((rejected) => ({
        frr: theirs.slice(0, rejected).filter((one) => one.bonafide).length / bonafide,
        far: theirs.slice(rejected).filter((one) => !one.bonafide).length / spoofed,
      }));
      const gaps = rates.map(({ frr, far }) => Math.abs(frr - far));
      const { frr, far } = rates[gaps.indexOf(Math.min(...gaps))]!;
      return (frr + far) / 2;
    });
  });

  test('a partial AUC up to 1 is the area under the whole curve', () => {
    agree(
      (ranking) => ({ value: partialAuc(ranking, 1).area! }),
      (items) => {
        const pairs = of(items, true).flatMap((fake) =>
          of(items, false).map((real) => (fake > real ? 1 : fake === real ? 0.5 : 0)),
        );
        return pairs.reduce<number>((sum, one) => sum + one, 0) / pairs.length;
      },
    );
  });
});

describe('known values', () => {
  const positive = [0.9, 0.8, 0.7, 0.6, 0.55, 0.3];
  const negative = [0.65, 0.5, 0.4, 0.35, 0.2, 0.1, 0.05, 0.7];
  /** Higher means positive; as they are for rates, negated for costs, where positive is bona fide. */
  const ranking = rankScores(
    [...positive, ...negative],
    [...positive.map(() => 1), ...negative.map(() => 0)],
  );
  const asv = rankScores(
    [...positive, ...negative].map((value) => -value),
    [...positive.map(() => 0), ...negative.map(() => 1)],
  );

  test('EER of both tools, minDCF, partial AUC and McClish', () => {
    expect(asvspoofEer(asv).value).toBeCloseTo(0.2916667, 7);
    expect(deepfakebenchEer(ranking).value).toBeCloseTo(0.25, 12);
    expect(minDcf(asv).value).toBeCloseTo(0.5666667, 7);
    expect(partialAuc(ranking, 0.25).area).toBeCloseTo(0.1145833, 7);
    expect(partialAuc(ranking, 0.25).value).toBeCloseTo(0.6904762, 7);
  });

  test('where the three EERs part', () => {
    const apart = rankScores([0.1, 0.2, 0.6, 0.3, 0.7], [0, 0, 0, 1, 1]);
    expect(deepfakebenchEer(apart).value).toBeCloseTo(1 / 3, 12);
    expect(asvspoofEer(apart).value).toBeCloseTo(5 / 12, 12);
  });

  test('DeepfakeBench sees fewer points where counts grow evenly', () => {
    // Points (0, ¼), (¼, ½)… of equal steps: only the ends are left, the gap is least at the first.
    const even = rankScores([4, 4, 3, 3, 2, 2, 1, 1], [1, 0, 1, 0, 1, 0, 1, 0]);
    expect(rocCurve(even)).toHaveLength(5);
    expect(deepfakebenchEer(even).value).toBe(0.25);
  });

  test('log-likelihood ratios: worth nothing, right, and wrong', () => {
    const pairs = (fake: number, real: number) => rankScores([fake, real], [1, 0]);
    expect(cllr(pairs(0, 0)).value).toBeCloseTo(1, 12);
    expect(cllr(pairs(40, -40)).value).toBeCloseTo(0, 10);
    expect(cllr(pairs(-3, 3)).value).toBeCloseTo(Math.log2(1 + Math.exp(3)), 12);
    expect(actDcf(pairs(5, -5)).value).toBe(0);
    expect(actDcf(pairs(0.6, -5)).value).toBe(1); // below ln 1.9: accepted
    expect(actDcf(pairs(-5, 5)).value).toBeCloseTo(2.9, 12);
  });

  test('min t-DCF: 0 is not reached where the verification errs, 1 for a detector that knows nothing', () => {
    const perfect = rankScores([1, 0], [1, 0]);
    const { miss, falseAlarm, fakeFalseAlarm } = asvspoof5Asv;
    const always = 0.9405 * miss + 0.0095 * 10 * falseAlarm;
    const most = always + Math.min(0.9405 - always, 0.5 * fakeFalseAlarm);
    expect(minTdcf(perfect, asvspoof5Asv).value).toBeCloseTo(always / most, 12);
    expect(minTdcf(perfect, asvspoof5Asv, '2019').value).toBe(0);
    expect(minTdcf(rankScores([1, 1], [1, 0]), asvspoof5Asv).value).toBeCloseTo(1, 12);
    expect(minTdcf(perfect, { miss: 1, falseAlarm: 1, fakeFalseAlarm: 1 })).toMatchObject({ value: null });
  });

  test('a-DCF: perfect, useless, and by hand', () => {
    expect(aDcf({ target: [3], other: [1], fake: [2] }).value).toBeCloseTo(0, 12);
    expect(aDcf({ target: [1], other: [1], fake: [1] }).value).toBeCloseTo(1, 12);
    // One of two targets below the only fake: keep the fake out and miss half of the targets, or let it pass.
    const missed = 0.9405 / 2;
    expect(aDcf({ target: [1, 3], other: [0], fake: [2] }).value).toBeCloseTo(
      Math.min(missed, 0.5) / 0.595,
      12,
    );
    expect(aDcf({ target: [1], other: [], fake: [2] })).toMatchObject({ value: null });
  });
});

test('what is undefined has a reason', () => {
  const real = rankScores([1, 2], [0, 0]);
  for (const metric of [asvspoofEer, deepfakebenchEer, bestThreshold, minDcf, actDcf, cllr])
    expect(metric(real)).toEqual({ value: null, reason: expect.stringContaining('needs both classes') });
  expect(tprAtFpr(rankScores([1, 2], [1, 0]), 0.01)).toEqual({
    value: null,
    reason: 'FPR 0.01 needs at least 100 real items, got 1',
  });
  expect(ratesAt(real, 1.5)).toEqual({
    falsePositiveRate: { value: 0.5 },
    truePositiveRate: { value: null, reason: 'there are no fake items' },
  });
  expect(bestThreshold(rankScores([1, 1], [1, 0])).value).toBe(Infinity);
});

/**
 * How well scores tell fake from real; higher score = fake. Numbers in, a number or the reason for its absence out.
 * Formulas: docs of scikit-learn `roc_auc_score`, `average_precision_score` for AUC and AP; the EER is the crossing of
 * false positives and false negatives on the full ROC with equal scores grouped and straight lines between its points.
 * DeepfakeBench and the ASVspoof scripts publish other EERs of the same scores, therefore `method` is printed with it.
 */
import type { Measured, Truth } from '../types.ts';
import {
  type ResamplingOptions,
  resample,
  defaultReplicates,
  indexPeople,
  type People,
  leastGroups,
  tooFewGroups,
} from './resampling.ts';
import { accuracyAt, balancedAccuracyAt, ratesAt } from './operating-point.ts';
import { nothingRanked, oneClass, rankDrawn, type Ranking, totals } from './ranking.ts';

export const eerMethod = 'interpolated-roc';

/** Probability that a fake scores above a real item, equal scores counting half (mid-ranks; Mann–Whitney). */
export function auc(ranking: Ranking): Measured {
  let [fakes, reals, pairs] = [0, 0, 0];
  for (let k = 0; k < ranking.scores.length; k++) {
    pairs += ranking.reals[k]! * (fakes + ranking.fakes[k]! / 2);
    fakes += ranking.fakes[k]!;
    reals += ranking.reals[k]!;
  }
  return fakes === 0 || reals === 0 ? oneClass('AUC', fakes, reals) : { value: pairs / (fakes * reals) };
}

/** Equal error rate: where the linearly interpolated ROC meets falsePositiveRate = falseNegativeRate. */
export function eer(ranking: Ranking): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('EER', fakes, reals);
  let falsePositiveRate = 0;
  let gap = -1; // falsePositiveRate - falseNegativeRate; rises from -1 to 1 as the threshold falls
  let fakesAbove = 0;
  let realsAbove = 0;
  for (let k = 0; k < ranking.scores.length; k++) {
    fakesAbove += ranking.fakes[k]!;
    realsAbove += ranking.reals[k]!;
    const nextRate = realsAbove / reals;
    const nextGap = nextRate - (1 - fakesAbove / fakes);
    if (nextGap >= 0)
      return { value: falsePositiveRate + (-gap / (nextGap - gap)) * (nextRate - falsePositiveRate) };
    falsePositiveRate = nextRate;
    gap = nextGap;
  }
  return { value: falsePositiveRate }; // not reached: the last point of the ROC has gap 1
}

/** Average precision of finding fakes, step form: sum of (recall_n - recall_{n-1}) · precision_n over distinct scores. */
export function ap(ranking: Ranking): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('AP', fakes, reals);
  let fakesAbove = 0;
  let above = 0;
  let sum = 0;
  for (let k = 0; k < ranking.scores.length; k++) {
    fakesAbove += ranking.fakes[k]!;
    above += ranking.fakes[k]! + ranking.reals[k]!;
    if (ranking.fakes[k]! > 0) sum += ranking.fakes[k]! * (fakesAbove / above);
  }
  return { value: sum / fakes };
}

export type RocPoint = { falsePositiveRate: number; truePositiveRate: number; threshold: number };

/** Every point of the ROC from (0, 0) to (1, 1): `score >= threshold` is called fake. Empty where a class is missing. */
export function rocCurve(ranking: Ranking): RocPoint[] {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return [];
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: Infinity }];
  let fakesAbove = 0;
  let realsAbove = 0;
  for (let k = 0; k < ranking.scores.length; k++) {
    fakesAbove += ranking.fakes[k]!;
    realsAbove += ranking.reals[k]!;
    points.push({
      falsePositiveRate: realsAbove / reals,
      truePositiveRate: fakesAbove / fakes,
      threshold: ranking.scores[k]!,
    });
  }
  return points;
}

export type ScoredItem = { truth: Truth; score: number } & People;

export type DetectionMetrics = {
  auc: Measured;
  eer: Measured & { method: string };
  ap: Measured;
  /** What it does at a threshold, where one is given. */
  atThreshold?: AtThreshold;
  /** How the intervals came about: identities drawn jointly over both classes; `skipped` replicates lacked a class. */
  resampling: { identities: number; replicates: number; skipped: number };
};

export type AtThreshold = Record<'fpr' | 'tpr' | 'balancedAccuracy' | 'accuracy', Measured>;

/** What of the items is called fake at `threshold`, in the order of `AtThreshold`. */
function shownAt(ranking: Ranking, threshold: number | undefined): Measured[] {
  if (threshold === undefined) return [];
  const { falsePositiveRate, truePositiveRate } = ratesAt(ranking, threshold);
  return [
    falsePositiveRate,
    truePositiveRate,
    balancedAccuracyAt(ranking, threshold),
    accuracyAt(ranking, threshold),
  ];
}

/**
 * AUC, EER and AP, and the rates at a threshold chosen elsewhere, with 95 % intervals over identities, all from the same resamples. An identity brings its real and its
 * fake items along. Values are null with a reason where a class is missing or all scores are equal, intervals where a class has
 * fewer than three identities; fakes that score as the real items do have intervals of no width. Throws on a score that is not finite.
 */
export function measureScores(
  items: readonly ScoredItem[],
  options: ResamplingOptions & { threshold?: number },
): DetectionMetrics {
  const isFake = Uint8Array.from(items, (item) => (item.truth === 'fake' ? 1 : 0));
  const { groupOf, otherOf, people, seen } = indexPeople(items);
  const count = rankDrawn(
    Float64Array.from(items, (item) => item.score),
    isFake,
    groupOf,
    otherOf,
  );

  const all = count(new Uint32Array(people.length).fill(1));
  const figures = (counted: Ranking): Measured[] => [
    auc(counted),
    eer(counted),
    ap(counted),
    ...shownAt(counted, options.threshold),
  ];
  const equal = nothingRanked(all);
  const ofOrder = [auc, eer, ap].length;
  const alike = scoresAlike(all);
  const values = figures(all).map((measured, index) =>
    equal && measured.value !== null && index < ofOrder ? equal : measured,
  );
  const identities = people.length;
  const scarce = Math.min(groupsOf(groupOf, isFake, 1), groupsOf(groupOf, isFake, 0));
  const replicates = scarce < leastGroups ? 0 : (options.replicates ?? defaultReplicates);
  const statistics = (drawn: Uint32Array): number[] | undefined => {
    const numbers = figures(count(drawn)).map(({ value }) => value);
    return numbers.every((number) => number !== null) ? numbers : undefined;
  };
  const { interval, tried, skipped } = resample(identities, statistics, {
    rng: options.rng,
    replicates,
    independent: seen,
  });
  const [aucMeasured, eerMeasured, apMeasured, fpr, tpr, balancedAccuracy, accuracy] = values.map(
    (measured, index): Measured => {
      if (measured.value === null) return measured;
      const { value } = measured;
      if (scarce < leastGroups) return { value, ...tooFewGroups(scarce) };
      return {
        value,
        ...(index < ofOrder && alike ? { low: value, high: value } : interval(index, 'share')),
      };
    },
  ) as [Measured, Measured, Measured, Measured?, Measured?, Measured?, Measured?];
  return {
    auc: aucMeasured,
    eer: { ...eerMeasured, method: eerMethod },
    ap: apMeasured,
    ...(fpr && tpr && balancedAccuracy && accuracy
      ? { atThreshold: { fpr, tpr, balancedAccuracy, accuracy } }
      : {}),
    resampling: { identities, replicates: tried, skipped },
  };
}

/** Fakes have the very scores that real items have, each as often (a control that changes no pixel): there is nothing that other people could show differently. */
function scoresAlike(ranking: Ranking): boolean {
  const { fakes, reals } = totals(ranking);
  return ranking.fakes.every((count, k) => count * reals === ranking.reals[k]! * fakes);
}

/** Metrics of scores that are shown but must not be summed up, with the reason: nothing is computed. */
export function notMeasured(reason: string): DetectionMetrics {
  const none = { value: null, reason };
  const resampling = { identities: 0, replicates: 0, skipped: 0 };
  return { auc: none, eer: { ...none, method: eerMethod }, ap: none, resampling };
}

/** Below this many identities an interval alone says little, and the scores are shown one by one beside it. */
export const identitiesShownOneByOne = 10;

export type IdentityPoints = { identity: string; real: number[]; fake: number[] };

/** Scores per identity where there are fewer than ten identities, else undefined. */
export function pointsByIdentity(items: readonly ScoredItem[]): IdentityPoints[] | undefined {
  const points = new Map<string, IdentityPoints>();
  for (const { group, truth, score } of items) {
    const entry = points.get(group) ?? { identity: group, real: [], fake: [] };
    entry[truth].push(score);
    points.set(group, entry);
  }
  return points.size < identitiesShownOneByOne ? [...points.values()] : undefined;
}

function groupsOf(groupOf: Uint32Array, isFake: Uint8Array, truth: 0 | 1): number {
  return new Set(groupOf.filter((_, i) => isFake[i] === truth)).size;
}

/**
 * Scores as counts per distinct value: all that AUC, EER, AP and the ROC need. Equal scores share one entry, so ties are
 * grouped by construction, and a bootstrap replicate is the same entries with other counts.
 */

import type { Measured } from '../types.ts';

/** Distinct scores, highest first, with how many (or what weight of) fake and real items have each. */
export type Ranking = { scores: Float64Array; fakes: Float64Array; reals: Float64Array };

/**
 * Distinct scores, highest first, and for every item the index of its own score among them.
 * Throws on a score that is not finite: a failed item has no score and must not reach a metric.
 */
export function rankItems(scores: ArrayLike<number>): { distinct: Float64Array; rankOf: Uint32Array } {
  const sorted = Float64Array.from(scores);
  const offender = sorted.findIndex((score) => !Number.isFinite(score));
  if (offender >= 0)
    throw new Error(
      `score ${offender + 1} of ${sorted.length} is ${sorted[offender]}; scores must be finite`,
    );
  sorted.sort();
  let count = 0;
  for (let i = sorted.length - 1; i >= 0; i--)
    if (i === sorted.length - 1 || sorted[i] !== sorted[i + 1]) count++;
  const distinct = new Float64Array(count);
  for (let i = sorted.length - 1, k = 0; i >= 0; i--)
    if (i === sorted.length - 1 || sorted[i] !== sorted[i + 1]) distinct[k++] = sorted[i]!;
  const rankOf = new Uint32Array(sorted.length);
  for (let i = 0; i < rankOf.length; i++) rankOf[i] = findDescending(distinct, scores[i]!);
  return { distinct, rankOf };
}

/** The ranking of items with the given scores, where `isFake` is 1 (or true) for fakes and 0 for real items. */
export function rankScores(scores: ArrayLike<number>, isFake: ArrayLike<number | boolean>): Ranking {
  if (scores.length !== isFake.length)
    throw new Error(`${scores.length} scores, but ${isFake.length} labels`);
  const { distinct, rankOf } = rankItems(scores);
  const ranking = {
    scores: distinct,
    fakes: new Float64Array(distinct.length),
    reals: new Float64Array(distinct.length),
  };
  for (let i = 0; i < rankOf.length; i++) (isFake[i] ? ranking.fakes : ranking.reals)[rankOf[i]!]!++;
  return ranking;
}

/** How many (or what weight of) items there are of each class. */
export function totals({ fakes, reals }: Ranking): { fakes: number; reals: number } {
  let [fakeCount, realCount] = [0, 0];
  for (let k = 0; k < fakes.length; k++) {
    fakeCount += fakes[k]!;
    realCount += reals[k]!;
  }
  return { fakes: fakeCount, reals: realCount };
}

/** Why a metric of two classes is undefined. */
export function oneClass(metric: string, fakes: number, reals: number): Measured {
  return { value: null, reason: `${metric} needs both classes, got ${reals} real and ${fakes} fake` };
}

/** Index of `value`, which is known to be there, in numbers sorted from high to low. */
function findDescending(numbers: Float64Array, value: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! > value) low = middle + 1;
    else high = middle;
  }
  return low;
}

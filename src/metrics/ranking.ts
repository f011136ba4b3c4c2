/**
 * Scores as counts per distinct value: all that AUC, EER, AP and the ROC need. Equal scores share one entry, so ties are
 * grouped by construction, and a bootstrap replicate is the same entries with other counts.
 */

import type { Measured } from '../types.ts';
import { sortScores } from './sort-scores.ts';

/** Distinct scores, highest first, with how many (or what weight of) fake and real items have each. */
export type Ranking = { scores: Float64Array; fakes: Float64Array; reals: Float64Array };

/**
 * Distinct scores, highest first, and for every item the index of its own score among them.
 * Throws on a score that is not finite: a failed item has no score and must not reach a metric.
 */
export function rankItems(scores: ArrayLike<number>): { distinct: Float64Array; rankOf: Uint32Array } {
  mustBeFinite(scores);
  const { scores: distinct } = merge(sortScores(scores), new Float64Array());
  const rankOf = new Uint32Array(scores.length);
  for (let i = 0; i < rankOf.length; i++) rankOf[i] = findDescending(distinct, scores[i]!);
  return { distinct, rankOf };
}

/** The ranking of items with the given scores, where `isFake` is 1 (or true) for fakes and 0 for real items. */
export function rankScores(scores: ArrayLike<number>, isFake: ArrayLike<number | boolean>): Ranking {
  if (scores.length !== isFake.length)
    throw new Error(`${scores.length} scores, but ${isFake.length} labels`);
  mustBeFinite(scores);
  const own = [new Float64Array(scores.length), new Float64Array(scores.length)] as const;
  const counts = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    const truth = isFake[i] ? 1 : 0;
    own[truth][counts[truth]!++] = scores[i]!;
  }
  const [reals, fakes] = own.map((values, truth) => sortScores(values.subarray(0, counts[truth])));
  return merge(fakes!, reals!);
}

/** Counts of two classes of ascending, finite scores per distinct value, the highest first. Steps are added, not chosen: which class comes next is no branch that a processor could foresee. */
function merge(fakeScores: Float64Array, realScores: Float64Array): Ranking {
  const most = fakeScores.length + realScores.length;
  const [scores, fakes, reals] = [new Float64Array(most), new Float64Array(most), new Float64Array(most)];
  let [f, r, k, last] = [fakeScores.length - 1, realScores.length - 1, -1, Number.NaN];
  while (f >= 0 || r >= 0) {
    const fake = f >= 0 ? fakeScores[f]! : -Infinity;
    const real = r >= 0 ? realScores[r]! : -Infinity;
    const ofFake = fake >= real ? 1 : 0;
    const score = ofFake ? fake : real;
    k += score === last ? 0 : 1;
    scores[k] = score;
    fakes[k]! += ofFake;
    reals[k]! += 1 - ofFake;
    f -= ofFake;
    r -= 1 - ofFake;
    last = score;
  }
  const distinct = k + 1;
  return {
    scores: scores.subarray(0, distinct),
    fakes: fakes.subarray(0, distinct),
    reals: reals.subarray(0, distinct),
  };
}

function mustBeFinite(scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++)
    if (!Number.isFinite(scores[i]!))
      throw new Error(`score ${i + 1} of ${scores.length} is ${scores[i]}; scores must be finite`);
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

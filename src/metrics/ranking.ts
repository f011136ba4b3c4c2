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
  const { scores: distinct } = rankScores(scores, new Uint8Array(scores.length));
  const rankOf = new Uint32Array(scores.length);
  for (let i = 0; i < rankOf.length; i++) rankOf[i] = findDescending(distinct, scores[i]!);
  return { distinct, rankOf };
}

/** The ranking of items with the given scores, where `isFake` is 1 (or true) for fakes and 0 for real items. */
export function rankScores(scores: ArrayLike<number>, isFake: ArrayLike<number | boolean>): Ranking {
  if (scores.length !== isFake.length)
    throw new Error(`${scores.length} scores, but ${isFake.length} labels`);
  mustBeFinite(scores);
  // Reals from the front, fakes from the back of one array, -Infinity at either end. A score is written at both places and one of them
  // stays: which class comes next is no branch that a processor could foresee.
  const both = new Float64Array(scores.length + 2).fill(-Infinity);
  let [reals, fakes] = [1, scores.length];
  for (let i = 0; i < scores.length; i++) {
    const ofFake = isFake[i] ? 1 : 0;
    both[reals] = both[fakes] = scores[i]!;
    reals += 1 - ofFake;
    fakes -= ofFake;
  }
  return merge(sortScores(both.subarray(reals)), sortScores(both.subarray(0, reals)));
}

/** Counts of two classes per distinct value, the highest first. Both ascend from -Infinity, which is not counted and ends a class. Here too steps are added, not chosen. */
function merge(fakeScores: Float64Array, realScores: Float64Array): Ranking {
  let [f, r, k, last] = [fakeScores.length - 1, realScores.length - 1, -1, Number.NaN];
  const [scores, fakes, reals] = [new Float64Array(f + r), new Float64Array(f + r), new Float64Array(f + r)];
  while (f + r > 0) {
    const [fake, real] = [fakeScores[f]!, realScores[r]!];
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

/**
 * Of items in groups, the ranking of those whose groups are in (1, others 0): one ranking, filled anew at every call. An item is in where both its groups are. `groupOf` and
 * `otherOf` number them from 0; they are the same for an item of one group.
 */
export function rankDrawn(
  scores: ArrayLike<number>,
  isFake: ArrayLike<number | boolean>,
  groupOf: Uint32Array,
  otherOf: Uint32Array = groupOf,
): (drawn: Uint32Array) => Ranking {
  const { distinct, rankOf } = rankItems(scores);
  // Fakes and reals lie one behind the other in one array, and the items in the order of their places in it: counting, repeated thousands of times, has no branch and no leap.
  const placeOf = rankOf.map((rank, i) => (isFake[i] ? rank : distinct.length + rank));
  const order = Uint32Array.from(placeOf, (_, i) => i).sort((a, b) => placeOf[a]! - placeOf[b]!);
  const [places, groups, others] = [placeOf, groupOf, otherOf].map((numbers) =>
    order.map((i) => numbers[i]!),
  ) as [Uint32Array, Uint32Array, Uint32Array];
  const counts = new Float64Array(2 * distinct.length);
  const ranking = {
    scores: distinct,
    fakes: counts.subarray(0, distinct.length),
    reals: counts.subarray(distinct.length),
  };
  return (drawn) => {
    counts.fill(0);
    for (let i = 0; i < places.length; i++) counts[places[i]!]! += drawn[groups[i]!]! & drawn[others[i]!]!;
    return ranking;
  };
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

/** Why scores that are all equal have no metric: the formulas would give numbers (an AUC of 0.5), though nothing was ranked. Undefined where scores differ. */
export function nothingRanked({ scores }: Ranking): { value: null; reason: string } | undefined {
  return scores.length === 1
    ? { value: null, reason: 'all scores are equal: they put no item before another' }
    : undefined;
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

/** Whether two detectors differ: on the same items, with people resampled, and with many comparisons counted. */
import type { ResamplingOptions, Interval } from './resampling.ts';
import { resample, indexGroups } from './resampling.ts';
import { auc } from './detection.ts';
import { rankDrawn } from './ranking.ts';
import type { Truth } from '../types.ts';

/** An item that both have judged; `group` is the identity seen in it. */
export type PairedItem = { truth: Truth; a: number; b: number; group: string };
/** `p`: two-sided, that the AUCs are alike; null, with the interval's reason, where there are too few people. */
export type Comparison = { value: number | null; p: number | null } & Interval;

/** AUC(a) − AUC(b) with its 95 % interval and p over identities, the same halves for both (`resampling.ts`). */
export function compareAucs(items: readonly PairedItem[], options: ResamplingOptions): Comparison {
  const { groupOf, groups } = indexGroups(items.map(({ group }) => group));
  const isFake = Uint8Array.from(items, ({ truth }) => (truth === 'fake' ? 1 : 0));
  const [countA, countB] = [
    rankDrawn(
      items.map(({ a }) => a),
      isFake,
      groupOf,
    ),
    rankDrawn(
      items.map(({ b }) => b),
      isFake,
      groupOf,
    ),
  ];
  const difference = (drawn: Uint32Array): number[] | undefined => {
    const [ofA, ofB] = [auc(countA(drawn)).value, auc(countB(drawn)).value];
    return ofA === null || ofB === null ? undefined : [ofA - ofB];
  };
  const value = difference(new Uint32Array(groups.length).fill(1))?.[0] ?? null;
  if (value === null)
    return { value, p: null, low: null, high: null, reason: 'a difference of AUCs needs both classes' };
  const { interval, p } = resample(groups.length, difference, options);
  return { value, p: p(0), ...interval(0) };
}

/** p-values of several tests, raised so that one in twenty sets of true hypotheses has any below 0.05 (Holm, Scand. J. Statist. 1979). In the order given. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).toSorted((i, j) => pValues[i]! - pValues[j]!);
  const adjusted = pValues.map(() => 1);
  let least = 0;
  order.forEach((i, rank) => {
    least = Math.max(least, Math.min(1, pValues[i]! * (pValues.length - rank)));
    adjusted[i] = least;
  });
  return adjusted;
}

/** Whether two detectors differ: on the same items, with people resampled, and with many comparisons counted. */
import type { ResamplingOptions, Interval, People } from './resampling.ts';
import { resample, indexPeople } from './resampling.ts';
import { auc } from './detection.ts';
import { nothingRanked, rankDrawn } from './ranking.ts';
import type { Truth } from '../types.ts';

/** An item that both have judged. */
export type PairedItem = { truth: Truth; a: number; b: number } & People;
/** `p`: two-sided, that the AUCs are alike; null, with the interval's reason, where there are too few people. */
export type Comparison = { value: number | null; p: number | null } & Interval;

/** AUC(a) − AUC(b) with its 95 % interval and p over identities, the same halves for both (`resampling.ts`). */
export function compareAucs(items: readonly PairedItem[], options: ResamplingOptions): Comparison {
  const judged = items.map(({ a, b, ...item }) => ({ ...item, scores: [a, b] }));
  return compareWithFirst(judged, options)[0] ?? oneClass;
}

const oneClass = {
  value: null,
  p: null,
  low: null,
  high: null,
  reason: 'a difference of AUCs needs both classes',
} as const;

/** An item that several have judged, each with its own score, in one order for all items. */
export type JudgedItem = { truth: Truth; scores: readonly number[] } & People;

/**
 * AUC(first) − AUC(other) for each of the others, as `compareAucs`; the halves are drawn and the first is measured once for all. No difference from one that scored all items alike.
 */
export function compareWithFirst(items: readonly JudgedItem[], options: ResamplingOptions): Comparison[] {
  const { groupOf, otherOf, people, seen } = indexPeople(items);
  const isFake = Uint8Array.from(items, ({ truth }) => (truth === 'fake' ? 1 : 0));
  const judges = [...(items[0]?.scores ?? []).keys()];
  const counters = judges.map((i) =>
    rankDrawn(
      items.map(({ scores }) => scores[i]!),
      isFake,
      groupOf,
      otherOf,
    ),
  );
  const everybody = new Uint32Array(people.length).fill(1);
  const equal = counters.map((count) => nothingRanked(count(everybody)));
  const differences = (drawn: Uint32Array): number[] | undefined => {
    const [first, ...others] = counters.map((count) => auc(count(drawn)).value);
    // All judge the same items: a class that one lacks all lack.
    return first === null ? undefined : others.map((other) => first! - other!);
  };
  const values = differences(everybody);
  if (!values) return judges.slice(1).map(() => oneClass);
  const { interval, p } = resample(people.length, differences, { ...options, independent: seen });
  return values.map((value, i) => {
    const none = equal[0] ?? equal[i + 1];
    return none ? { ...none, p: null, low: null, high: null } : { value, p: p(i), ...interval(i) };
  });
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

/** Places among detectors: those that the paired test does not tell apart share one. */
import { groupBy } from '../group.ts';
import { compareWithFirst, holm } from './compare.ts';
import type { ScoredItem } from './detection.ts';
import type { ResamplingOptions } from './resampling.ts';

/** One detector with what it scored, by the items' ids; truth and group of an id are the same for all. */
export type Judge = { auc: number; items: ReadonlyMap<string, ScoredItem> };

/** Chance that a place is given without a difference. */
const level = 0.05;

/** How many people it takes before a paired test can separate one of so many judges from the leader at all: its p is no less than 2^(1 − people), times how many are compared (Holm). */
export const peopleToRank = (judges: number): number =>
  judges < 2 ? 1 : 2 + Math.floor(Math.log2((judges - 1) / level));

/**
 * Ranks from 1, in the order given. The highest AUC leads; the best whom the paired test on their common items separates from it (two-sided, Holm over all that are
 * compared with this leader, 0.05) leads the next, whose rank is one more than how many stand above, and those between have the first's: a rank never falls with the AUC. `options` gives the same halves each time.
 * Cost: as many tests as there are ranks times detectors, at most; those that scored the same items are tested together.
 */
export function rankJudges(judges: readonly Judge[], options: () => ResamplingOptions): number[] {
  const ranks = judges.map(() => 0);
  let waiting = judges.map((_, i) => i).toSorted((i, j) => judges[j]!.auc - judges[i]!.auc || i - j);
  while (waiting.length > 0) {
    const [leader, ...others] = waiting as [number, ...number[]];
    const separated = separate(
      judges[leader]!,
      others.map((i) => judges[i]!),
      options,
    );
    const rank = judges.length - waiting.length + 1;
    const next = separated.indexOf(true);
    const together = next < 0 ? waiting : waiting.slice(0, next + 1);
    for (const i of together) ranks[i] = rank;
    waiting = waiting.slice(together.length);
  }
  return ranks;
}

/** Which of the others are worse than the leader beyond chance. */
function separate(leader: Judge, others: readonly Judge[], options: () => ResamplingOptions): boolean[] {
  const common = others.map(({ items }) => [...leader.items.keys()].filter((id) => items.has(id)));
  const alike = groupBy([...others.keys()], (k) => JSON.stringify(common[k]));
  const found = others.map(() => ({ value: 0, p: 1 }));
  for (const together of alike.values()) {
    const items = common[together[0]!]!.map((id) => ({
      ...leader.items.get(id)!,
      scores: [leader, ...together.map((k) => others[k]!)].map((judge) => judge.items.get(id)!.score),
    }));
    compareWithFirst(items, options()).forEach(({ value, p }, i) => {
      found[together[i]!] = { value: value ?? 0, p: p ?? 1 };
    });
  }
  const adjusted = holm(found.map(({ p }) => p));
  return found.map(({ value }, k) => value > 0 && adjusted[k]! < level);
}

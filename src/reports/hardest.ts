/** The clips that most detectors get wrong, found from their scores alone. */
import { groupBy } from '../group.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import type { Truth } from '../types.ts';
import { compareText } from './format.ts';

export type HardItem = {
  /** What the detectors were asked about: `video`, `audio`, … */
  judges: string;
  truth: Truth;
  id: string;
  /** `none` of a real clip. */
  generator: string;
  /** Share of the test clips that score below it, mean over the detectors, in [0, 1]; high = like a fake. */
  rank: number;
  /** How many detectors gave it a score. */
  detectors: number;
};

/** At most so many real clips and so many fakes of each kind of question. */
const mostItems = 6;

/**
 * Clean test clips on the wrong side of the middle by the mean of their ranks: the real ones that look most like fakes, then the fakes that look most like real clips, by what was
 * judged. Scores of different detectors have no common scale, ranks have. `detectors`: those that are ranked, with what they judge; fakes of
 * `controls` are no fakes to find.
 */
export function hardestItems(
  outcomes: readonly OutcomeRow[],
  detectors: readonly { label: string; judges: string }[],
  controls: ReadonlySet<string>,
): HardItem[] {
  const clean = outcomes.filter(
    (row) => row.split === 'test' && row.perturbation === 'none' && !controls.has(row.generator),
  );
  return [...groupBy(detectors, ({ judges }) => judges)].flatMap(([judges, own]) => {
    const ranked = own.flatMap(({ label }) => ranksOf(clean.filter(({ detector }) => detector === label)));
    const items = [...groupBy(ranked, ({ row }) => JSON.stringify([row.generator, row.id])).values()].map(
      (all): HardItem => {
        const { id, generator, label } = all[0]!.row;
        const rank = all.reduce((sum, one) => sum + one.rank / all.length, 0);
        return { judges, truth: label!, id, generator, rank, detectors: all.length };
      },
    );
    const hardest = (truth: Truth, sign: 1 | -1): HardItem[] =>
      items
        .filter((item) => item.truth === truth && sign * (item.rank - 0.5) < 0)
        .toSorted((a, b) => sign * (a.rank - b.rank) || compareText(a.id, b.id))
        .slice(0, mostItems);
    return [...hardest('real', -1), ...hardest('fake', 1)];
  });
}

/** Of one detector: the share of clips with a lower score, equal ones counting half. */
function ranksOf(rows: readonly OutcomeRow[]): { row: OutcomeRow; rank: number }[] {
  const scored = rows.flatMap((row) => ('score' in row && row.label ? [row] : []));
  const sorted = Float64Array.from(scored, ({ score }) => score).sort();
  return scored.map((row) => {
    const [below, upTo] = [firstAbove(sorted, row.score, false), firstAbove(sorted, row.score, true)];
    return { row, rank: (below + upTo) / 2 / sorted.length };
  });
}

/** How many of the ascending values are less than `value`, or, with `orEqual`, not above it. */
function firstAbove(sorted: Float64Array, value: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (orEqual ? sorted[middle]! <= value : sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

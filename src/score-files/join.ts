/** Scores beside what is known of their trials. Whatever does not fit is named and counted; nothing is dropped in silence. */
import { groupBy } from '../group.ts';
import type { ScoredItem } from '../metrics/detection.ts';
import type { Trial } from './key.ts';
import type { ScoreRow } from './read.ts';

/** Ids of what did not enter the metrics, and why. `duplicate`: trials scored more than once, of which the first counts. `unlabelled`: scored, but in no key and without a label. */
export type LeftOut = Record<'notFinite' | 'duplicate' | 'missing' | 'unlabelled', string[]>;
/** `other`: somebody genuine who is not the speaker claimed. */
export type JoinedItem = ScoredItem & { id: string; other?: true; clip?: string };
export type Joined = {
  /** Those of one detector; undefined where the file names none. */
  detector: string | undefined;
  items: JoinedItem[];
  leftOut: LeftOut;
  /** Whether items of one group may depend on each other: the file or the key says who is seen or speaks. */
  grouped: boolean;
  /** Trials with a score over all trials. */
  coverage: number;
};

/** @param higher What a higher score means; scores of `real` are negated, so that ours are always higher for fakes. */
export function joinScores(
  rows: readonly ScoreRow[],
  key: readonly Trial[] | undefined,
  higher: 'fake' | 'real',
): Joined[] {
  const trials = key && new Map(key.map((trial) => [trial.id, trial]));
  return [...groupBy(rows, ({ detector = '' }) => detector)].map(([detector, own]) => {
    const leftOut: LeftOut = { notFinite: [], duplicate: [], missing: [], unlabelled: [] };
    const items = new Map<string, JoinedItem>();
    let grouped = false;
    for (const { id, score, truth, other, group, driver, clip } of own) {
      const trial = trials?.get(id);
      const known = trial?.truth ?? (trials ? undefined : truth);
      if (!known) leftOut.unlabelled.push(id);
      else if (items.has(id)) leftOut.duplicate.push(id);
      else if (!Number.isFinite(score)) leftOut.notFinite.push(id);
      else {
        const owner = trial?.group ?? group ?? clip;
        grouped ||= owner !== undefined;
        // Adding 0 makes a negated 0 one score with 0.
        items.set(id, {
          id,
          truth: known,
          score: higher === 'fake' ? score : 0 - score,
          group: owner ?? id,
          ...((trial ?? { other }).other ? { other: true } : {}),
          ...(driver ? { driver } : {}),
          ...(clip ? { clip } : {}),
        });
      }
    }
    const bad = new Set(leftOut.notFinite);
    leftOut.missing = (key ?? []).filter(({ id }) => !items.has(id) && !bad.has(id)).map(({ id }) => id);
    const asked = new Set([...items.keys(), ...bad, ...leftOut.missing]).size;
    return {
      detector: detector || undefined,
      items: [...items.values()],
      leftOut,
      grouped,
      coverage: asked === 0 ? 0 : items.size / asked,
    };
  });
}

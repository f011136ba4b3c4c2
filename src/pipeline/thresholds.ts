/** The threshold at which each detector would be used: chosen on validation, never on what is reported. */
import { bestThreshold } from '../metrics/operating-point.ts';
import { rankScores } from '../metrics/ranking.ts';
import type { Measured } from '../types.ts';
import { groupBy } from '../group.ts';
import type { Scored } from './score.ts';

/** Where a threshold was chosen, as the record says it. */
export const chosenOn = 'validation';

/**
 * Of the highest balanced accuracy, by detector label: on real clips and on the fakes that it learned to tell from them, or, where it learned from none, on all. Give scores of split `validation`
 * without control generators. Null with a reason where a class is missing or where no threshold does better than calling nothing fake.
 */
export function thresholdsOf(validated: readonly Scored[]): Map<string, Measured> {
  const tables = groupBy(validated, ({ trained }) => trained.label);
  return new Map([...tables].map(([label, rows]) => [label, thresholdOf(rows)]));
}

function thresholdOf(rows: readonly Scored[]): Measured {
  const known = rows.flatMap((row) => {
    const { trainedOn } = row.trained;
    const { generator } = row.entry;
    const taught = generator === undefined || trainedOn.length === 0 || trainedOn.includes(generator);
    return 'score' in row && row.truth && taught ? [{ score: row.score, fake: row.truth === 'fake' }] : [];
  });
  const ranking = rankScores(
    known.map(({ score }) => score),
    known.map(({ fake }) => fake),
  );
  const threshold = bestThreshold(ranking);
  if (threshold.value === null || Number.isFinite(threshold.value)) return threshold;
  return { value: null, reason: `on ${chosenOn} no threshold does better than calling nothing fake` };
}

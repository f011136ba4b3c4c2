/** What every view of the leaderboard says, and which rows it lists. */
import { eerMethod } from '../metrics/detection.ts';
import { compareText } from './format.ts';
import type { LeaderboardRow, Skipped } from './leaderboard-rows.ts';
import type { SeedRow } from './leaderboard-seeds.ts';
import type { WorstSlice } from './leaderboard-slices.ts';

/** Rows in order, sentences about runs that could not be ranked together, on which slice each ranked detector does worst, and what training seeds change. */
type Table = { rows: LeaderboardRow[]; rankedApart: string[]; worst: WorstSlice[]; seeds: SeedRow[] };
export type Board = Record<'synthetic' | 'recorded', Table> & { skipped: Skipped[] };

export const titles = { synthetic: 'Rendered people', recorded: 'Recorded people' } as const;
export const kinds = ['synthetic', 'recorded'] as const;
export const cuesTitle = 'Constructed cues, not ranked';

export const slicesTitle = 'Worst slices';
export const slicesNote =
  'Of what the data set knows of its people and clips, the slice on which a detector does worst, real clips and fakes both of that slice. The lowest of several is low by chance too: its interval counts for one slice chosen beforehand. All slices stand in leaderboard.json.';

const isClean = ({ perturbation }: LeaderboardRow): boolean => perturbation === 'none';
const isListed = (row: LeaderboardRow): boolean => isClean(row) && row.variantOf === null;

/** The rows on clean clips: what is ranked, and the constructed cues; a part without rows is left out. */
export function parts(rows: readonly LeaderboardRow[]): { cues: boolean; rows: LeaderboardRow[] }[] {
  return [false, true]
    .map((cues) => ({ cues, rows: rows.filter((row) => isListed(row) && row.constructed === cues) }))
    .filter((part) => part.rows.length > 0);
}

/** How to read the tables, and what the controls and constructed cues among the rows are there for, by their names. */
export function explanation({ synthetic, recorded }: Board): string {
  const rows = [...synthetic.rows, ...recorded.rows];
  const names = (pick: (row: LeaderboardRow) => string | false): string =>
    [...new Set(rows.flatMap((row) => pick(row) || []))].toSorted(compareText).join(', ');
  const detectors = names((row) => row.control && row.detector);
  const generators = names((row) => row.controlGenerator && row.generator);
  const cues = names((row) => row.constructed && row.detector);
  const unverified = names((row) => !row.verified && row.run);
  const imported = names((row) => row.imported && row.run);
  const variants = rows.filter((row) => isClean(row) && row.variantOf !== null).length;
  const perturbed = rows.filter((row) => !isClean(row)).length;
  return [
    'Score high = fake. AUC: the chance that a fake scores above a real clip, of the same person or of another; 0.5 is chance. Intervals are 95 % intervals over source identities. ',
    `EER is not one number: its method stands beside it (${eerMethod}: equal scores grouped, straight lines on the full ROC). `,
    'Detectors share a rank where a paired test on the same items does not separate them from the best of that rank (two-sided over identities, Holm, 0.05).',
    detectors && ` Controls stand first: what they (${detectors}) find is no property of the fakes.`,
    generators &&
      ` Control generators (${generators}) show the trace of the path that every fake takes: their frames are true.`,
    cues &&
      ` Constructed cues (${cues}) find what we put into the clips ourselves; they stand apart and are not ranked.`,
    imported && ` Imported: the scores of ${imported} are another tool’s, as it gave them.`,
    unverified &&
      ` Scores not verified: the records of ${unverified} do not say what their scores hash to, or how each fake was driven.`,
    perturbed > 0 &&
      ` Perturbed clips (${perturbed} rows) stand in leaderboard.csv and leaderboard.json, and summed up in each run’s report.`,
    variants > 0 &&
      ` Detectors that were taught by some of the makers (${variants} rows) stand in leaderboard.csv and leaderboard.json, and as heat maps in each run’s report.`,
  ]
    .filter(Boolean)
    .join('');
}

/** What must be known of a row beside its figures. */
export function marksOf(row: LeaderboardRow): string[] {
  return [row.imported ? 'imported' : '', row.verified ? '' : 'scores not verified'].filter(Boolean);
}

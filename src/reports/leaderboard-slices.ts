/** Slices of the leaderboard: how each detector does on parts of the people and clips, and on which part worst. */
import { groupBy } from '../group.ts';
import { auc } from '../metrics/detection.ts';
import { rankScores } from '../metrics/ranking.ts';
import { slicesOf } from '../metrics/slices.ts';
import type { RunRecord, RunSlice } from '../records/record.ts';
import { agree, type RunScores } from '../records/run-scores.ts';
import { type LeaderboardRow, scoredItems, type Skipped } from './leaderboard-rows.ts';

/** `worst`: of its detector against its generator. */
export type SliceRow = RunSlice & Pick<LeaderboardRow, 'run' | 'dataset' | 'data'> & { worst: boolean };

/** The slices of a run that its scores and items give again; the others are named. */
export function sliceRowsOf(
  record: RunRecord,
  scores: RunScores,
): { slices: SliceRow[]; skipped: Skipped[] } {
  const slices: SliceRow[] = [];
  const skipped: Skipped[] = [];
  const { id: run, data } = record;
  for (const own of groupBy(record.slices, pairOf).values()) {
    const found = recomputed(own[0]!, scores);
    const isTrue = ({ auc: said, ...slice }: RunSlice): boolean => {
      return said.value === null || agree(said.value, found.get(sliceOf(slice)));
    };
    for (const slice of own.filter((one) => !isTrue(one)))
      skipped.push({
        path: `runs/${run}/record.json`,
        reason: `${slice.detector} against ${slice.generator}, ${slice.attribute} ${slice.value}: AUC ${slice.auc.value} in the record, ${found.get(sliceOf(slice)) ?? 'undefined'} from the scores`,
      });
    const shown = own.filter(isTrue);
    const worst = worstOf(shown);
    for (const slice of shown)
      slices.push({ run, dataset: data.dataset, data: data.kind, ...slice, worst: slice === worst });
  }
  return { slices, skipped };
}

const pairOf = ({ detector, generator }: RunSlice): string => JSON.stringify([detector, generator]);
const sliceOf = ({ attribute, value }: Pick<RunSlice, 'attribute' | 'value'>): string =>
  JSON.stringify([attribute, value]);

function recomputed({ detector, generator }: RunSlice, scores: RunScores): Map<string, number | null> {
  const rows = scores.rowsOf({ detector, generator, perturbation: 'none', level: 0, driving: null })!;
  const items = [...scoredItems(rows)].map(([id, item]) => ({
    ...item,
    attributes: scores.items?.get(id)?.attributes ?? {},
  }));
  return new Map(
    slicesOf(items).map(({ attribute, value, items: own }) => {
      const ranking = rankScores(
        own.map(({ score }) => score),
        own.map(({ truth }) => truth === 'fake'),
      );
      return [sliceOf({ attribute, value }), auc(ranking).value];
    }),
  );
}

/** The lowest AUC; how few people that may be stands in place of its interval. None where all are equal. */
function worstOf(slices: readonly RunSlice[]): RunSlice | undefined {
  const measured = slices.filter((slice) => slice.auc.value !== null);
  const [lowest, ...others] = measured.toSorted((a, b) => a.auc.value! - b.auc.value!);
  return others.some(({ auc: { value } }) => value !== lowest!.auc.value) ? lowest : undefined;
}

/** A line of the table of worst slices: the slice, beside the row of all items and how many slices it is the worst of. */
export type WorstSlice = { row: LeaderboardRow; slice: SliceRow; of: number };

/** Of every detector that is no control and no constructed cue, against every generator that is none either, on clean clips; in the order of the rows. */
export function worstSlices(rows: readonly LeaderboardRow[], slices: readonly SliceRow[]): WorstSlice[] {
  const keyOf = (one: { run: string; detector: string; generator: string }): string =>
    JSON.stringify([one.run, one.detector, one.generator]);
  const byRow = groupBy(slices, keyOf);
  return rows
    .filter(
      ({ control, constructed, controlGenerator, variantOf, perturbation, driving }) =>
        !control &&
        !constructed &&
        !controlGenerator &&
        variantOf === null &&
        perturbation === 'none' &&
        driving === null,
    )
    .flatMap((row) => {
      const own = byRow.get(keyOf(row)) ?? [];
      const slice = own.find(({ worst }) => worst);
      return slice ? [{ row, slice, of: own.filter(({ auc: { value } }) => value !== null).length }] : [];
    });
}

/** The rows of the leaderboard: every result whose numbers its scores give again. What does not is named with what was expected and found. */
import { groupBy } from '../group.ts';
import type { ScoredItem } from '../metrics/detection.ts';
import { peopleIn } from '../pairs.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import type { RunRecord, RunResult } from '../records/record.ts';
import { differenceFrom, type RunScores } from '../records/run-scores.ts';
import { compareText } from './format.ts';
import { byDriving } from './results-table.ts';

/** `among`: the runs whose detectors are ranked together. */
export type Rank = { value: number; among: string[] } | { value: null; reason: string };
export type LeaderboardRow = RunResult & {
  run: string;
  dataset: string;
  data: 'synthetic' | 'recorded';
  control: boolean;
  controlGenerator: boolean;
  constructed: boolean;
  /** Label of the same detector taught by all makers of fakes, of one that was taught by some. */
  variantOf: string | null;
  /** The scores are another tool's. */
  imported: boolean;
  /** The record says what its scores hash to, and they do; older records do not say. */
  verified: boolean;
  rank: Rank;
};
/** A run, or a row of one, that is not shown. `path` begins at the results folder. */
export type Skipped = { path: string; reason: string };

/** A result that stands, with the scores behind it. */
export type Shown = { row: LeaderboardRow; scores: OutcomeRow[] | undefined };

/** Rows of a run in the order of its record, not ranked yet. */
export function rowsOf(record: RunRecord, scores: RunScores): { shown: Shown[]; skipped: Skipped[] } {
  const labels = (components: readonly { label: string }[]): Set<string> =>
    new Set(components.map(({ label }) => label));
  const controls = labels(record.detectors.filter(({ control }) => control));
  const cues = labels(record.detectors.filter(({ constructed }) => constructed));
  const controlGenerators = labels(record.generators.filter(({ control }) => control));
  const variants = new Map(record.detectors.map(({ label, variantOf }) => [label, variantOf ?? null]));
  const shown: Shown[] = [];
  const skipped: Skipped[] = [];
  for (const result of record.results) {
    const behind = scores.rowsOf(result);
    const difference = behind && differenceFrom(result, behind);
    if (difference) {
      skipped.push({ path: `runs/${record.id}/record.json`, reason: `${nameOf(result)}: ${difference}` });
      continue;
    }
    const row: LeaderboardRow = {
      run: record.id,
      dataset: record.data.dataset,
      data: record.data.kind,
      control: controls.has(result.detector),
      controlGenerator: controlGenerators.has(result.generator),
      constructed: cues.has(result.detector),
      variantOf: variants.get(result.detector) ?? null,
      imported: record.imported ?? false,
      verified: scores.hashed && behind !== undefined,
      rank: unranked,
      ...result,
    };
    shown.push({ row, scores: behind });
  }
  return { shown, skipped };
}

const unranked: Rank = { value: null, reason: 'not ranked yet' };

function nameOf({ detector, generator, perturbation, level, driving }: RunResult): string {
  const perturbed = perturbation === 'none' ? '' : `, ${perturbation} ${level}`;
  return `${detector} against ${generator}${perturbed}${driving ? `, driven by the ${driving}` : ''}`;
}

/** The scored items of known truth behind a row, by id. */
export function scoredItems(rows: readonly OutcomeRow[]): Map<string, ScoredItem> {
  return new Map(
    rows.flatMap((row) =>
      'score' in row && row.label
        ? [[row.id, { truth: row.label, score: row.score, ...peopleIn(row) }] as const]
        : [],
    ),
  );
}

/**
 * By data set and perturbation; controls first, by name; then runs that are ranked together, by rank and AUC; constructed cues last, by name; then by name, so that
 * no two rows are level. Rows by how fakes were driven stand below the row of all of them.
 */
export function inOrder(rows: readonly LeaderboardRow[]): LeaderboardRow[] {
  const keyOf = ({ run, detector, generator, perturbation, level }: LeaderboardRow): string =>
    JSON.stringify([run, detector, generator, perturbation, level]);
  const parts = groupBy(
    rows.filter(({ driving }) => driving !== null),
    keyOf,
  );
  const whole = rows.filter(({ driving }) => driving === null).toSorted(compareRows);
  return whole.flatMap((row) => [row, ...(parts.get(keyOf(row)) ?? []).toSorted(byDriving)]);
}

function compareRows(a: LeaderboardRow, b: LeaderboardRow): number {
  return (
    compareText(a.dataset, b.dataset) ||
    compareText(a.perturbation, b.perturbation) ||
    a.level - b.level ||
    Number(b.controlGenerator) - Number(a.controlGenerator) ||
    compareText(a.generator, b.generator) ||
    Number(b.control) - Number(a.control) ||
    Number(a.constructed) - Number(b.constructed) ||
    (a.control || a.constructed ? 0 : compareRanks(a, b)) ||
    compareText(a.detector, b.detector) ||
    compareText(a.run, b.run)
  );
}

function compareRanks(
  { rank: a, metrics: ofA }: LeaderboardRow,
  { rank: b, metrics: ofB }: LeaderboardRow,
): number {
  const among = (rank: Rank): string => (rank.value === null ? '' : JSON.stringify(rank.among));
  return (
    compareText(among(a), among(b)) ||
    (a.value ?? 0) - (b.value ?? 0) ||
    (ofB.auc.value ?? -1) - (ofA.auc.value ?? -1)
  );
}

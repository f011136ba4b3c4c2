/**
 * The scores behind a record: what lies beside it, held against the hashes in it, so that every number can be computed again.
 * Intervals are not: two thousand halves each would take minutes, and they hang on the same scores. They must hold their value.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { groupBy } from '../group.ts';
import { ap, auc, eer } from '../metrics/detection.ts';
import { rankScores } from '../metrics/ranking.ts';
import type { Measured } from '../types.ts';
import { type ItemRow, parseItems } from './item-table.ts';
import { type OutcomeRow, parseOutcomes } from './outcomes.ts';
import type { RunRecord, RunResult } from './record.ts';

/** What names a result: whose scores of whose fakes under what. */
export type Asked = Pick<RunResult, 'detector' | 'generator' | 'perturbation' | 'level' | 'driving'>;

export type RunScores = {
  /** Whether the record says what the scores must hash to. */
  hashed: boolean;
  /** By id; undefined of a run that left no `items.csv`. */
  items: ReadonlyMap<string, ItemRow> | undefined;
  /** The test rows that were asked for: the fakes, and the real clips, which every generator shares. Undefined where nobody wrote down how fakes were driven. */
  rowsOf(asked: Asked): OutcomeRow[] | undefined;
};

/** Reads what lies in the run's `folder`. @throws UserError with the reason where a file is missing, damaged or not the one that the record names. */
export async function readRunScores(folder: string, record: RunRecord): Promise<RunScores> {
  const text = await readHashed(folder, 'outcomes.csv', record.sha256?.['outcomes.csv']);
  const rows = parseOutcomes(text, 'outcomes.csv').filter(({ split }) => split === 'test');
  const byMaker = groupBy(rows, keyOf);
  const items = await readItems(folder, record);
  return {
    hashed: record.sha256?.['outcomes.csv'] !== undefined,
    items,
    rowsOf({ driving, ...asked }) {
      const real = byMaker.get(keyOf({ ...asked, generator: 'none' })) ?? [];
      if (asked.generator === 'none') return real;
      const fakes = byMaker.get(keyOf(asked)) ?? [];
      if (driving === null) return [...real, ...fakes];
      return items && [...real, ...fakes.filter(({ id }) => items.get(id)?.driving === driving)];
    },
  };
}

async function readItems(folder: string, { sha256 }: RunRecord): Promise<RunScores['items']> {
  const expected = sha256?.['items.csv'];
  if (expected === undefined) return undefined;
  const rows = parseItems(await readHashed(folder, 'items.csv', expected), 'items.csv');
  return new Map(rows.map((row) => [row.id, row]));
}

const keyOf = ({ detector, generator, perturbation, level }: Omit<Asked, 'driving'>): string =>
  JSON.stringify([detector, generator, perturbation, level]);

async function readHashed(folder: string, name: string, expected: string | undefined): Promise<string> {
  const bytes = await readFile(join(folder, name)).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'is missing' : `cannot be read (${cause.code})`;
    throw new UserError(`${name} ${reason}, so no number of the run can be checked`, { cause });
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (expected !== undefined && found !== expected)
    throw new UserError(
      `${name} was changed: its sha256 should be ${expected} and is ${found}. Bring the file back, or run the experiment again`,
    );
  return bytes.toString('utf8');
}

/** Sums of numbers in another order may differ in their last digits. */
export const agree = (said: number, found: number | null | undefined): boolean =>
  typeof found === 'number' && Math.abs(said - found) <= 1e-9;

/** What the record says otherwise than its scores do, as `AUC 0.9 in the record, 0.8 from the scores`; undefined where nothing. A number that the record withholds is not asked for. */
export function differenceFrom(
  { counts, metrics }: Pick<RunResult, 'counts' | 'metrics'>,
  rows: readonly OutcomeRow[],
): string | undefined {
  const scored = rows.flatMap((row) => ('score' in row && row.label ? [row] : []));
  const ranking = rankScores(
    scored.map(({ score }) => score),
    scored.map(({ label }) => label === 'fake'),
  );
  const codes = rows.flatMap((row) => ('errorCode' in row ? row.errorCode : []));
  const notApplicable = codes.filter((code) => code === 'E_NOT_APPLICABLE').length;
  const fake = scored.filter(({ label }) => label === 'fake').length;
  const figures: [string, number | null, Measured][] = [
    ['real items', counts.real, { value: scored.length - fake }],
    ['fakes', counts.fake, { value: fake }],
    ['failed', counts.failed, { value: codes.length - notApplicable }],
    ['not applicable', counts.notApplicable, { value: notApplicable }],
    ['AUC', metrics.auc.value, auc(ranking)],
    ['EER', metrics.eer.value, eer(ranking)],
    ['AP', metrics.ap.value, ap(ranking)],
  ];
  const wrong = figures.filter(([, said, { value }]) => said !== null && !agree(said, value));
  const outside = Object.entries({ AUC: metrics.auc, EER: metrics.eer, AP: metrics.ap }).filter(
    ([, measured]) => !holdsItself(measured),
  );
  const sentences = [
    ...wrong.map(
      ([name, said, { value }]) => `${name} ${said} in the record, ${value ?? 'undefined'} from the scores`,
    ),
    ...outside.map(([name]) => `the interval of ${name} in the record does not hold its value`),
  ];
  return sentences.length === 0 ? undefined : sentences.join('; ');
}

/** Whether the interval, where there is one, is of shares and holds the value. */
function holdsItself(measured: Measured): boolean {
  if (measured.value === null || typeof measured.low !== 'number' || typeof measured.high !== 'number')
    return true;
  const { value, low, high } = measured;
  return low >= 0 && low <= value && value <= high && high <= 1;
}

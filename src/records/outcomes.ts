/**
 * `outcomes.csv`: one row per judged item, the raw material of every metric in the record.
 * The scores behind a result are the rows of split `test` with its detector, perturbation and level whose generator is the
 * result's own (its fakes) or `none` (the real clips).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { atomicWrite } from '../files.ts';
import type { Truth } from '../types.ts';
import { formatCsv, parseCsv } from './csv.ts';

/** One row. Either a score or an error code; a label only where the truth of what the detector judges is known. */
export type OutcomeRow = {
  run: string;
  detector: string;
  /** `none` for a real clip. */
  generator: string;
  perturbation: string;
  level: number;
  id: string;
  sources: string[];
  label?: Truth;
  split: 'train' | 'validation' | 'test';
} & ({ score: number } | { errorCode: string });

const columns = [
  'run',
  'detector',
  'generator',
  'perturbation',
  'level',
  'id',
  'sources',
  'label',
  'split',
  'score',
  'errorCode',
] as const;

const finite = z
  .string()
  .regex(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, 'not a finite number')
  .transform(Number)
  .refine(Number.isFinite, 'not a finite number');
const rowSchema = z
  .object({
    run: z.string(),
    detector: z.string(),
    generator: z.string(),
    perturbation: z.string(),
    level: finite,
    id: z.string(),
    sources: z.string().transform((joined) => (joined === '' ? [] : joined.split(';').map(unescapeSource))),
    label: z.enum(['real', 'fake', '']),
    split: z.enum(['train', 'validation', 'test']),
    score: z.union([z.literal(''), finite]),
    errorCode: z.string(),
  })
  .refine(
    (row) => (row.score === '') !== (row.errorCode === ''),
    'either a score or an error code is needed, not both',
  );

/**
 * Text of `outcomes.csv`. Scores are printed so that reading them gives the same number to the last bit. Sources are
 * joined by `;` (a `;` or `%` in a name becomes `%3B` or `%25`). Throws on a score that is not finite.
 */
export function formatOutcomes(rows: readonly OutcomeRow[]): string {
  return formatCsv([columns, ...rows.map(fieldsOf)]);
}

/** The rows of an `outcomes.csv` text. Throws UserError naming file, line and column of the first mistake. */
export function parseOutcomes(text: string, where: string): OutcomeRow[] {
  const [header, ...lines] = parseCsv(text, where);
  if (header?.fields.join() !== columns.join())
    throw new UserError(`${where}:1: the header must be ${columns.join()}`);
  return lines.map(({ line, fields }) => {
    if (fields.length !== columns.length)
      throw new UserError(`${where}:${line}: ${columns.length} fields are needed, got ${fields.length}`);
    const checked = rowSchema.safeParse(Object.fromEntries(columns.map((column, i) => [column, fields[i]])));
    if (!checked.success) {
      const issue = checked.error.issues[0];
      throw new UserError(`${where}:${line}: ${issue?.path.join('.') || 'row'}: ${issue?.message}`);
    }
    const { score, errorCode, label, ...rest } = checked.data;
    return { ...rest, ...(label === '' ? {} : { label }), ...(score === '' ? { errorCode } : { score }) };
  });
}

/** Writes `outcomes.csv` into the run's folder. */
export async function writeOutcomes(folder: string, rows: readonly OutcomeRow[]): Promise<void> {
  await atomicWrite(join(folder, 'outcomes.csv'), formatOutcomes(rows));
}

export async function readOutcomes(path: string): Promise<OutcomeRow[]> {
  return parseOutcomes(await readFile(path, 'utf8'), path);
}

function fieldsOf(row: OutcomeRow): string[] {
  if ('score' in row && !Number.isFinite(row.score))
    throw new Error(`${row.detector} on ${row.id}: score ${row.score} is not finite`);
  if (row.sources.includes('')) throw new Error(`${row.id}: a source has no name`);
  const { run, detector, generator, perturbation, level, id, sources, label = '', split } = row;
  const end = 'score' in row ? [printExact(row.score), ''] : ['', row.errorCode];
  return [
    run,
    detector,
    generator,
    perturbation,
    printExact(level),
    id,
    sources.map(escapeSource).join(';'),
    label,
    split,
    ...end,
  ];
}

/** Shortest text that reads back as the same number (ECMAScript Number::toString), the sign of zero included. */
function printExact(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function escapeSource(source: string): string {
  return source.replace(/[%;]/g, encodeURIComponent);
}

function unescapeSource(escaped: string): string {
  return escaped.replaceAll('%3B', ';').replaceAll('%25', '%');
}

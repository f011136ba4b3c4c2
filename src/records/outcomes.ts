/**
 * `outcomes.csv`: one row per judged item, the raw material of every metric in the record.
 * The scores behind a result are the rows of split `test` with its detector, perturbation and level whose generator is the
 * result's own (its fakes) or `none` (the real clips).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** The number a field says; undefined for anything but a finite decimal one. */
function numberIn(field: string): number | undefined {
  const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(field) ? Number(field) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** The row that a line's fields say, or what is wrong with it. By hand, because there are hundreds of thousands where clips are perturbed. */
function rowIn(fields: readonly string[]): OutcomeRow | string {
  if (fields.length !== columns.length) return `${columns.length} fields are needed, got ${fields.length}`;
  const [run, detector, generator, perturbation, levelText, id, joined, label, split, scoreText, errorCode] =
    fields as [string, string, string, string, string, string, string, string, string, string, string];
  const level = numberIn(levelText);
  if (level === undefined) return `level: "${levelText}" is not a finite number`;
  if (label !== '' && label !== 'real' && label !== 'fake')
    return `label: "${label}" is neither real nor fake`;
  if (split !== 'train' && split !== 'validation' && split !== 'test') return `split: "${split}" is none`;
  const score = scoreText === '' ? undefined : numberIn(scoreText);
  if (scoreText !== '' && score === undefined) return `score: "${scoreText}" is not a finite number`;
  if ((score === undefined) === (errorCode === ''))
    return 'row: either a score or an error code is needed, not both';
  const sources = sourcesIn(joined);
  const row: Omit<OutcomeRow, 'score' | 'errorCode' | 'label'> = {
    run,
    detector,
    generator,
    perturbation,
    level,
    id,
    sources,
    split,
  };
  return {
    ...row,
    ...(label === '' ? {} : { label }),
    ...(score === undefined ? { errorCode } : { score }),
  };
}

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
    const row = rowIn(fields);
    if (typeof row === 'string') throw new UserError(`${where}:${line}: ${row}`);
    return row;
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

/** The sources that a field joins. */
export const sourcesIn = (joined: string): string[] =>
  joined === '' ? [] : joined.split(';').map(unescapeSource);

function unescapeSource(escaped: string): string {
  return escaped.replaceAll('%3B', ';').replaceAll('%25', '%');
}

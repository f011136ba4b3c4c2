/**
 * Score files of this and other tools, read as they are. Each line becomes a row; nothing is judged, joined or dropped here (`join.ts`).
 *
 * | format | looks like |
 * |---|---|
 * | `csv` | a head with `id` and `score`, and where they are known `label`, `group`, `driver`, `detector`, `clip`; or our `outcomes.csv` |
 * | `asvspoof5` | tab, head `filename cm-score` |
 * | `sasv` | ASVspoof 5, track 2: tab, head `spk filename cm-score asv-score sasv-score`, of which the last counts; a trial is a speaker and a file |
 * | `asvspoof2019` | `utterance attack key score` |
 * | `columns` | `id score`, or `id score key`: ASVspoof 2021 and many others |
 * | `deepfakebench` | JSON: `{"y_pred": […], "y_true": […], "img_names": […]}`, one entry a frame |
 */
import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { groupBy } from '../group.ts';
import { filledRows, requireUtf8 } from '../records/csv.ts';
import { sourcesIn } from '../records/outcomes.ts';
import type { Truth } from '../types.ts';

export const scoreFormats = ['csv', 'asvspoof5', 'sasv', 'asvspoof2019', 'columns', 'deepfakebench'] as const;
export type ScoreFormat = (typeof scoreFormats)[number];

/** One line. `score` may be NaN or infinite: the join names and counts it. `clip`: of a frame, the clip that it is of. */
export type ScoreRow = {
  id: string;
  score: number;
  line: number;
  truth?: Truth;
  /** Somebody genuine who is not the speaker claimed. */
  other?: true;
  group?: string;
  /** Who went into it besides, as `ScoredItem` has it. */
  driver?: string;
  detector?: string;
  clip?: string;
  /** Of our `outcomes.csv`: which part of the people, who made the clip (`none` of a real one), and whether something was done to it. */
  split?: string;
  generator?: string;
  perturbed?: true;
};
export type ScoreFile = { format: ScoreFormat; rows: ScoreRow[] };

/** @throws UserError with every line that is no score line, as `file:line: reason`. */
export async function readScores(path: string, format?: ScoreFormat): Promise<ScoreFile> {
  const text = await textOf(path);
  const chosen = format ?? guessFormat(text);
  const read = {
    csv: fromCsv,
    asvspoof5: fromColumns,
    sasv: fromTrials,
    asvspoof2019: fromColumns,
    columns: fromColumns,
    deepfakebench: fromJson,
  };
  const rows = read[chosen](text, path, chosen);
  if (rows.length === 0) throw new UserError(`${path}: there is no score in it`);
  return { format: chosen, rows };
}

/** A text file whole. @throws UserError where it cannot be read or is not UTF-8. */
export async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: cannot be read (${cause.code ?? cause.message})`, { cause });
  });
  requireUtf8(text, path);
  return text;
}

function guessFormat(text: string): ScoreFormat {
  if (/^\s*[{[]/.test(text)) return 'deepfakebench';
  const head = text.slice(0, text.search(/\r?\n|$/));
  if (/^filename\s+cm-score/.test(head)) return 'asvspoof5';
  if (/\ssasv-score\s*$/.test(head)) return 'sasv';
  if (/(^|[,;\t])"?(id|score)"?([,;\t]|$)/i.test(head) || head.includes(',')) return 'csv';
  return head.trim().split(/\s+/).length === 4 ? 'asvspoof2019' : 'columns';
}

/** The number a field says; NaN for `nan`, an empty field and the like. Undefined for other words. */
function numberOf(field: string): number | undefined {
  if (/^[-+]?(nan|none|null)?$/i.test(field)) return Number.NaN;
  if (/^[-+]?inf(inity)?$/i.test(field)) return field.startsWith('-') ? -Infinity : Infinity;
  const value = Number(field);
  return Number.isNaN(value) ? undefined : value;
}

/** A word of a file for an error of one line: short, line breaks and the like escaped. */
const quoted = (word: string): string => JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word);

/** The class that a word stands for in any of the formats. Target and nontarget are both genuine speech (`isOther`). */
export function truthOfWord(word: string): Truth | undefined {
  if (/^(real|bonafide|bona-fide|genuine|target|nontarget|0)$/i.test(word)) return 'real';
  return /^(fake|spoof|spoofed|1)$/i.test(word) ? 'fake' : undefined;
}

export const isOther = (word: string): boolean => /^nontarget$/i.test(word);

/** Lines of text with their numbers, without empty ones. */
export const linesOf = (text: string): { line: number; fields: string[] }[] =>
  text
    .split(/\r?\n/)
    .flatMap((own, i) => (own.trim() === '' ? [] : [{ line: i + 1, fields: own.trim().split(/\s+/) }]));

function fromColumns(text: string, path: string, format: ScoreFormat): ScoreRow[] {
  const lines = linesOf(text);
  const body = format === 'asvspoof5' ? lines.slice(1) : lines;
  return orAllMistakes(
    body.map(({ line, fields }) => {
      const [id, second, third, fourth] = fields;
      const [scored, key] = format === 'asvspoof2019' ? [fourth, third] : [second, third];
      const score = scored === undefined ? undefined : numberOf(scored);
      if (score === undefined)
        return `${path}:${line}: no score in column ${format === 'asvspoof2019' ? 4 : 2}`;
      const truth = key === undefined ? undefined : truthOfWord(key);
      if (key !== undefined && format !== 'asvspoof5' && !truth)
        return `${path}:${line}: ${quoted(key)} is neither bonafide nor spoof`;
      return { id: id!, score, line, ...(truth ? { truth } : {}) };
    }),
  );
}

/** Of a trial, its speaker and file: the id that `readKey` gives it too. */
export const trialOf = (speaker: string, file: string): string => `${speaker} ${file}`;

function fromTrials(text: string, path: string): ScoreRow[] {
  return orAllMistakes(
    linesOf(text)
      .slice(1)
      .map(({ line, fields }) => {
        const [speaker, file] = fields;
        const score = fields.length < 3 ? undefined : numberOf(fields.at(-1)!);
        if (score === undefined)
          return `${path}:${line}: needs a speaker, a file and a score in the last column`;
        return { id: trialOf(speaker!, file!), score, line, group: speaker! };
      }),
  );
}

/** @throws UserError where a CSV's head lacks a column, with what it has. */
export function mustHave(names: readonly string[], head: readonly string[], path: string): void {
  const [first = ''] = head;
  const separator = head.length === 1 ? /[;\t]/.exec(first)?.[0] : undefined;
  if (separator)
    throw new UserError(
      `${path}:1: its fields are separated by ${separator === ';' ? 'semicolons' : 'tabs'}; write commas`,
    );
  const missing = names.filter((name) => !head.includes(name));
  if (missing.length > 0)
    throw new UserError(
      `${path}:1: no column ${missing.join(' and no column ')}; its head is ${quoted(head.join(','))}. Name the columns so (formats: README)`,
    );
}

export const wrongLength = (where: string, fields: readonly string[], head: readonly string[]): string =>
  `${where}: ${fields.length} fields, but the head has ${head.length}`;

/**
 * Our `outcomes.csv` has more columns; its failed rows have no score and count as such. A detector's scores of clips that were perturbed stand by themselves, and so do those of each
 * generator's fakes, beside the same real clips: fakes of all of them together, controls among them, would be nobody's question.
 */
function fromCsv(text: string, path: string): ScoreRow[] {
  const [head, ...lines] = filledRows(text, path);
  if (!head) throw new UserError(`${path}: the file is empty; a head with id and score is needed`);
  const at = (name: string): number => head.fields.indexOf(name);
  mustHave(['id', 'score'], head.fields, path);
  const rows = orAllMistakes(
    lines.map(({ line, fields }): ScoreRow | string => {
      const field = (name: string): string | undefined => fields[at(name)] || undefined;
      const id = field('id');
      const score = numberOf(field('score') ?? '');
      const label = field('label');
      const truth = label === undefined ? undefined : truthOfWord(label);
      if (fields.length !== head.fields.length) return wrongLength(`${path}:${line}`, fields, head.fields);
      if (!id) return `${path}:${line}: the id is empty`;
      if (score === undefined) return `${path}:${line}: score: ${quoted(field('score')!)} is no number`;
      if (label !== undefined && !truth)
        return `${path}:${line}: label: ${quoted(label)} is neither real nor fake`;
      const [seen, second] = sourcesIn(field('sources') ?? '');
      const [group, driver] = [field('group') ?? seen, field('driver') ?? second];
      const distorted = (field('perturbation') ?? 'none') !== 'none';
      const detector = distorted
        ? `${field('detector')}, ${field('perturbation')} ${field('level') ?? ''}`.trim()
        : field('detector');
      const [clip, split, generator] = [field('clip'), field('split'), field('generator')];
      return {
        id,
        score,
        line,
        ...(truth ? { truth } : {}),
        ...(label && isOther(label) ? { other: true as const } : {}),
        ...(group ? { group } : {}),
        ...(driver ? { driver } : {}),
        ...(detector ? { detector } : {}),
        ...(clip ? { clip } : {}),
        ...(split ? { split } : {}),
        ...(generator ? { generator } : {}),
        ...(distorted ? { perturbed: true as const } : {}),
      };
    }),
  );
  return againstEach(rows);
}

/** Each detector against each generator that it was asked about: real clips beside the fakes of each. Rows of nobody's making stay as they are. */
function againstEach(rows: readonly ScoreRow[]): ScoreRow[] {
  const made = rows.filter(({ generator }) => generator !== undefined && generator !== 'none');
  const asked = groupBy(made, ({ detector = '' }) => detector);
  return rows.flatMap((row) => {
    const { detector, generator } = row;
    const all = new Set(asked.get(detector ?? '')?.map((one) => one.generator!));
    const makers = generator === undefined || generator === 'none' ? all : [generator];
    const against = [...makers].map((maker) => ({
      ...row,
      detector: `${detector ?? 'scores'} against ${maker}`,
    }));
    return against.length > 0 ? against : [row];
  });
}

/**
 * Three equally long lists, a frame each. A frame belongs to the clip of its whole folder: DeepfakeBench itself takes the folder's last name alone, under which clips of different
 * manipulations are one.
 */
function fromJson(text: string, path: string): ScoreRow[] {
  const { y_pred: scores, y_true: labels, img_names: names } = parseJson(text, path);
  if (![scores, labels, names].every((list) => Array.isArray(list) && list.length === scores?.length))
    throw new UserError(`${path}: needs three equally long lists, y_pred, y_true and img_names`);
  return orAllMistakes(
    (names as unknown[]).map((name, i) => {
      const truth = truthOfWord(String(labels![i]));
      const score = numberOf(String(scores![i]));
      if (typeof name !== 'string' || !truth || score === undefined)
        return `${path}: entry ${i + 1}: needs a name, a label of 0 or 1 and a score`;
      const clip = name.replaceAll('\\', '/').split('/').slice(0, -1).join('/');
      return { id: name, score, line: i + 1, truth, ...(clip ? { clip } : {}) };
    }),
  );
}

function parseJson(text: string, path: string): Record<string, unknown[] | undefined> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown[]>) : {};
  } catch (cause) {
    // Some messages tell the place, some quote the text with its line breaks.
    const { message } = cause as Error;
    const place = /at position (\d+)/.exec(message)?.[1];
    const line = place === undefined ? '' : `:${text.slice(0, Number(place)).split('\n').length}`;
    throw new UserError(`${path}${line}: damaged, not JSON (${message.replaceAll(/\s+/g, ' ')})`, { cause });
  }
}

/** The rows, or all that is wrong at once; of very many mistakes the first. */
export function orAllMistakes<T extends object>(found: (T | string)[]): T[] {
  const wrong = found.filter((one) => typeof one === 'string');
  if (wrong.length === 0) return found as T[];
  const rest = wrong.length > 20 ? [`… and ${wrong.length - 20} more`] : [];
  throw new UserError([...wrong.slice(0, 20), ...rest].join('\n'));
}

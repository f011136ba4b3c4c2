/**
 * Key files: which trials there are, what each is and who speaks. ASVspoof 2019 (`speaker file - attack key`), 2021 (`speaker file codec … attack key …`), 5 (ten columns, or a head `filename
 * cm-label`; of trials of speaker verification `speaker file … target`, `nontarget` or `spoof`), or a CSV with `id`, `label` and perhaps `group`.
 */
import { UserError } from '../errors.ts';
import { filledRows } from '../records/csv.ts';
import type { Truth } from '../types.ts';
import {
  isOther,
  linesOf,
  mustHave,
  orAllMistakes,
  textOf,
  trialOf,
  truthOfWord,
  wrongLength,
} from './read.ts';

/** `group`: whose items are no independent evidence of each other, where the file says so. */
export type Trial = { id: string; truth: Truth; other?: true; group?: string; line: number };

/** @throws UserError with every line that is no trial, as `file:line: reason`. */
export async function readKey(path: string): Promise<Trial[]> {
  const text = await textOf(path);
  const head = text.slice(0, text.search(/\r?\n|$/));
  const trials = head.includes(',') ? fromCsv(text, path) : fromColumns(text, path);
  if (trials.length === 0) throw new UserError(`${path}: there is no trial in it`);
  const lineOf = new Map<string, number>();
  return orAllMistakes(
    trials.map((trial) => {
      const before = lineOf.get(trial.id);
      lineOf.set(trial.id, before ?? trial.line);
      return before === undefined ? trial : `${path}:${trial.line}: the trial of line ${before} again`;
    }),
  );
}

/** Whether a key is in the words of ASVspoof's, whose scores are higher for bona fide, also where their own file does not show whose it is (2021: `utterance score`). */
export async function isAsvspoofKey(path: string): Promise<boolean> {
  const text = await textOf(path);
  return !text.slice(0, text.search(/\r?\n|$/)).includes(',') && /\b(bonafide|spoof|nontarget)\b/i.test(text);
}

function fromCsv(text: string, path: string): Trial[] {
  const [head, ...lines] = filledRows(text, path);
  const names = head!.fields;
  const at = (name: string): number => names.indexOf(name);
  mustHave(['id', 'label'], names, path);
  return orAllMistakes(
    lines.map(({ line, fields }) => {
      const [id, label, group] = ['id', 'label', 'group'].map((name) => fields[at(name)]);
      const truth = truthOfWord(label ?? '');
      if (fields.length !== names.length) return wrongLength(`${path}:${line}`, fields, names);
      if (!id || !truth) return `${path}:${line}: needs an id and a label, real or fake`;
      return { id, truth, line, ...(isOther(label!) ? other : {}), ...(group ? { group } : {}) };
    }),
  );
}

const other = { other: true } as const;

/** With two columns `file key`; with more the speaker stands before the file. The key is the last word that names a class: attacks of bona fide trials are called so too. */
function fromColumns(text: string, path: string): Trial[] {
  const lines = linesOf(text).filter(({ line, fields }) => !(line === 1 && fields.includes('filename')));
  // Of trials of speaker verification the claimed speaker is part: one file may be the target of one and not of another.
  const verifies = lines.some(({ fields }) => fields.some((word) => /^(non)?target$/i.test(word)));
  return orAllMistakes(
    lines.map(({ line, fields }) => {
      const trial = trialInColumns(fields, line);
      if (!trial) return `${path}:${line}: needs a file and bonafide or spoof`;
      return verifies && trial.group ? { ...trial, id: trialOf(trial.group, trial.id) } : trial;
    }),
  );
}

/** The trial in the words of one line; undefined where they name no file or no class. */
export function trialInColumns(fields: readonly string[], line: number): Trial | undefined {
  const key = fields.findLast((word) => /^(bonafide|spoof|real|fake|target|nontarget)$/i.test(word));
  const [group, id] = fields.length > 2 ? fields : [undefined, fields[0]];
  if (!id || !key) return undefined;
  return {
    id,
    truth: truthOfWord(key)!,
    line,
    ...(isOther(key) ? other : {}),
    ...(group ? { group } : {}),
  };
}

/**
 * What machines tell each other through the store. `asked/<id>` is a question: a job with its input, whose files are in the store too.
 * `said/<id>` is the answer to it: that the result is kept under the job's key, where the first one stays, or what nobody should keep
 * (an error, an output that may be another the next time). Ids name the run and the key; both files go once the answer has been read.
 */
import { isAbsolute, normalize } from 'node:path';
import { z } from 'zod';
import { spread } from './store/store.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A name in the job's folder. */
const inside = z
  .string()
  .refine(
    (path) => path !== '' && !isAbsolute(path) && !normalize(path).startsWith('..') && !path.includes('\0'),
  );
const texts = z.record(z.string(), z.string());

const question = z.strictObject({
  key: sha256,
  /** Its place in the repository. */
  module: z.string(),
  parts: z.strictObject({ name: z.string(), code: sha256, packages: texts, node: z.string(), tools: texts }),
  input: z.unknown(),
  /** What lies beside files of the input, by the file's path. */
  beside: z.record(z.string(), z.array(z.strictObject({ suffix: z.string().regex(/^\.[\w.]+$/), sha256 }))),
});
export type Question = z.infer<typeof question>;

/** `files`: all that lay in the job's folder; of the files in the output, paths are relative to it. */
const result = z.strictObject({
  output: z.unknown(),
  seconds: z.number(),
  files: z.array(z.strictObject({ path: inside, sha256 })),
});
export type Result = z.infer<typeof result>;

const error = z.strictObject({
  type: z.enum(['item', 'user', 'bug']),
  message: z.string(),
  code: z.templateLiteral(['E_', z.string()]).optional(),
  exitCode: z.number().optional(),
  stack: z.string().optional(),
});
const answer = z.union([
  z.strictObject({ kept: z.literal(true) }),
  z.strictObject({ passing: result }),
  z.strictObject({ error }),
]);
export type Answer = z.infer<typeof answer>;

export const names = {
  question: (id: string): string => `asked/${id}.json`,
  answer: (id: string): string => `said/${id}.json`,
  result: (key: string): string => `${spread('results', key)}.json`,
};

/** @throws Error on what is none. */
export const readQuestion = (text: string): Question => question.parse(JSON.parse(text));
export const readAnswer = (text: string): Answer => answer.parse(JSON.parse(text));
export const readResult = (text: string): Result => result.parse(JSON.parse(text));

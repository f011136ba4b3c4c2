/** YAML files that people write: values only, and every mistake told as `file:line:column key: reason`, with "did you mean" where a name is close to a known one. */
import { readFileSync, statSync } from 'node:fs';
import { isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { didYouMean, UserError } from './errors.ts';

export type Path = (string | number)[];
export type Mistake = { path: Path; reason: string };
const maxBytes = 1 << 20;
/** Of lists and maps in each other; no file that people write has ten. */
const maxDepth = 100;
/** Of values in all unless a reader says otherwise, told by what parts them; the parser compares each key with all others of its map. */
const maxParts = 2000;
/** Mistakes that are told; of more there is one cause. */
const maxTold = 100;

/**
 * Reads and checks a file that is nothing but values of `schema`; defaults are filled in. `what` it holds: `a policy`.
 * @throws UserError (exit 2) with all mistakes, one a line.
 */
export function readYaml<Value>(file: string, schema: z.ZodType<Value>, what: string): Value {
  const lines = new LineCounter();
  const document = parseYaml(file, lines, { what });
  const value = toValue(document, file) ?? {};
  const mistakes: Mistake[] = [];
  forbidden(value, [], mistakes);
  const parsed = schema.safeParse(value);
  if (!parsed.success) collect(parsed.error, [], schema, value, mistakes);
  refuseMistakes(mistakes, (path) => `${file}:${placeOf(document, path, lines)}`);
  return parsed.data!;
}

/** @throws UserError (exit 2) with all of them, one a line, each behind where `locate` says. */
export function refuseMistakes(mistakes: Mistake[], locate: (path: Path) => string): void {
  if (mistakes.length === 0) return;
  throw new UserError(
    mistakes
      .slice(0, maxTold)
      .map(({ path, reason }) => `${locate(path)} ${path.join('.') || '(file)'}: ${reason}`)
      .join('\n'),
  );
}

/** `what` it holds; `examples`: where one finds how it is written. @throws UserError (exit 2) where it is no text, too large, or no YAML. */
export function parseYaml(
  file: string,
  lines: LineCounter,
  {
    what,
    examples = 'Examples are in configs/',
    mostParts = maxParts,
  }: { what: string; examples?: string; mostParts?: number },
): Document {
  const text = textOf(file, what, examples);
  if ((text.match(/[,:\n]/g)?.length ?? 0) > mostParts)
    throw new UserError(
      `${file}:1:1 (YAML): expected at most ${mostParts} values, got more; ${what} is a few dozen lines`,
    );
  const deep = tooDeepAt(text);
  if (deep !== undefined) throw new UserError(`${file}:${deep} (YAML): ${tooDeep}`);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    const told = problems.map(
      ({ pos, message }) => `${file}:${shownPlace(lines.linePos(pos[0]))} (YAML): ${message}`,
    );
    throw new UserError([...new Set(told)].join('\n'));
  }
  return document;
}

/** A file that is not there, or may not be read, has no lines. */
function textOf(file: string, what: string, examples: string): string {
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > maxBytes)
      throw new UserError(
        `${file}:1:1 (file): expected at most 1 MiB, got ${size} bytes; ${what} is a few dozen lines`,
      );
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code}). ${examples}`, {
      cause: error,
    });
  }
  const foreign = text.search(/[\0\uFFFD]/);
  if (foreign < 0) return text;
  const before = text.slice(0, foreign).split('\n');
  const place = shownPlace({ line: before.length, col: before.at(-1)!.length + 1 });
  throw new UserError(`${file}:${place} (file): expected a text file in UTF-8, got other bytes`);
}

const shownPlace = ({ line, col }: { line: number; col: number }): string => `${line}:${col}`;

const tooDeep = `expected lists and maps in each other at most ${maxDepth} times, got more`;

/** Line and column where nesting gets too deep: the parser would need hours or all of the stack for it. Brackets in texts count too, and marks before a line's first word. */
function tooDeepAt(text: string): string | undefined {
  let open = 0;
  for (const [i, line] of text.split('\n').entries()) {
    if (/^[ \t]*(?:[-?:][ \t]+){100}/.test(line) || /^[ \t]{1000}/.test(line)) return `${i + 1}:1`;
    for (const { 0: bracket, index } of line.matchAll(/[[\]{}]/g)) {
      open = Math.max(0, open + (bracket === '[' || bracket === '{' ? 1 : -1));
      if (open > maxDepth) return `${i + 1}:${index + 1}`;
    }
  }
  return undefined;
}

/** The plain value; refuses files whose aliases unfold without end, as one of itself does. */
export function toValue(document: Document, file: string): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    requireShallow(value, maxDepth);
    return value;
  } catch (cause) {
    throw new UserError(`${file}:1:1 (YAML): ${(cause as Error).message}`, { cause });
  }
}

function requireShallow(value: unknown, depth: number): void {
  if (depth === 0) throw new Error(tooDeep);
  if (value === null || typeof value !== 'object') return;
  for (const inner of Object.values(value)) requireShallow(inner, depth - 1);
}

/** Line and column, as `12:5`, where the last step of `path` that is in the document stands. */
export function placeOf(document: Document, path: Path, lines: LineCounter): string {
  for (let length = path.length; length > 0; length--) {
    const parentPath = path.slice(0, length - 1);
    const parent: unknown = parentPath.length > 0 ? document.getIn(parentPath, true) : document.contents;
    const key = path[length - 1];
    const items = (parent as { items?: unknown[] } | undefined)?.items ?? [];
    const pair = items.find(
      (item) =>
        isScalar((item as { key?: unknown } | null | undefined)?.key) &&
        String((item as { key: { value: unknown } }).key.value) === String(key),
    );
    const node = pair ? (pair as { key: unknown }).key : typeof key === 'number' ? items[key] : undefined;
    if (isNode(node) && node.range) return shownPlace(lines.linePos(node.range[0]));
  }
  return '1:1';
}

/** Turns zod's issues into mistakes; an unknown key is told at its own line. */
export function collect(
  error: z.ZodError,
  base: Path,
  schema: z.ZodType,
  value: unknown,
  mistakes: Mistake[],
): void {
  for (const issue of error.issues) {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, path);
      for (const key of issue.keys) {
        const close = didYouMean(key, known);
        mistakes.push({
          path: [...base, ...path, key],
          reason: `unknown key${close ? `; did you mean "${close}"?` : '.'} ${known.length > 0 ? `Known: ${known.join(', ')}` : 'It has no options'}`,
        });
      }
      continue;
    }
    const got = path.reduce<unknown>(
      (inner, step) => (inner as Record<string, unknown> | undefined)?.[step as string],
      value,
    );
    const values = issue.code === 'invalid_value' ? issue.values.map(String) : [];
    const close = typeof got === 'string' ? didYouMean(got, values) : undefined;
    mistakes.push({
      path: [...base, ...path],
      reason: `${expectedIn(issue.message)}, got ${shown(got)}${close ? `; did you mean "${close}"?` : ''}${isAlone(issue, got) ? `; write a list: [${shown(got)}]` : ''}`,
    });
  }
}

/** zod names a kind of mistake first ("Too small: expected …") and what it received last. */
const expectedIn = (message: string): string =>
  message.replace(/^[\w ]+: (?=expected )/, '').replace(/, received .*$/, '');

/** One value where a list of such is expected. */
const isAlone = (issue: z.core.$ZodIssue, got: unknown): boolean =>
  issue.code === 'invalid_type' && issue.expected === 'array' && ['string', 'number'].includes(typeof got);

/** A value as told in a mistake, cut where it is long. */
function shown(value: unknown): string {
  const text = value === undefined || value === null ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function keysAt(schema: z.ZodType, path: Path): string[] {
  let here: unknown = unwrap(schema);
  for (const step of path) {
    if (here instanceof z.ZodObject) here = unwrap((here.shape as Record<string, z.ZodType>)[step as string]);
    else if (here instanceof z.ZodArray) here = unwrap(here.element as z.ZodType);
  }
  const several = here instanceof z.ZodDiscriminatedUnion ? (here.options as z.ZodType[]) : [here];
  return several.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape as object) : []));
}

function unwrap(schema: z.ZodType | undefined): unknown {
  let inner: unknown = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault)
    inner = inner.unwrap();
  return inner;
}

/** Keys that no file may have. */
export function forbidden(value: unknown, path: Path, mistakes: Mistake[]): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) {
    if (['__proto__', 'constructor', 'prototype'].includes(key))
      mistakes.push({ path: [...path, key], reason: 'this key is not allowed' });
    else forbidden(inner, [...path, Array.isArray(value) ? Number(key) : key], mistakes);
  }
}

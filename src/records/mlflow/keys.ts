/**
 * A nested value → flat names that MLflow takes as keys. MLflow allows `A-Z a-z 0-9 _ . - / ` and the space, at most 250 of
 * them; labels of this project hold `@` and `~` too. A key is the path joined by `/`, readable and never the same for two
 * places:
 *
 *   `@` → ` at `, `~` → ` on `, a space → two spaces, any other character → ` u<hex> `
 *   `puppetry@cpu-96` → `puppetry at cpu-96`, `meso-inception@cpu-128~recomposite` → `meso-inception at cpu-128 on recomposite`
 *
 * Levels that say nothing (`value`, `metrics`, `info`, `curve`, `options`) are left out, so that `metrics.auc.value` is `auc`. Where
 * two places would then share a key, both keep their whole path.
 */
import { createHash } from 'node:crypto';

/** A place in a value: its path and what stands there. `points` of a number or a series of numbers; none for a text. */
export type Leaf = { path: string[]; value: unknown; points: Point[] };
type Point = { value: number; step: number };

const maxKeyLength = 250;
const silent = new Set(['value', 'metrics', 'info', 'curve', 'options']);
const words: Record<string, string> = { '@': 'at', '~': 'on' };

/**
 * Every number, text and truth value inside `value`, in order; null is absence and is left out. A list of numbers is one series
 * with the positions as steps; a list of `[step, number]` or of `{ step, … }` with rising whole steps is a curve. In other lists an
 * entry goes by its `label`, `identity` or `name` where that tells the entries apart, otherwise by its position.
 */
export function leavesOf(value: unknown): Leaf[] {
  const leaves = new Map<string, Leaf>();
  collect(value, [], undefined, leaves);
  return [...leaves.values()];
}

/** The leaves by their keys. Same leaves, same keys. */
export function keyed(leaves: readonly Leaf[]): Map<string, Leaf> {
  const short = leaves.map(({ path }) => shortKey(path));
  const times = new Map<string, number>();
  for (const key of short) times.set(key, (times.get(key) ?? 0) + 1);
  return new Map(
    leaves.map((leaf, i) => [fit(times.get(short[i]!) === 1 ? short[i]! : wholeKey(leaf.path)), leaf]),
  );
}

function collect(value: unknown, path: string[], step: number | undefined, leaves: Map<string, Leaf>): void {
  if (value === null || value === undefined) return;
  if (typeof value === 'number') add(path, { value, step: step ?? 0 }, value, leaves);
  else if (Array.isArray(value)) collectList(value, path, step, leaves);
  else if (typeof value === 'object')
    for (const [name, inner] of Object.entries(value)) collect(inner, [...path, name], step, leaves);
  else leaves.set(JSON.stringify(path), { path, value, points: [] });
}

function collectList(
  list: unknown[],
  path: string[],
  step: number | undefined,
  leaves: Map<string, Leaf>,
): void {
  const steps = step === undefined ? stepsOf(list) : undefined;
  if (steps) {
    list.forEach((entry, i) => {
      if (Array.isArray(entry)) return collect(entry[1], path, steps[i]!, leaves);
      if (typeof entry === 'number') return collect(entry, path, steps[i]!, leaves);
      const { step: _, ...fields } = entry as Record<string, unknown>;
      collect(fields, path, steps[i]!, leaves);
    });
    // A series of plain numbers or pairs is one leaf; what stands there is the whole list.
    const leaf = leaves.get(JSON.stringify(path));
    if (leaf) leaf.value = list;
    return;
  }
  const names = namesOf(list);
  list.forEach((entry, i) => collect(entry, [...path, names[i]!], step, leaves));
}

function add(path: string[], point: Point, value: number, leaves: Map<string, Leaf>): void {
  const id = JSON.stringify(path);
  const leaf = leaves.get(id) ?? { path, value, points: [] };
  leaf.points.push(point);
  leaves.set(id, leaf);
}

/** The steps of a series, or undefined where the list is none. */
function stepsOf(list: unknown[]): number[] | undefined {
  if (list.length === 0) return undefined;
  if (list.every((entry) => typeof entry === 'number')) return list.map((_, i) => i);
  const isPair = (entry: unknown): boolean =>
    Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === 'number');
  const steps = list.every(isPair)
    ? list.map((entry) => (entry as number[])[0]!)
    : list.map((entry) => (Array.isArray(entry) ? undefined : (entry as { step?: unknown } | null)?.step));
  const rising = steps.every(
    (step, i) => Number.isSafeInteger(step) && (i === 0 || (step as number) > (steps[i - 1] as number)),
  );
  return rising ? (steps as number[]) : undefined;
}

function namesOf(list: unknown[]): string[] {
  for (const field of ['label', 'identity', 'name']) {
    const names = list.map((entry) => (entry as Record<string, unknown> | null)?.[field]);
    if (names.every((name) => typeof name === 'string') && new Set(names).size === names.length)
      return names as string[];
  }
  return list.map((_, i) => String(i));
}

/** Silent levels left out; a `/` inside a name groups as it does in the record (`psnrDb/mean`). */
function shortKey(path: string[]): string {
  const told = path.filter((name) => !silent.has(name));
  return (told.length > 0 ? told : path.slice(-1))
    .flatMap((name) => name.split('/'))
    .map(encode)
    .join('/');
}

function wholeKey(path: string[]): string {
  return path.map((name) => encode(name).replaceAll('/', ' u2f ')).join('/');
}

/** One name of a path in MLflow's characters. */
function encode(name: string): string {
  if (name === '') return ' u ';
  // MLflow reads keys as file paths.
  return name.replaceAll(/^\.$|\.(?=\.)|(?<=\.)\.|[^\w.\-/]/gu, (character) =>
    character === ' ' ? '  ' : ` ${words[character] ?? `u${character.codePointAt(0)!.toString(16)}`} `,
  );
}

/** A key that is too long is cut, and ends in a hash of the whole. */
function fit(key: string): string {
  if (key.length <= maxKeyLength) return key;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return `${key.slice(0, maxKeyLength - hash.length - 2)} h${hash}`;
}

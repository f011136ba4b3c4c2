/**
 * A log in which nothing can be changed, left out or moved unnoticed: JSON lines, each with the hash of the one before. Whoever keeps the
 * last hash somewhere else also sees when lines at the end are missing.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { UserError } from '../errors.ts';
import { syncFolder } from '../files.ts';
import { dirname } from 'node:path';

export type Entry = { at: string; what: string; [detail: string]: unknown };
type Line = { number: number; previous: string; entry: Entry; hash: string };

/** Stands before the first entry. */
const beginning = '0'.repeat(64);

function hashOf({ number, previous, entry }: Omit<Line, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([number, previous, entry]))
    .digest('hex');
}

/**
 * Appends entries and has them on the disk when it resolves. One process at a time.
 * @returns the hash of the last, worth keeping elsewhere.
 * @throws UserError when the log does not hold: nothing is built on a broken one.
 */
export async function appendToLog(path: string, entries: readonly Entry[]): Promise<string> {
  const found = await verifyLog(path);
  if ('broken' in found)
    throw new UserError(
      `${path}: ${found.broken}. Nothing is appended to it; keep it as evidence and move it out of the way`,
    );
  let { number, head } = found;
  const lines = entries.map((entry) => {
    const line = { number: ++number, previous: head, entry };
    head = hashOf(line);
    return `${JSON.stringify({ ...line, hash: head })}\n`;
  });
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(lines.join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
  return head;
}

export type Verified = { number: number; head: string } | { broken: string };

/**
 * How many entries there are and the hash of the last, or the first entry that is not what was written. `anchor`: a hash kept elsewhere,
 * which must be among them. A log that is not there has no entries.
 */
export async function verifyLog(path: string, anchor?: string): Promise<Verified> {
  let [number, head, seen] = [0, beginning, anchor === undefined || anchor === beginning];
  for await (const text of linesOf(path)) {
    number++;
    const line = parseLine(text);
    if (!line) return { broken: `entry ${number} is not a line of this log` };
    if (line.number !== number || line.previous !== head)
      return { broken: `entry ${number} does not follow the one before it` };
    if (line.hash !== hashOf(line)) return { broken: `entry ${number} was changed` };
    head = line.hash;
    seen ||= head === anchor;
  }
  return seen
    ? { number, head }
    : { broken: `entries after ${number} are missing: the hash kept elsewhere is not in it` };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function parseLine(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Partial<Line> | null;
    const whole =
      line &&
      typeof line.number === 'number' &&
      typeof line.hash === 'string' &&
      typeof line.previous === 'string' &&
      line.entry;
    return whole ? (line as Line) : undefined;
  } catch {
    return undefined;
  }
}

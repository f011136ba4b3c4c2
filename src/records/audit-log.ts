/**
 * A log in which nothing can be changed, left out or moved unnoticed: JSON lines, each with the hash of the one before. Whoever keeps the
 * last hash somewhere else also sees when lines at the end are missing.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { syncFolder } from '../files.ts';
import { dirname } from 'node:path';

export type Entry = { at: string; what: string; [detail: string]: unknown };
/** As it stands in the file. */
export type Line = { number: number; previous: string; entry: Entry; hash: string };

/** Stands before the first entry. */
const beginning = '0'.repeat(64);

function hashOf({ number, previous, entry }: Omit<Line, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([number, previous, entry]))
    .digest('hex');
}

/** A log that was verified when it was opened, and is added to without being read again. One process at a time. */
export type AuditLog = {
  /** Entries on the disk, and the hash of the last. */
  readonly number: number;
  readonly head: string;
  /** Has the entries on the disk when it resolves, the caller waiting for one call before the next. Throws as `fs` does, with the log as it was. */
  append(entries: readonly Entry[]): Promise<void>;
  close(): Promise<void>;
};

/**
 * Opens a log to add to it. `anchor`: as `verifyLog`. `mayBeTorn`: what a crash left of a last line is cut off; for those who write their entries down elsewhere first and can tell by
 * the anchor that nothing else is missing.
 * @throws UserError when the log does not hold: nothing is built on a broken one.
 */
export async function openLog(
  path: string,
  {
    anchor,
    mayBeTorn = false,
    remedy = 'keep it as evidence and move it out of the way',
  }: { anchor?: string | undefined; mayBeTorn?: boolean; remedy?: string } = {},
): Promise<AuditLog> {
  const found = await readLog(path, anchor);
  const torn = 'broken' in found && mayBeTorn && found.torn;
  if ('broken' in found && !torn)
    throw new UserError(`${path}: ${found.broken}. Nothing is appended to it; ${remedy}`);
  let { number, head, end } = found;
  const file = await open(path, 'a', 0o600);
  try {
    if (torn) await file.truncate(end);
    // Somebody cut off the end of the last line alone.
    else if (!found.ended) {
      await file.appendFile('\n');
      end++;
    }
    await syncFolder(dirname(path));
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    get number() {
      return number;
    },
    get head() {
      return head;
    },
    async append(entries) {
      if (entries.length === 0) return;
      let last = { number, hash: head };
      const bytes = Buffer.from(
        entries.map((entry) => `${JSON.stringify((last = lineAfter(last, entry)))}\n`).join(''),
      );
      try {
        await file.appendFile(bytes);
        await file.datasync();
      } catch (error) {
        // What was written of it would stand before the next line.
        await file.truncate(end).catch(() => {});
        throw error;
      }
      [number, head, end] = [last.number, last.hash, end + bytes.length];
    },
    close: () => file.close(),
  };
}

function lineAfter(last: { number: number; hash: string }, entry: Entry): Line {
  const line = { number: last.number + 1, previous: last.hash, entry };
  return { ...line, hash: hashOf(line) };
}

/**
 * Appends entries and has them on the disk when it resolves. One process at a time.
 * @returns the hash of the last, worth keeping elsewhere.
 * @throws UserError when the log does not hold: nothing is built on a broken one.
 */
export async function appendToLog(path: string, entries: readonly Entry[]): Promise<string> {
  const log = await openLog(path);
  try {
    await log.append(entries);
    return log.head;
  } finally {
    await log.close();
  }
}

export type Verified = { number: number; head: string } | { broken: string };

/** `anchor`: a hash kept elsewhere, which must be in the log. `mayBeTorn`: a last line without its end is no mistake: it is being written, or a crash left it. */
type Demand = { anchor?: string | undefined; mayBeTorn?: boolean };

/** How many entries there are and the hash of the last, or the first entry that is not what was written. A log that is not there has no entries. */
export async function verifyLog(
  path: string,
  anchor?: string,
  { mayBeTorn = false }: Pick<Demand, 'mayBeTorn'> = {},
): Promise<Verified> {
  const found = await readLog(path, anchor);
  if ('broken' in found && !(mayBeTorn && found.torn)) return { broken: found.broken };
  return { number: found.number, head: found.head };
}

/** Whether a line's hash is that of what stands in it: of lines that were taken out of a log, one by one. */
export const lineHolds = (line: Line): boolean => line.hash === hashOf(line);

/** `number`, `head` and `end` (in bytes) of what holds; `ended`: with the end of a line. `torn`: only the last line does not hold, and has no end. */
type Read = { number: number; head: string; end: number; ended: boolean };

async function readLog(
  path: string,
  anchor: string | undefined,
  each?: (text: Buffer) => void,
): Promise<Read | (Read & { broken: string; torn: boolean })> {
  let [number, head, end, whole] = [0, beginning, 0, true];
  let seen = anchor === undefined || anchor === beginning;
  const broken = (why: string, torn = false) => ({ number, head, end, ended: whole, broken: why, torn });
  for await (const lines of linesOf(path))
    for (const { bytes, ended } of lines) {
      const text = ended ? bytes.subarray(0, -1) : bytes;
      const at = number + 1;
      const hash = hashWhereItFollows(text, { number: at, previous: head });
      if (hash === undefined) {
        const line = parseLine(text.toString('utf8'));
        if (!line) return broken(`entry ${at} is not a line of this log`, !ended && seen);
        const follows = line.number === at && line.previous === head;
        return broken(`entry ${at} ${follows ? 'was changed' : 'does not follow the one before it'}`);
      }
      [number, head, end, whole] = [at, hash, end + bytes.length, ended];
      seen ||= head === anchor;
      each?.(text);
    }
  return seen
    ? { number, head, end, ended: whole }
    : broken(`entries after ${number} are missing: the hash kept elsewhere is not in it`);
}

const [hashBegins, hashEnds] = [',"hash":"', '"}'];

/**
 * The hash of a line, where it is what was written after the one before it. Looks at its bytes alone, which takes a fraction of the time that reading
 * and writing JSON does, and passes no two texts for one.
 */
function hashWhereItFollows(
  text: Buffer,
  { number, previous }: { number: number; previous: string },
): string | undefined {
  const begins = `{"number":${number},"previous":"${previous}","entry":`;
  const entryEnds = text.length - hashBegins.length - beginning.length - hashEnds.length;
  if (entryEnds <= begins.length || text.toString('latin1', 0, begins.length) !== begins) return undefined;
  const hash = createHash('sha256')
    .update(`[${number},"${previous}",`)
    .update(text.subarray(begins.length, entryEnds))
    .update(']')
    .digest('hex');
  return text.toString('latin1', entryEnds) === `${hashBegins}${hash}${hashEnds}` ? hash : undefined;
}

/** Every line that `wanted` says yes to, and where the log ends. @throws UserError where the log does not hold. */
export async function linesWhere(
  path: string,
  wanted: (line: Line) => boolean,
  { anchor, mayBeTorn = false }: Demand = {},
): Promise<{ lines: Line[]; number: number; head: string }> {
  const lines: Line[] = [];
  const found = await readLog(path, anchor, (text) => {
    const line = JSON.parse(text.toString('utf8')) as Line;
    if (wanted(line)) lines.push(line);
  });
  if ('broken' in found && !(mayBeTorn && found.torn)) throw new UserError(`${path}: ${found.broken}`);
  return { lines, number: found.number, head: found.head };
}

const newline = 10;

type Bytes = { bytes: Buffer; ended: boolean };

/** Every line with its end, as many at a time as were read; the last may have none. */
async function* linesOf(path: string): AsyncGenerator<Bytes[]> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
      const lines: Bytes[] = [];
      let start = 0;
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, start)) {
        lines.push({ bytes: bytes.subarray(start, at + 1), ended: true });
        start = at + 1;
      }
      rest = bytes.subarray(start);
      yield lines;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (rest.length > 0) yield [{ bytes: rest, ended: false }];
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

/**
 * The journal of a run, `journal.jsonl`: what was started when and by whom, which jobs it needed and what became of each, how it ended. Results
 * themselves lie in the cache; the journal says what a run went through, and is only ever added to.
 *
 * A line is `{"crc":"8 hex digits","entry":{"n":1,…}}`: the CRC-32 of the entry's text, so that no changed byte passes, and its number, so that no line is missing.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { atPath, exitCodes, UserError } from '../errors.ts';
import { failPoint } from '../fail-point.ts';
import { syncFolder } from '../files.ts';

/** What became of a job. `found`: in the cache, put there by another run or just before a crash. `computed` may come several times, when its entry was lost or nobody may keep it. */
export type JobEntry = {
  event: 'job';
  job: string;
  key: string;
  how: 'computed' | 'found' | 'failed' | 'notApplicable';
  /** Seconds of computing. */
  seconds?: number;
  /** Why it failed: `E_CODE message`. */
  cause?: string;
};
export type StartEntry = { event: 'started'; process: string; config: string; set: string[] };
export type EndEntry = {
  event: 'ended';
  how: 'done' | 'interrupted' | 'failed';
  exitCode: number;
  cause?: string;
};
export type Entry = StartEntry | JobEntry | EndEntry;
/** An entry as it was written: its number from 1 on, and when (ISO 8601). */
export type Written = Entry & { n: number; at: string };

export type Journal = {
  /** What was there when it was opened. */
  earlier: Written[];
  /** Resolves when the entry is on the disk. Entries that come while others are being written are written together. */
  append(entry: Entry): Promise<void>;
  /** Waits for what is being written; what is appended later is dropped. */
  close(): Promise<void>;
};

const form = /^\{"crc":"([0-9a-f]{8})","entry":(\{.*\})\}$/s;
const crcOf = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/**
 * What the file at `path` holds, nothing where there is none; and where it ends, before a last line that was torn by a crash.
 * Whatever is written begins at the end and ends with a newline: a line that has one was whole.
 * @throws UserError (exit 4) naming the line that is damaged: something has changed what was written.
 */
export async function readJournal(path: string): Promise<{ entries: Written[]; end: number; torn: boolean }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    return atPath(path)(error);
  });
  const entries: Written[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf('\n', start);
    if (newline < 0) return { entries, end: start, torn: true };
    const entry = parseLine(bytes.toString('utf8', start, newline), entries.length + 1);
    if (!entry)
      throw new UserError(
        `${path}:${entries.length + 1}: the line is damaged (its checksum or number does not fit). Keep the file as evidence, move it out of the way, and run the same command again: what is finished is in the cache`,
        { exitCode: exitCodes.environment },
      );
    entries.push(entry);
    start = newline + 1;
  }
  return { entries, end: bytes.length, torn: false };
}

function parseLine(line: string, n: number): Written | undefined {
  const [, crc, text] = form.exec(line) ?? [];
  if (text === undefined || crc !== crcOf(text)) return undefined;
  const entry = JSON.parse(text) as Written;
  return entry.n === n ? entry : undefined;
}

/**
 * Opens the journal at `path` to add to it, by one process at a time; the file is made with the first entry. A torn last line is cut off, and `warn` hears of it.
 * @throws as `readJournal`; `append` what `fs` throws (ENOSPC, …) with the path.
 */
export async function openJournal(path: string, warn: (message: string) => void): Promise<Journal> {
  const { entries, end, torn } = await readJournal(path);
  if (torn) warn(`journal: ${path}: the last line, at byte ${end}, was cut short by a crash and is dropped`);
  let [n, size, closed]: [number, number, boolean] = [entries.length, end, false];
  let file: FileHandle | undefined;
  const write = async (batch: Entry[]): Promise<void> => {
    const at = new Date().toISOString();
    const lines = batch.map((entry, i) => lineOf({ n: n + i + 1, at, ...entry }));
    const bytes = Buffer.from(lines.join(''));
    failPoint('journal-append');
    try {
      file ??= await openAt(path, size);
      await writeAll(file, bytes, size);
      failPoint('journal-written');
      await file.datasync();
    } catch (error) {
      // What was written of it would stand before the next line.
      await file?.truncate(size).catch(() => {});
      atPath(path)(error);
    }
    failPoint('journal-synced');
    [n, size] = [n + batch.length, size + bytes.length];
  };
  let waiting: { batch: Entry[]; written: Promise<void> } | undefined;
  let last: Promise<void> = Promise.resolve();
  return {
    earlier: entries,
    append(entry) {
      if (closed) return Promise.resolve();
      if (!waiting) {
        const batch: Entry[] = [];
        const written = last.then(() => {
          waiting = undefined;
          return write(batch);
        });
        last = written.catch(() => {});
        waiting = { batch, written };
      }
      waiting.batch.push(entry);
      return waiting.written;
    },
    async close() {
      closed = true;
      await last;
      await file?.close();
    },
  };
}

function lineOf(entry: Written): string {
  const text = JSON.stringify(entry);
  return `{"crc":"${crcOf(text)}","entry":${text}}\n`;
}

/** The file, made where there is none, cut to `size` bytes. */
async function openAt(path: string, size: number): Promise<FileHandle> {
  const file = await open(path, size === 0 ? 'w' : 'r+');
  await file.truncate(size);
  if (size === 0) await syncFolder(dirname(path));
  return file;
}

/** One call may write less than it was given. */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

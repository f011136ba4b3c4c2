/** The folder of a run while it is under way: one process writes into it, and its journal says what became of each job and how the run ended. */
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, isSystemError, machineTrouble, UserError } from '../src/errors.ts';
import { failPoint } from '../src/fail-point.ts';
import { sweep } from '../src/files.ts';
import type { JobLog } from '../src/pipeline/context.ts';
import { ownTag } from '../src/process-tag.ts';
import { type EndEntry, openJournal } from '../src/records/journal.ts';
import { addJob, type History, historyOf, nameOf } from '../src/records/run-history.ts';
import { takeLock } from '../src/records/run-lock.ts';

export type RunFolder = {
  folder: string;
  /** The starts before this one since the run was last done, and what became of the jobs of this one too. */
  history: History;
  log: JobLog;
};
type Start = {
  folder: string;
  /** Told in the journal: what was asked for. */
  config: string;
  set: string[];
  warn(message: string): void;
  /** The exit code where a signal told the process to stop. */
  stopped(): number | undefined;
};

/**
 * Makes the folder where needed, holds its lock while `work` is done in it, and writes into the journal what becomes of it. `work` returns the exit code, and
 * so does this.
 * @throws what `work` throws; UserError with exit code 2 where another process is at work in the folder, 4 where its journal is damaged.
 */
export async function inRunFolder(start: Start, work: (run: RunFolder) => Promise<number>): Promise<number> {
  const { folder } = start;
  await mkdir(folder, { recursive: true });
  try {
    const lock = await takeLock(folder);
    try {
      for (const part of ['.', 'fakes', 'figures']) await sweep(join(folder, part));
      failPoint('swept');
      return await withJournal(start, work);
    } finally {
      await lock.release();
    }
  } finally {
    // A run of which nothing is worth keeping leaves no trace.
    await rmdir(folder).catch(() => {});
  }
}

async function withJournal(
  { folder, config, set, warn, stopped }: Start,
  work: (run: RunFolder) => Promise<number>,
): Promise<number> {
  const journal = await openJournal(join(folder, 'journal.jsonl'), warn);
  const known = new Set(journal.earlier.flatMap((entry) => (entry.event === 'job' ? nameOf(entry) : [])));
  const history = historyOf(journal.earlier);
  let [begun, ended] = [false, false];
  const begin = (): Promise<void> => {
    begun = true;
    return journal.append({ event: 'started', process: ownTag(), config, set });
  };
  /** A start that has nothing to tell, as when all of a finished run is in the cache, leaves the journal as it is. */
  const log: JobLog = async (job) => {
    // What was stored while the run was being stopped is found in the cache by the next start, which tells it.
    if (ended) return;
    const entry = { event: 'job' as const, ...job };
    const isNews = job.how === 'computed' || job.how === 'failed' || !known.has(nameOf(job));
    known.add(nameOf(job));
    addJob(history, entry);
    if (isNews) await Promise.all([begun ? undefined : begin(), journal.append(entry)]);
  };
  const end = async (ending: Omit<EndEntry, 'event'>): Promise<void> => {
    ended = true;
    if (begun) await journal.append({ event: 'ended', ...ending });
  };
  try {
    if (history.starts > 0) await begin();
    const exitCode = await work({ folder, history, log });
    await end({ how: 'done', exitCode });
    failPoint('run-ended');
    return exitCode;
  } catch (error) {
    const signalled = stopped();
    const ending: Omit<EndEntry, 'event'> =
      signalled === undefined
        ? { how: 'failed', exitCode: exitCodeOf(error), cause: (error as Error).message }
        : { how: 'interrupted', exitCode: signalled };
    await end(ending).catch(() => {}); // the first error says more
    throw error;
  } finally {
    await journal.close();
  }
}

function exitCodeOf(error: unknown): number {
  const known = machineTrouble(error) ?? error;
  if (known instanceof UserError) return known.exitCode;
  return isSystemError(known) ? exitCodes.environment : 1;
}

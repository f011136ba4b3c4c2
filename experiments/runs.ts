/** `masque runs`: every run folder with how far it is, as its record, its lock and its journal say. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournal } from '../src/records/journal.ts';
import { readRecord } from '../src/records/record.ts';
import { historyOf } from '../src/records/run-history.ts';
import { lockOwner } from '../src/records/run-lock.ts';

type Status = 'done' | 'running' | 'interrupted' | 'failed' | 'imported' | 'damaged';
type Run = {
  id: string;
  status: Status;
  /** Who is at work in it, why it failed, or what is damaged. */
  detail: string | null;
  /** When it was started first since it was last done, ISO 8601. */
  startedAt: string | null;
  /** How often it was started until it was done, or so far. */
  starts: number;
  /** The file it was started with, as given, and what was changed of it; null where only the record is known. */
  config: string | null;
  set: string[];
  jobs: { computed: number; cached: number; failed: number };
  /** Scores, and scores that are missing; null until it is done. */
  scores: number | null;
  failed: number | null;
  bytes: number;
};

/** Prints the runs in `results`, by when they were started. */
export async function listRuns(results: string, json: boolean): Promise<void> {
  const runs = await runsIn(results);
  if (json) return void process.stdout.write(`${JSON.stringify(runs)}\n`);
  if (runs.length === 0) process.stdout.write(`no runs in ${join(results, 'runs')}\n`);
  for (const run of runs) process.stdout.write(linesOf(run));
}

/** Every run in `results`, by when it was started. Nothing is changed. */
export async function runsIn(results: string): Promise<Run[]> {
  const folder = join(results, 'runs');
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found: Run[] = [];
  for (const name of names) found.push(await describe(join(folder, name), name));
  return found.toSorted((a, b) => order(a).localeCompare(order(b), 'en'));
}

const order = ({ startedAt, id }: Run): string => `${startedAt ?? ''} ${id}`;

async function describe(folder: string, id: string): Promise<Run> {
  const run: Run = {
    id,
    status: 'interrupted',
    detail: null,
    startedAt: null,
    starts: 0,
    config: null,
    set: [],
    jobs: { computed: 0, cached: 0, failed: 0 },
    scores: null,
    failed: null,
    bytes: await bytesIn(folder),
  };
  try {
    if (existsSync(join(folder, 'record.json'))) {
      const { startedAt, starts = 1, counts, imported } = await readRecord(join(folder, 'record.json'));
      const { scores, failed, jobs = { computed: 0, cached: 0 } } = counts;
      Object.assign(run, { status: imported ? 'imported' : 'done', startedAt, starts, scores, failed });
      run.jobs = { ...jobs, failed: 0 };
    }
    await addJournal(run, folder);
    const owner = await lockOwner(folder);
    return owner ? { ...run, status: 'running', detail: `pid ${owner.pid} on ${owner.host}` } : run;
  } catch (error) {
    return { ...run, status: 'damaged', detail: (error as Error).message };
  }
}

/** What the journal knows: of a run that is done, how it was started; of one that is not, how far it is. */
async function addJournal(run: Run, folder: string): Promise<void> {
  const { entries } = await readJournal(join(folder, 'journal.jsonl'));
  const started = entries.findLast((entry) => entry.event === 'started');
  if (started) Object.assign(run, { config: started.config, set: started.set });
  const { starts, startedAt, jobs, ended } = historyOf(entries);
  if (starts === 0 || run.status === 'done') return;
  const count = (...hows: string[]): number => [...jobs.values()].filter((how) => hows.includes(how)).length;
  run.starts = starts;
  run.startedAt = startedAt!;
  run.jobs = { computed: count('computed'), cached: count('found'), failed: count('failed') };
  if (ended?.how !== 'failed') return;
  run.status = 'failed';
  run.detail = `exit ${ended.exitCode}: ${ended.cause}`;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A line of what is known, and one of what is not as it should be. */
function linesOf({ id, status, detail, startedAt, config, jobs, scores, failed, bytes }: Run): string {
  const when = startedAt?.slice(0, 16).replace('T', ' ') ?? '';
  const done = jobs.computed + jobs.cached;
  const what = scores === null ? `${done} jobs, ${jobs.failed} failed` : `${scores} scores, ${failed} failed`;
  const size = bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const line = [
    id.padEnd(30),
    status.padEnd(11),
    when.padEnd(16),
    what.padEnd(26),
    size.padStart(9),
    config ?? '',
  ];
  return `${printable(line.join('  ').trimEnd())}\n${detail === null ? '' : `  ${printable(detail)}\n`}`;
}

/** Names and messages may hold anything; a terminal must not act on it. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '�');

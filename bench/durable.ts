/**
 * What it costs that a run may be killed at any moment: the seconds that cache and journal take for every job of the smoke run, done again one after another, beside the time of that run.
 * In the run itself they go on beside the computing, so that less of its time is theirs.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { openCache } from '../src/pipeline/cache.ts';
import { type JobEntry, openJournal, readJournal } from '../src/records/journal.ts';
import { readRecord } from '../src/records/record.ts';
import { median } from './median.ts';
import type { Part } from './bench.ts';

const root = resolve(import.meta.dirname, '..');
type Stored = { output: unknown; seconds: number };
type Times = Record<'look' | 'begin' | 'commit' | 'journal' | 'read', number[]>;

export const durable: Part = async () => {
  const results = await mkdtemp(join(tmpdir(), 'masque-bench-'));
  try {
    const folder = await smoke(results);
    const { seconds } = await readRecord(join(folder, 'record.json'));
    const { entries } = await readJournal(join(folder, 'journal.jsonl'));
    const jobs = entries.filter((entry) => entry.event === 'job' && entry.how === 'computed') as JobEntry[];
    const times = await storeAgain(jobs, join(results, 'cache'), join(results, 'again'));
    const sum = (names: (keyof Times)[]): number =>
      names.flatMap((name) => times[name]).reduce((all, ms) => all + ms, 0) / 1000;
    const storing = sum(['look', 'begin', 'commit', 'journal']);
    return {
      ratios: { ofRunTime: storing / seconds },
      jobs: jobs.length,
      runSeconds: seconds,
      storingSeconds: storing,
      readingSeconds: sum(['read']),
      medianMs: Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, median(ms)])),
      notes: ['durable: cache and journal of every job one after another, as a share of the run; no peer'],
    };
  } finally {
    await rm(results, { recursive: true });
  }
};

/** Runs configs/smoke.yaml into `results` and returns its folder. */
async function smoke(results: string): Promise<string> {
  const command = [
    'experiments/masque.mjs',
    'experiment',
    'configs/smoke.yaml',
    '--json',
    '--results',
    results,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, maxBuffer: 1 << 26 });
  return resolve(root, (JSON.parse(stdout.trim().split('\n').at(-1)!) as { dir: string }).dir);
}

/** Every entry of the cache `from` put into a new one under `to`, and told in a journal, as a run does. Milliseconds of each step. */
async function storeAgain(jobs: JobEntry[], from: string, to: string): Promise<Times> {
  const cache = openCache(join(to, 'cache'), () => {});
  const journal = await openJournal(join(to, 'journal.jsonl'), () => {});
  const times: Times = { look: [], begin: [], commit: [], journal: [], read: [] };
  const timed = async <T>(name: keyof Times, work: () => Promise<T>): Promise<T> => {
    const before = performance.now();
    const result = await work();
    times[name].push(performance.now() - before);
    return result;
  };
  for (const entry of jobs) {
    const { job, key } = entry;
    const source = join(from, job, key.slice(0, 2), key);
    const text = await readFile(join(source, 'entry'), 'utf8').catch(() => undefined);
    if (text === undefined) continue; // computed and not kept
    const { output, seconds } = JSON.parse(text.slice(text.indexOf('\n') + 1)) as Stored;
    await timed('look', () => cache.find(job, key));
    const folder = await timed('begin', () => cache.begin(job, key));
    for (const name of await readdir(source))
      if (name !== 'entry') await cp(join(source, name), join(folder, name), { recursive: true });
    await timed('commit', () => cache.commit(job, key, folder, inside(output, folder), seconds));
    await timed('journal', () => journal.append(entry));
  }
  for (const { job, key } of jobs) await timed('read', () => cache.find(job, key));
  await journal.close();
  return times;
}

/** The output with its files in `folder`. */
function inside(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => inside(entry, folder));
  if (value === null || typeof value !== 'object') return value;
  const moved = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inside(entry, folder)]));
  const { path, sha256 } = moved;
  if (typeof path === 'string' && typeof sha256 === 'string' && !path.startsWith('/'))
    moved['path'] = join(folder, path);
  return moved;
}

/** What tests of many machines share: a context over an engine, a worker's bench, and workers as processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCache } from '../../src/pipeline/cache.ts';
import { createContext, type RunContext } from '../../src/pipeline/context.ts';
import { canonicalJson } from '../../src/pipeline/key.ts';
import type { Bench } from '../../src/queue/answer.ts';
import type { Engine, Pool } from '../../src/queue/pool.ts';
import { openScratch } from '../../src/queue/scratch.ts';
import type { Store } from '../../src/queue/store/store.ts';
import type { FileRef } from '../../src/types.ts';
import { sum } from './queue.job.ts';

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
/** The child ends with this process, however that ends. */
export function endWithUs<T extends ChildProcess>(child: T): T {
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

export const temporary = (name: string): string => mkdtempSync(join(tmpdir(), `masque-${name}-`));

/** A context whose cache is new. */
export function contextOver(engine: Engine, tools: Record<string, string> = {}): RunContext {
  const progress = {
    begin: () => ({ started: () => {}, progress: () => {}, end: () => {} }),
    note: () => {},
    stop: () => {},
  };
  return createContext({
    seed: 1,
    cache: openCache(temporary('cache'), () => {}),
    pool: engine,
    tools,
    progress,
  });
}

/** A machine of its own: with a disk that no other has. */
export function benchOn(store: Store, pool: Pool, tools: Record<string, string> = {}): Bench {
  const root = temporary('scratch');
  return {
    store,
    scratch: openScratch(root, store),
    folders: openCache(root, () => {}),
    pool,
    tools,
    stopped: new AbortController().signal,
  };
}

/**
 * A small run: `count` jobs, and one for every five of them that adds up their files. @returns its digest, which says the same
 * whoever computed it, however often something was begun anew. `salt`: another run, of which nothing is known yet.
 */
export async function toyRun(
  context: RunContext,
  { count, ms = 30, salt = 0 }: { count: number; ms?: number; salt?: number },
): Promise<string> {
  const from = salt * 1e6;
  const ref = async (value: number): Promise<FileRef> => (await context.run(sum, { value, ms })).file;
  const files = await Promise.all(Array.from({ length: count }, (_, i) => ref(from + i)));
  const totals = await Promise.all(
    Array.from({ length: Math.floor(count / 5) }, async (_, i) => {
      const input = { value: from + 1000 * i, ms, from: files.slice(5 * i, 5 * i + 5) };
      const { total, file } = await context.run(sum, input);
      return { total, sha256: file.sha256 };
    }),
  );
  return createHash('sha256').update(canonicalJson(totals)).digest('hex');
}
/** How many jobs that are. */
export const toyJobs = (count: number): number => count + Math.floor(count / 5);

export type WorkerProcess = {
  child: ChildProcess;
  pid: number;
  told(): string;
  ended: Promise<number | null>;
};

/** A worker process with little patience: after `lockMs` of silence it counts as lost. Resolves once it takes jobs. */
export async function startWorker(options: {
  url: string;
  store: string;
  slots?: number;
  lockMs?: number;
  tools?: Record<string, string>;
}): Promise<WorkerProcess> {
  const { url, store, slots = 1, lockMs = 3_000, tools = {} } = options;
  const settings = JSON.stringify({ store, slots, lockMs, tools, scratch: temporary('scratch') });
  const child = endWithUs(
    spawn(process.execPath, [join(import.meta.dirname, 'queue-worker.mjs'), settings], {
      env: { ...process.env, REDIS_URL: url },
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  let told = '';
  child.stderr.on('data', (part: Buffer) => {
    told += part.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  await until(() => told.includes('ready') || child.exitCode !== null, 300_000);
  return { child, pid: child.pid!, told: () => told, ended };
}

/** Waits for it. @throws where it does not come. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs / 1000} s: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** What components are given: seeded randomness, and jobs that come from the cache or are run by the engine, each only once. */
import { ItemError } from '../errors.ts';
import { createRng } from '../random.ts';
import type { Context, Job } from '../types.ts';
import type { Engine } from '../queue/pool.ts';
import type { JobEntry } from '../records/journal.ts';
import type { Cache } from './cache.ts';
import { jobKey } from './key.ts';
import type { Progress } from './progress.ts';
import { nextTurn } from './turn.ts';

export type Counts = { cached: number; computed: number; failed: number };
export type RunContext = Context & {
  counts: Counts;
  /** As `run`, with the seconds of computing the output took, now or when it was first computed. */
  runTimed<Input, Output>(job: Job<Input, Output>, input: Input): Promise<Timed<Output>>;
};
type Timed<Output> = { output: Output; seconds: number };
/** Hears what became of a job, once it is in the cache or known to have failed. */
export type JobLog = (entry: Omit<JobEntry, 'event'>) => Promise<void>;

/** So many cache entries are read at once: each holds a file open. */
const mostReads = 16;

/**
 * A context over `cache` and `pool`, whatever engine that is. `tools` are versions outside the repository that results depend on. A job that is
 * asked for twice runs once and counts once.
 */
export function createContext(options: {
  seed: number;
  cache: Cache;
  pool: Engine;
  tools: Record<string, string>;
  progress: Progress;
  log?: JobLog;
}): RunContext {
  const { seed, cache, pool, tools, progress, log = async () => {} } = options;
  const counts: Counts = { cached: 0, computed: 0, failed: 0 };
  const underWay = new Map<string, Promise<unknown>>();
  // A job that is asked for again counts once, whether it was still under way then or not.
  const counted = new Set<string>();
  const count = (how: keyof Counts, key: string): void => {
    if (counted.has(key)) return;
    counted.add(key);
    counts[how]++;
  };

  const inTurn = lanes(mostReads);
  const obtain = async <I, O>(job: Job<I, O>, input: I, key: string): Promise<Timed<O>> => {
    const task = progress.begin(job.name);
    const note = (what: Pick<JobEntry, 'how' | 'seconds' | 'cause'>): Promise<void> =>
      log({ job: job.name, key, ...what });
    try {
      const found = await inTurn(() => cache.find<O>(job.name, key));
      if (found) {
        await note({ how: 'found' });
        count('cached', key);
        task.end('cached');
        return found;
      }
      const folder = await cache.begin(job.name, key);
      const checkpoints = cache.checkpoints(job.name, key);
      let keep = (): void => {};
      const kept = new Promise<void>((resolve) => (keep = resolve));
      try {
        const { output, seconds, cached } = await pool.run(job, input, folder, {
          key,
          checkpoints,
          kept,
          listener: { ...task, note: progress.note },
        });
        const isFinal = job.isFinal?.(output) ?? true;
        const stored = isFinal ? await cache.commit(job.name, key, folder, output, seconds) : output;
        if (!isFinal) await cache.discard(folder);
        await cache.discard(checkpoints);
        const how = cached ? 'cached' : 'computed';
        await note(cached ? { how: 'found' } : { how: 'computed', seconds });
        count(how, key);
        task.end(how);
        return { output: stored, seconds };
      } catch (error) {
        await cache.discard(folder);
        throw error;
      } finally {
        keep();
      }
    } catch (error) {
      // A question that does not fit an item is no failure.
      const how =
        error instanceof ItemError && error.code === 'E_NOT_APPLICABLE' ? 'notApplicable' : 'failed';
      if (how === 'failed') count('failed', key);
      task.end(how);
      if (error instanceof ItemError) await note({ how, cause: `${error.code} ${error.message}` });
      throw error;
    }
  };
  // Hundreds of jobs are asked for at once; each gets its key, a hash of all its input, in a turn of the event loop of its own.
  let lastTurn = Promise.resolve();
  const runTimed = async <I, O>(job: Job<I, O>, input: I): Promise<Timed<O>> => {
    lastTurn = lastTurn.then(nextTurn);
    await lastTurn;
    const key = jobKey(job, input, tools);
    let result = underWay.get(key) as Promise<Timed<O>> | undefined;
    if (!result) {
      result = obtain(job, input, key);
      underWay.set(key, result);
      const forget = (): boolean => underWay.delete(key);
      result.then(forget, forget);
    }
    return result;
  };

  return {
    seed,
    counts,
    runTimed,
    rng: (...scope) => createRng(seed, ...scope),
    run: outputOf(runTimed),
  };
}

/** The same context, whose randomness follows from another seed. */
export function withSeed(context: RunContext, seed: number): RunContext {
  return { ...context, seed, rng: (...scope) => createRng(seed, ...scope) };
}

/** The same context, and a clock that sums the computing time of the jobs asked for through it. */
export function timed(context: RunContext): { context: RunContext; seconds(): number } {
  const parts: number[] = [];
  const runTimed: RunContext['runTimed'] = async (job, input) => {
    const result = await context.runTimed(job, input);
    parts.push(result.seconds);
    return result;
  };
  return {
    context: { ...context, runTimed, run: outputOf(runTimed) },
    // Summed by size: jobs end in any order, and the last bit of a sum depends on it.
    seconds: () => parts.toSorted((a, b) => a - b).reduce((sum, part) => sum + part, 0),
  };
}

/**
 * `run` for a `runTimed`. Components start jobs side by side and await them one after another; when the first one fails the
 * failures of the others are of no more interest, and must not end the process as unhandled.
 */
function outputOf(runTimed: RunContext['runTimed']): Context['run'] {
  return (job, input) => {
    const output = runTimed(job, input).then((result) => result.output);
    output.catch(() => {});
    return output;
  };
}

/** Runs works in `count` lanes, one after another in each. */
function lanes(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const ends = Array.from({ length: count }, () => Promise.resolve());
  let next = 0;
  return (work) => {
    const lane = next++ % count;
    const result = ends[lane]!.then(work);
    const ended = (): void => {};
    ends[lane] = result.then(ended, ended);
    return result;
  };
}

/**
 * A worker's side of BullMQ: takes as many jobs as this machine has processor threads and answers them. The jobs compute in child
 * processes (`pool.ts`), so that the event loop which keeps their locks is free whatever they do.
 */
import { once } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type Job, WaitingError, Worker } from 'bullmq';
import { answer, type Bench } from '../answer.ts';
import type { Listener } from '../pool.ts';
import type { Known, Told } from './engine.ts';
import { queueName } from './queue-name.ts';
import type { Broker } from './redis.ts';

/** `lock`: a worker that is silent for so long counts as gone, and its job is given to another. */
export type Patience = { lockMs: number; lookForStalledMs: number };
const patience: Patience = { lockMs: 30_000, lookForStalledMs: 10_000 };
/** Progress is a courtesy: at most so often from each job. */
const tellEveryMs = 2_000;
const leaveWithinMs = 5_000;

/**
 * Answers questions from `bench.store` on `slots` processor threads until `bench.stopped`; running jobs are given back then, to be begun
 * anew elsewhere. @throws UserError where this machine is not fit for the work, after it has given back what it had.
 */
export async function serveBullmq(
  { redis, connection, close }: Broker,
  bench: Bench,
  {
    slots,
    note,
    lockMs,
    lookForStalledMs,
  }: { slots: number; note(message: string): void } & Partial<Patience>,
): Promise<void> {
  const name = await queueName(bench.store);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  let failure: Error | undefined;

  let moreThreads = 0;
  const take = (threads: number): void => {
    moreThreads += threads;
    worker.concurrency = Math.max(1, slots - moreThreads);
  };

  const work = async (job: Job<Known, null>): Promise<null> => {
    const started = performance.now();
    // A job of two threads leaves room for one less; the pool sees to it that they never overlap.
    take(job.data.threads - 1);
    try {
      // Two attempts in all: a worker that was lost with the job was one.
      await answer(
        job.id!,
        { ...bench, stopped: stopping.signal },
        listen(job),
        job.stalledCounter > 0 ? 1 : 2,
      );
      note(`${job.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
      return null;
    } catch (error) {
      // Not the job's fault: another worker may do it.
      if (!stopping.signal.aborted) {
        failure = error as Error;
        const told: Told = { note: `worker ${hostname()}: ${failure.message}` };
        await job.updateProgress(told).catch(() => {});
        stop();
      }
      await job.moveToWait(job.token!);
      throw new WaitingError();
    } finally {
      take(1 - job.data.threads);
    }
  };

  const worker = new Worker<Known, null>(name, work, {
    connection,
    name: hostname(),
    concurrency: slots,
    lockDuration: lockMs ?? patience.lockMs,
    stalledInterval: lookForStalledMs ?? patience.lookForStalledMs,
    maxStalledCount: 1,
    runRetryDelay: 2_000,
  });
  worker.on('error', (error) => {
    if (redis.status === 'ready' && !stopping.signal.aborted) note(`queue: ${error.message}`);
  });
  worker.on('stalled', (id) => note(`a worker was lost with ${id}; it is begun anew`));

  bench.stopped.addEventListener('abort', stop);
  if (bench.stopped.aborted) stop();
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  bench.stopped.removeEventListener('abort', stop);
  await bench.pool.close();
  // Where Redis is away, the locks run out and others take over.
  await Promise.race([worker.close(), wait(leaveWithinMs, undefined, { ref: false })]);
  await worker.disconnect();
  close();
  if (failure) throw failure;
}

/** Tells the coordinator how far a job is; what cannot be told at once is left out. */
function listen(job: Job): Listener {
  let lastMs = Number.NEGATIVE_INFINITY;
  let telling = false;
  const tell = (told: Told): void => {
    if (telling) return;
    telling = true;
    const done = (): void => void (telling = false);
    job.updateProgress(told).then(done, done);
  };
  return {
    started: () => {},
    note: (message) => tell({ note: message }),
    progress(fraction) {
      const nowMs = performance.now();
      if (nowMs - lastMs < tellEveryMs) return;
      lastMs = nowMs;
      tell({ fraction });
    },
  };
}

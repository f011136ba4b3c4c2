/**
 * Workers over Redis, all on this machine: how much faster two workers of one thread score clips than one (files and answers through a
 * folder, medians of interleaved rounds); how late the event loop of a worker comes, at worst of a hundred times, while its four jobs never
 * pause; how soon work goes on after Redis was stopped for longer than the locks last; and what a job costs that does nothing.
 * Wants redis-server.
 */
import { loadavg } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import { sha256OfFile } from '../src/files.ts';
import { askThrough } from '../src/queue/ask.ts';
import { openBullmq } from '../src/queue/bullmq/engine.ts';
import { openBroker } from '../src/queue/bullmq/redis.ts';
import { serveBullmq } from '../src/queue/bullmq/worker.ts';
import { createPool, type Engine } from '../src/queue/pool.ts';
import { openStore } from '../src/queue/store/open.ts';
import type { Store } from '../src/queue/store/store.ts';
import type { FileRef } from '../src/types.ts';
import {
  benchOn,
  contextOver,
  startWorker,
  temporary,
  until,
  type WorkerProcess,
} from '../test/support/queue.ts';
import { spin, sum } from '../test/support/queue.job.ts';
import { hasRedis, type RedisServer, startRedis } from '../test/support/redis.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';
import { scoreSentFrames } from './scoring.job.ts';
import { sizePx, writeClips, writeNetwork } from './scoring.ts';

const timesEachClip = 3;
const spinMs = 60_000;
const lockMs = 30_000;
const stoppedMs = 40_000;

export const workers: Part = async ({ rounds }) => {
  if (!hasRedis()) return { ratios: {}, notes: ['skipped: redis-server is not installed'] };
  const notes = [`load average at the start: ${loadavg()[0]!.toFixed(1)}`];
  const redis = await startRedis(temporary('redis'));
  try {
    const seconds = await secondsOfScoring(redis, rounds);
    const eventLoopP99Ms = await lagWhileBusy(redis);
    const resumedAfterSeconds = await secondsUntilResumed(redis);
    const costOfAJob = await costs(redis);
    notes.push(`load average at the end: ${loadavg()[0]!.toFixed(1)}`);
    return {
      ratios: { twoWorkersVsOne: seconds.one / seconds.two },
      secondsOfScoring: seconds,
      eventLoopP99Ms,
      resumedAfterSeconds,
      costOfAJob,
      notes,
    };
  } finally {
    await redis.stop();
  }
};

type World = { store: Store; engine: Engine; crew: WorkerProcess[]; leave(): Promise<void> };

/** A run in a store of its own, with so many workers of one thread. */
async function open(redis: RedisServer, count: number): Promise<World> {
  const note = (): void => {};
  const store = await openStore(temporary('store'), note);
  const handout = await openBullmq(await openBroker(redis.url, note), { store, run: 'bench', note });
  const engine = askThrough(handout, { store, run: 'bench', tools: {} });
  const crew = await Promise.all(
    Array.from({ length: count }, () => startWorker({ url: redis.url, store: store.address, lockMs })),
  );
  const leave = async (): Promise<void> => {
    await engine.close();
    for (const { child } of crew) child.kill('SIGTERM');
    await Promise.all(crew.map(({ ended }) => ended));
  };
  return { store, engine, crew, leave };
}

async function secondsOfScoring(redis: RedisServer, rounds: number): Promise<{ one: number; two: number }> {
  const folder = temporary('bench');
  const refer = async (path: string): Promise<FileRef> => ({ path, sha256: await sha256OfFile(path) });
  const clips = await Promise.all((await writeClips(folder)).map(refer));
  const model = await refer((await writeNetwork(folder)).model);
  const sides = [await open(redis, 1), await open(redis, 2)];
  const seconds: number[][] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [side, { engine }] of sides.entries()) {
      const context = contextOver(engine);
      const start = performance.now();
      await Promise.all(
        Array.from({ length: timesEachClip }, (_, time) =>
          clips.map((clip) =>
            context.run(scoreSentFrames, { model, clip, sizePx, round: `${round}.${time}` }),
          ),
        ).flat(),
      );
      // The first round warms up.
      if (round > 0) seconds[side]!.push((performance.now() - start) / 1000);
    }
  }
  for (const { leave } of sides) await leave();
  return { one: median(seconds[0]!), two: median(seconds[1]!) };
}

/** Of this process, which is coordinator and worker at once. */
async function lagWhileBusy(redis: RedisServer): Promise<number> {
  const { store, engine, leave } = await open(redis, 0);
  const pool = createPool(4);
  const stopping = new AbortController();
  const bench = { ...benchOn(store, pool), stopped: stopping.signal };
  const serving = serveBullmq(await openBroker(redis.url, () => {}), bench, { slots: 4, note: () => {} });
  const context = contextOver(engine);
  // The processes have started.
  await Promise.all([0, 1, 2, 3].map((index) => context.run(spin, { ms: 1000, index })));
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  await Promise.all([0, 1, 2, 3].map((index) => context.run(spin, { ms: spinMs, index })));
  delay.disable();
  stopping.abort();
  await serving;
  await leave();
  return delay.percentile(99) / 1e6;
}

/** From the return of Redis until the first job after it is done. */
async function secondsUntilResumed(redis: RedisServer): Promise<number> {
  const { engine, leave } = await open(redis, 2);
  const context = contextOver(engine);
  let done = 0;
  const jobs = Array.from({ length: 400 }, (_, value) =>
    context.run(sum, { value, ms: 50 }).then(() => {
      done++;
    }),
  );
  await until(() => done > 20);
  redis.signal('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, stoppedMs));
  const before = done;
  const start = performance.now();
  redis.signal('SIGCONT');
  await until(() => done > before);
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(jobs);
  await leave();
  return seconds;
}

/** Of a job that does nothing: the coordinator's processor time, and what Redis still holds once it is done. */
async function costs(redis: RedisServer): Promise<{ coordinatorProcessorMs: number; bytesInRedis: number }> {
  const jobs = 2000;
  const { engine, leave } = await open(redis, 2);
  const context = contextOver(engine);
  await context.run(sum, { value: -1, ms: 0 });
  const [before, bytesBefore] = [process.cpuUsage(), await memoryOf(redis)];
  await Promise.all(Array.from({ length: jobs }, (_, value) => context.run(sum, { value, ms: 0 })));
  const { user, system } = process.cpuUsage(before);
  const bytes = (await memoryOf(redis)) - bytesBefore;
  await leave();
  return { coordinatorProcessorMs: (user + system) / 1000 / jobs, bytesInRedis: bytes / jobs };
}

async function memoryOf({ url }: RedisServer): Promise<number> {
  const client = new Redis(url);
  const info = await client.info('memory');
  client.disconnect();
  return Number(/^used_memory:(\d+)/m.exec(info)![1]);
}

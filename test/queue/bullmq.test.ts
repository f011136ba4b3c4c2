/**
 * Jobs over Redis: whatever dies, stops or forgets, each job's result is there once and is the same. C18 to C22 of the design notes; hundreds of
 * kills by night. Redis and the workers are real processes.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { createRng } from '../../src/random.ts';
import { askThrough } from '../../src/queue/ask.ts';
import { openBullmq } from '../../src/queue/bullmq/engine.ts';
import { openBroker } from '../../src/queue/bullmq/redis.ts';
import { createPool, type Engine } from '../../src/queue/pool.ts';
import { openStore, type Store } from '../../src/queue/store/store.ts';
import { freePort } from '../support/mlflow-server.ts';
import {
  contextOver,
  startWorker,
  temporary,
  toyJobs,
  toyRun,
  until,
  type WorkerProcess,
} from '../support/queue.ts';
import { poison, spin, sum } from '../support/queue.job.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
const patient = { timeout: night ? 900_000 : 120_000 };

describe.runIf(hasRedis())('over Redis', () => {
  let redis: RedisServer;
  const workers: WorkerProcess[] = [];
  const here = createPool(2);
  let expected: string;
  const count = night ? 200 : 40;
  beforeAll(async () => {
    redis = await startRedis(temporary('redis'));
    expected = await toyRun(contextOver(here), count, 1);
  });
  afterAll(async () => {
    for (const { child } of workers) child.kill('SIGKILL');
    await redis.stop();
    await here.close();
  });

  type World = {
    store: Store;
    engine: Engine;
    notes: string[];
    worker(slots?: number): Promise<WorkerProcess>;
  };
  const world = async (
    server = redis,
    tools: Record<string, string> = {},
    earlier?: Store,
  ): Promise<World> => {
    const notes: string[] = [];
    const note = (message: string): void => void notes.push(message);
    const store = earlier ?? (await openStore(temporary('store'), note));
    const broker = await openBroker(server.url, note);
    const handout = await openBullmq(broker, { store, run: 'toy-run', note });
    const worker = async (slots = 1): Promise<WorkerProcess> => {
      const started = await startWorker({ url: server.url, store: store.address, slots, tools });
      workers.push(started);
      return started;
    };
    return { store, notes, worker, engine: askThrough(handout, { store, run: 'toy-run', tools }) };
  };
  const leave = async (engine: Engine, ...ended: WorkerProcess[]): Promise<void> => {
    await engine.close();
    for (const { child } of ended) child.kill('SIGTERM');
    expect(await Promise.all(ended.map(({ ended: code }) => code))).toEqual(ended.map(() => 0));
  };

  test('two workers give the digest of this process, and Redis holds ids alone', patient, async () => {
    const { engine, worker, notes } = await world();
    const watched = await watchCommands(redis.url);
    const both = await Promise.all([worker(), worker()]);
    const context = contextOver(engine);
    expect(await toyRun(context, count)).toBe(expected);
    expect(context.counts).toEqual({ cached: 0, computed: toyJobs(count), failed: 0 });
    for (const { told } of both) expect(told()).toContain('toy-sum');
    expect(notes).toEqual([]);
    await leave(engine, ...both);
    const told = watched.end();
    expect(told).toContain('toy-sum');
    for (const secret of ['"value"', 'total.txt', 'sha256', '/masque-']) expect(told).not.toContain(secret);
  });

  test('SIGKILL of workers: nothing lost, nothing counted twice (C18)', patient, async () => {
    const { engine, worker } = await world();
    const rng = createRng(1, 'kills');
    const crew = await Promise.all([worker(), worker(), worker()]);
    const context = contextOver(engine);
    let running = true;
    const result = toyRun(context, count, 50).finally(() => (running = false));
    for (let kill = 0; kill < (night ? 12 : 2) && running; kill++) {
      await new Promise((resolve) => setTimeout(resolve, rng.uniform(300, 900)));
      const place = rng.int(crew.length);
      crew[place]!.child.kill('SIGKILL');
      crew[place] = await worker();
    }
    expect(await result).toBe(expected);
    expect(context.counts).toEqual({ cached: 0, computed: toyJobs(count), failed: 0 });
    await leave(engine, ...crew);
  });

  test(
    'poison: E_WORKER_CRASH after two attempts, whether it kills its process or its worker; others are done (C19)',
    patient,
    async () => {
      const { engine, worker } = await world();
      const crew = await Promise.all([worker(), worker(), worker()]);
      const context = contextOver(engine);
      const deaths = ['child', 'worker'] as const;
      const poisoned = deaths.map((kills) => context.run(poison, { kills }).catch((error: unknown) => error));
      const others = toyRun(context, count);
      for (const error of await Promise.all(poisoned))
        expect(error).toMatchObject({
          code: 'E_WORKER_CRASH',
          message: expect.stringContaining('toy-poison'),
        });
      expect(await others).toBe(expected);
      const alive = crew.filter(({ child }) => child.exitCode === null && child.signalCode === null);
      expect(alive).toHaveLength(1);
      await leave(engine, ...alive);
    },
  );

  test(
    'Redis killed and started again, emptied, and stopped: the same digest (C20, C21)',
    patient,
    async () => {
      const { engine, worker, notes } = await world();
      const crew = await Promise.all([worker(), worker()]);
      const context = contextOver(engine);
      let running = true;
      const result = toyRun(context, count, 100).finally(() => (running = false));
      for (let round = 0; round < (night ? 10 : 1) && running; round++) {
        await new Promise((resolve) => setTimeout(resolve, 700));
        redis.signal('SIGKILL');
        await redis.restart();
        await new Promise((resolve) => setTimeout(resolve, 700));
        await redis.flush();
        await new Promise((resolve) => setTimeout(resolve, 700));
        redis.signal('SIGSTOP');
        await new Promise((resolve) => setTimeout(resolve, 2_500)); // longer than the workers' locks
        redis.signal('SIGCONT');
      }
      expect(await result).toBe(expected);
      expect(context.counts).toEqual({ cached: 0, computed: toyJobs(count), failed: 0 });
      expect(notes.some((message) => message.includes('is away'))).toBe(true);
      await leave(engine, ...crew);
    },
  );

  test(
    'an interrupted run takes back what waits; the next start goes on from the store',
    patient,
    async () => {
      const { engine, worker, store } = await world();
      const one = await worker();
      const context = contextOver(engine);
      const stopped = toyRun(context, count, 100).catch((error: Error) => error.message);
      await until(() => context.counts.computed >= 3);
      await engine.close();
      expect(await stopped).toBe('the engine is closed');
      const client = new Redis(redis.url);
      await until(async () => (await client.keys('bull:*:toy-run-*')).length === 0);
      client.disconnect();

      const { engine: again } = await world(redis, {}, store);
      const second = contextOver(again);
      expect(await toyRun(second, count, 100)).toBe(await toyRun(contextOver(here), count, 100));
      expect(second.counts.cached).toBeGreaterThanOrEqual(3);
      expect(second.counts.cached + second.counts.computed).toBe(toyJobs(count));
      await leave(again, one);
    },
  );

  test(
    'a worker with other tools gives the job back, ends with exit 4 and says why, here too',
    patient,
    async () => {
      const { engine, worker, notes, store } = await world(redis, { ffmpeg: '5' });
      const other = await startWorker({ url: redis.url, store: store.address, tools: { ffmpeg: '7' } });
      workers.push(other);
      const result = contextOver(engine, { ffmpeg: '5' }).run(sum, { value: 1, ms: 0 });
      expect(await other.ended).toBe(4);
      expect(other.told()).toContain('ffmpeg is 7 here, 5 there');
      const one = await worker();
      expect((await result).total).toBe(1);
      expect(notes.some((message) => message.includes('ffmpeg is 7 here'))).toBe(true);
      await leave(engine, one);
    },
  );

  test('work that never pauses keeps its locks: nothing stalls (C22)', patient, async () => {
    const { engine, worker } = await world();
    const busy = await worker(4);
    const ms = night ? 60_000 : 5_000; // longer than the locks
    const context = contextOver(engine);
    await Promise.all([0, 1, 2, 3].map((index) => context.run(spin, { ms, index })));
    expect(busy.told()).not.toContain('lost');
    await leave(engine, busy);
  });

  test(
    'a Redis whose memory is full ends the run with exit 4; with more, it goes on to the same digest (C20)',
    patient,
    async () => {
      const { engine, worker, store } = await world();
      const one = await worker();
      const client = new Redis(redis.url);
      const context = contextOver(engine);
      const stopped = toyRun(context, count, 50).catch((error: unknown) => error);
      await until(() => context.counts.computed >= 3);
      await client.config('SET', 'maxmemory', '1mb');
      expect(await stopped).toMatchObject({
        exitCode: 4,
        message: expect.stringContaining('memory is full'),
      });
      await engine.close();
      await client.config('SET', 'maxmemory', '0');
      client.disconnect();
      const again = await world(redis, {}, store);
      expect(await toyRun(contextOver(again.engine), count, 50)).toBe(
        await toyRun(contextOver(here), count, 50),
      );
      await leave(again.engine, one);
    },
  );

  test.each([
    [['--appendonly', 'no'], 'appendonly yes'],
    [['--maxmemory-policy', 'allkeys-lru'], 'noeviction'],
    [['--maxmemory', '5mb'], 'maxmemory 256mb'],
    [['--requirepass', 'secret'], 'NOAUTH'],
  ])('a Redis with %j is refused', async (settings, named) => {
    const unfit = await startRedis(temporary('redis'), settings);
    const refused = await openBroker(unfit.url, () => {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ exitCode: 4, message: expect.stringContaining(named) });
    expect((refused as Error).message).toContain(new URL(unfit.url).host);
    await unfit.stop();
  });

  test('no Redis: exit 4, with its address and without its password', async () => {
    const port = await freePort();
    const refused = await openBroker(`redis://:hidden@127.0.0.1:${port}`, () => {}).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ exitCode: 4, message: expect.stringContaining(`127.0.0.1:${port}`) });
    expect((refused as Error).message).not.toContain('hidden');
    await expect(openBroker('hidden', () => {})).rejects.toMatchObject({ exitCode: 2 });
  });
});

/** Everything that Redis is told until `end`. */
async function watchCommands(url: string): Promise<{ end(): string }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let told = '';
  socket.on('data', (part: Buffer) => {
    told += part.toString();
  });
  socket.write('MONITOR\r\n');
  await until(() => told.includes('+OK'));
  return {
    end() {
      socket.destroy();
      return told;
    },
  };
}

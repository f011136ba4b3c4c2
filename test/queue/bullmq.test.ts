/**
 * Jobs over Redis: whatever dies, stops or forgets, each job's result is there once and is the same; more and longer by night. Redis and the workers
 * are real processes.
 */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { askThrough } from '../../src/queue/ask.ts';
import { names } from '../../src/queue/asked.ts';
import { openBullmq } from '../../src/queue/bullmq/engine.ts';
import { queueName } from '../../src/queue/bullmq/queue-name.ts';
import { openBroker } from '../../src/queue/bullmq/redis.ts';
import { createPool, type Engine } from '../../src/queue/pool.ts';
import { openStore } from '../../src/queue/store/open.ts';
import type { Store } from '../../src/queue/store/store.ts';
import { createRng } from '../../src/random.ts';
import { freePort } from '../support/free-port.ts';
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
const patient = { timeout: night ? 900_000 : 240_000 };
const count = night ? 200 : 40;

describe.runIf(hasRedis())('over Redis', () => {
  const here = createPool(2);
  let redis: RedisServer;
  let store: Store;
  let crew: WorkerProcess[] = [];
  beforeAll(async () => {
    redis = await startRedis(temporary('redis'));
    store = await openStore(temporary('store'), () => {});
  });
  afterAll(async () => {
    for (const { child } of crew) child.kill('SIGTERM');
    expect(await Promise.all(crew.map(({ ended }) => ended))).toEqual(crew.map(() => 0));
    await redis.stop();
    await here.close();
  });

  const alive = ({ child }: WorkerProcess): boolean => child.exitCode === null && child.signalCode === null;
  /** So many workers, with one thread each; those that died are replaced. */
  const staff = async (size: number): Promise<void> => {
    crew = crew.filter(alive);
    const more = Array.from({ length: size - crew.length }, () =>
      startWorker({ url: redis.url, store: store.address }),
    );
    crew.push(...(await Promise.all(more)));
  };

  const open = async (
    run: string,
    tools: Record<string, string> = {},
  ): Promise<{ engine: Engine; notes: string[] }> => {
    const notes: string[] = [];
    const note = (message: string): void => void notes.push(message);
    const handout = await openBullmq(await openBroker(redis.url, note), { store, run, note });
    return { notes, engine: askThrough(handout, { store, run, tools }) };
  };

  /** What this process gives, when it computes alone. */
  const digestHere = (salt: number): Promise<string> => toyRun(contextOver(here), { count, salt, ms: 0 });

  test('two workers give the digest of this process, and Redis holds ids alone', patient, async () => {
    await staff(2);
    const { engine, notes } = await open('plain');
    const watched = await watchCommands(redis.url);
    const context = contextOver(engine);
    expect(await toyRun(context, { count, salt: 1 })).toBe(await digestHere(1));
    expect(context.counts).toEqual({ cached: 0, computed: toyJobs(count), failed: 0 });
    for (const { told } of crew) expect(told()).toContain('toy-sum');
    expect(notes).toEqual([]);
    await engine.close();
    expect(notes).toEqual([]);
    const told = watched.end();
    expect(told).toContain('toy-sum');
    for (const secret of ['total.txt', 'sha256', store.address]) expect(told).not.toContain(secret);
  });

  test('SIGKILL of workers: nothing lost, nothing counted twice (C18)', patient, async () => {
    await staff(2);
    const { engine } = await open('kills');
    const rng = createRng(1, 'kills');
    const context = contextOver(engine);
    const client = new Redis(redis.url);
    const key = `bull:${await queueName(store)}`;
    // So long that there is work left when what a kill took along has been noticed and done.
    const result = toyRun(context, { count, salt: 2, ms: night ? 1000 : 400 });
    for (let kill = 0; kill < (night ? 12 : 2); kill++) {
      await until(() => context.counts.computed >= ((kill + 1) * count) / (night ? 15 : 4));
      rng.pick(crew.filter(alive)).child.kill('SIGKILL');
      const held = (await client.lrange(`${key}:active`, 0, -1)).map((id) => `${key}:${id}`);
      await staff(2);
      // Whoever is killed next must not be at what was lost before: a job that two workers are lost with is given up.
      await until(async () => held.length === 0 || (await client.exists(...held)) === 0);
    }
    client.disconnect();
    expect(await result).toBe(await digestHere(2));
    expect(context.counts).toEqual({ cached: 0, computed: toyJobs(count), failed: 0 });
    await engine.close();
  });

  test(
    'poison: E_WORKER_CRASH after two attempts, whether it kills its process or its worker; others are done (C19)',
    patient,
    async () => {
      await staff(3);
      const { engine } = await open('poison');
      const context = contextOver(engine);
      const poisoned = (['child', 'worker'] as const).map((kills) =>
        context.run(poison, { kills }).catch((error: unknown) => error),
      );
      const others = toyRun(context, { count, salt: 3 });
      for (const error of await Promise.all(poisoned))
        expect(error).toMatchObject({
          code: 'E_WORKER_CRASH',
          message: expect.stringContaining('toy-poison'),
        });
      expect(await others).toBe(await digestHere(3));
      expect(crew.filter(alive)).toHaveLength(1);
      await engine.close();
    },
  );

  test(
    'Redis killed and started again, emptied, and stopped: the same digest (C20, C21)',
    patient,
    async () => {
      await staff(2);
      const { engine, notes } = await open('redis');
      const context = contextOver(engine);
      const result = toyRun(context, { count, salt: 4, ms: 100 });
      const rounds = night ? 10 : 1;
      for (let round = 0; round < rounds; round++) {
        const progress = (part: number): Promise<void> =>
          until(() => context.counts.computed >= ((round + part) * 0.8 * count) / rounds);
        await progress(0.2);
        redis.signal('SIGKILL');
        await redis.restart();
        await progress(0.5);
        await redis.flush();
        await progress(0.8);
        redis.signal('SIGSTOP');
        await wait(night ? 40_000 : 4_000); // longer than the workers' locks
        redis.signal('SIGCONT');
      }
      expect(await result).toBe(await digestHere(4));
      expect(context.counts).toEqual({ cached: 0, computed: toyJobs(count), failed: 0 });
      expect(notes.some((message) => message.includes('is away'))).toBe(true);
      await engine.close();
    },
  );

  test(
    'an interrupted run takes back what waits; the next start goes on from the store',
    patient,
    async () => {
      await staff(2);
      const { engine } = await open('interrupted');
      const context = contextOver(engine);
      const stopped = toyRun(context, { count, salt: 5, ms: 100 }).catch((error: Error) => error.message);
      await until(() => context.counts.computed >= 3);
      await engine.close();
      expect(await stopped).toBe('the engine is closed');
      const client = new Redis(redis.url);
      await until(async () => (await client.keys('bull:*:interrupted*')).length === 0);
      client.disconnect();

      const again = await open('interrupted');
      const second = contextOver(again.engine);
      expect(await toyRun(second, { count, salt: 5, ms: 100 })).toBe(await digestHere(5));
      expect(second.counts.cached).toBeGreaterThanOrEqual(3);
      expect(second.counts.cached + second.counts.computed).toBe(toyJobs(count));
      await again.engine.close();
    },
  );

  test(
    'a Redis whose memory is full ends the run with exit 4; with more, it goes on to the same digest (C20)',
    patient,
    async () => {
      await staff(2);
      const { engine } = await open('full');
      const client = new Redis(redis.url);
      const context = contextOver(engine);
      const stopped = toyRun(context, { count, salt: 6, ms: 50 }).catch((error: unknown) => error);
      await until(() => context.counts.computed >= 3);
      await client.config('SET', 'maxmemory', '1mb');
      expect(await stopped).toMatchObject({
        exitCode: 4,
        message: expect.stringContaining('memory is full'),
      });
      await engine.close();
      await client.config('SET', 'maxmemory', '0');
      client.disconnect();
      const again = await open('full');
      expect(await toyRun(contextOver(again.engine), { count, salt: 6, ms: 50 })).toBe(await digestHere(6));
      await again.engine.close();
    },
  );

  test('work that never pauses keeps its locks: nothing stalls (C22)', patient, async () => {
    await staff(2);
    const { engine } = await open('busy');
    const context = contextOver(engine);
    const ms = night ? 60_000 : 7_000; // longer than the locks
    await Promise.all([0, 1].map((index) => context.run(spin, { ms, index })));
    for (const { told } of crew) expect(told()).not.toContain('was lost with busy');
    await engine.close();
  });

  test(
    'a worker with other tools gives the job back, ends with exit 4 and says why, here too',
    patient,
    async () => {
      for (const { child } of crew) child.kill('SIGTERM');
      expect(await Promise.all(crew.map(({ ended }) => ended))).toEqual(crew.map(() => 0));
      const other = await startWorker({ url: redis.url, store: store.address, tools: { ffmpeg: '7' } });
      const { engine, notes } = await open('tools');
      const result = contextOver(engine).run(sum, { value: 7, ms: 0 });
      expect(await other.ended).toBe(4);
      expect(other.told()).toContain('ffmpeg is 7 here, none there');
      await staff(1);
      expect((await result).total).toBe(7);
      expect(notes.some((message) => message.includes('ffmpeg is 7 here'))).toBe(true);
      await engine.close();
    },
  );

  test('a job that failed in Redis after its answer lay in the store is answered', async () => {
    const own = await openStore(temporary('store'), () => {});
    const handout = await openBullmq(await openBroker(redis.url, () => {}), {
      store: own,
      run: 'late',
      note: () => {},
    });
    const { hostname: host, port } = new URL(redis.url);
    const worker = new Worker(
      await queueName(own),
      async ({ id }) => {
        if (id === 'late-1') await own.write(names.answer(id), '{"kept":true}');
        throw new Error('stalled');
      },
      { connection: { host, port: Number(port) }, concurrency: 2 },
    );
    const ended = (id: string): Promise<unknown> =>
      handout.submit(id, sum as never).catch((error: unknown) => error);
    expect(await Promise.all([ended('late-1'), ended('late-2')])).toEqual([
      undefined,
      expect.objectContaining({ code: 'E_WORKER_CRASH' }),
    ]);
    await worker.close();
    await handout.close();
  });

  test('who gives up while Redis is away need not wait for it', { timeout: 60_000 }, async () => {
    const own = await startRedis(temporary('redis'));
    const broker = await openBroker(own.url, () => {});
    await own.stop();
    await until(() => broker.redis.status !== 'ready');
    const handout = await openBullmq(broker, { store, run: 'away', note: () => {} });
    const asked = handout.submit('away-1', sum as never).catch((error: Error) => error.message);
    await wait(1_000);
    await handout.close();
    expect(await asked).toBe('the engine is closed');
  });

  test.each([
    [['--appendonly', 'no'], 'appendonly yes'],
    [['--maxmemory-policy', 'allkeys-lru'], 'noeviction'],
    [['--maxmemory', '5mb'], 'maxmemory 256mb'],
    [['--requirepass', 'secret'], 'it refuses (NOAUTH'],
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
    for (const address of ['hidden', 'redis://:50%@127.0.0.1'])
      await expect(openBroker(address, () => {})).rejects.toMatchObject({ name: 'UserError', exitCode: 2 });
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

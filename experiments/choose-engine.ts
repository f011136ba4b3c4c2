/** Where the jobs of a run go: worker processes here, workers on other machines through BullMQ, or array jobs of Slurm. */
import { join } from 'node:path';
import { UserError } from '../src/errors.ts';
import type { Engine, Pool } from '../src/queue/pool.ts';

export const engineChoices = ['local', 'bullmq', 'slurm'] as const;
export type EngineChoice = { engine: (typeof engineChoices)[number]; store?: string };

/** What a run is called, and the versions that its results depend on. */
type About = { run: string; tools: Record<string, string> };
type Here = {
  results: string;
  pool: Pool;
  device: string;
  /** As on the command line. */
  workers: number | undefined;
  note(message: string): void;
};
/** Processor threads of an array task; no job uses more than two. */
const threadsPerTask = 2;

/** Where machines find the store unless they are told: beside the runs. */
export const storeAddress = (results: string, store?: string): string => store ?? join(results, 'store');

type Reached = { start(about: About): Promise<Engine>; close(): void };

/**
 * Looks whether the engine can be reached, before anything is computed; it begins with `start`. What the pool of this process is given
 * directly (the choice of the backend, the report) stays here in any case. The store comes last: where the command is refused, no folder is left.
 * @throws UserError: exit 2 on a wrong address, exit 4 where Redis, Slurm or the store is not there or not fit.
 */
export async function chooseEngine({ engine, store }: EngineChoice, here: Here): Promise<Reached> {
  if (engine === 'local') return { start: async () => here.pool, close: () => {} };
  const address = storeAddress(here.results, store);
  return engine === 'slurm' ? overSlurm(address, here) : overRedis(address, here);
}

async function overSlurm(address: string, { device, workers, note }: Here): Promise<Reached> {
  if (address.startsWith('s3://'))
    throw new UserError('--engine slurm: the nodes share a folder; --store must be one that all of them see');
  const { openStore } = await import('../src/queue/store/open.ts');
  const { askThrough } = await import('../src/queue/ask.ts');
  const { openSlurm, requireSlurm } = await import('../src/queue/slurm/engine.ts');
  await requireSlurm();
  const store = await openStore(address, note);
  const threads = workers ?? threadsPerTask;
  const program = join(import.meta.dirname, 'masque.mjs');
  return {
    start: async ({ run, tools }) =>
      askThrough(openSlurm({ store: store.address, run, threads, device, program, note }), {
        store,
        run,
        tools,
      }),
    close: () => {},
  };
}

async function overRedis(address: string, { note }: Here): Promise<Reached> {
  const { openStore } = await import('../src/queue/store/open.ts');
  const { askThrough } = await import('../src/queue/ask.ts');
  const { openBroker } = await import('../src/queue/bullmq/redis.ts');
  const { openBullmq } = await import('../src/queue/bullmq/engine.ts');
  const broker = await openBroker(redisUrl(), note);
  const store = await openStore(address, note).catch((error: unknown) => {
    broker.close();
    throw error;
  });
  return {
    start: async ({ run, tools }) =>
      askThrough(await openBullmq(broker, { store, run, note }), { store, run, tools }),
    close: broker.close,
  };
}

/** @throws UserError where the environment names none. */
export function redisUrl(): string {
  const url = process.env['REDIS_URL']?.trim();
  if (!url) throw new UserError('set REDIS_URL to the Redis that hands out the jobs, as redis://host:6379');
  return url;
}

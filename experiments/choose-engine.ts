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

/**
 * Looks whether the engine can be reached, before anything is computed; it begins with `start`. What the pool of this process is given
 * directly (the choice of the backend, the report) stays here in any case.
 * @throws UserError: exit 2 on a wrong address, exit 4 where Redis, Slurm or the store is not there or not fit.
 */
export async function chooseEngine(
  { engine, store: address }: EngineChoice,
  { results, pool, device, workers, note }: Here,
): Promise<{ start(about: About): Promise<Engine>; close(): void }> {
  if (engine === 'local') return { start: async () => pool, close: () => {} };
  const { openStore } = await import('../src/queue/store/open.ts');
  const { askThrough } = await import('../src/queue/ask.ts');
  const store = await openStore(storeAddress(results, address), note);
  if (engine === 'slurm') {
    if (store.address.startsWith('s3://'))
      throw new UserError(
        '--engine slurm: the nodes share a folder; --store must be one that all of them see',
      );
    const { openSlurm } = await import('../src/queue/slurm/engine.ts');
    const threads = workers ?? threadsPerTask;
    const program = join(import.meta.dirname, 'masque.mjs');
    return {
      start: async ({ run, tools }) =>
        askThrough(await openSlurm({ store: store.address, run, threads, device, program, note }), {
          store,
          run,
          tools,
        }),
      close: () => {},
    };
  }
  const { openBroker } = await import('../src/queue/bullmq/redis.ts');
  const { openBullmq } = await import('../src/queue/bullmq/engine.ts');
  const broker = await openBroker(redisUrl(), note);
  return {
    start: async ({ run, tools }) =>
      askThrough(await openBullmq(broker, { store, run, note }), { store, run, tools }),
    close: () => broker.redis.disconnect(),
  };
}

/** @throws UserError where the environment names none. */
export function redisUrl(): string {
  const url = process.env['REDIS_URL']?.trim();
  if (!url) throw new UserError('set REDIS_URL to the Redis that hands out the jobs, as redis://host:6379');
  return url;
}

/** `masque worker`: computes what other machines ask for, until it is stopped; with `--batch`, one task of a Slurm array. */
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackendJob } from '../src/compute/backend.job.ts';
import type { DeviceChoice } from '../src/compute/device.ts';
import { requireWritable } from '../src/files.ts';
import { ffmpegVersion } from '../src/media/tools.ts';
import { openCache } from '../src/pipeline/cache.ts';
import type { Bench } from '../src/queue/answer.ts';
import type { Broker } from '../src/queue/bullmq/redis.ts';
import { createPool } from '../src/queue/pool.ts';
import { openScratch } from '../src/queue/scratch.ts';
import { openStore } from '../src/queue/store/open.ts';
import { redisUrl } from './choose-engine.ts';

export type WorkerOptions = {
  store: string;
  device: DeviceChoice;
  /** Processor threads used at once. */
  workers?: number;
  /** A folder of this machine's own, for what jobs read and write. */
  scratch?: string;
  batch?: string;
};

const note = (message: string): void => void process.stderr.write(`${message}\n`);

/** Returns the exit code. @throws UserError (exit 4) where Redis, the store or this machine is not fit for the work. */
export async function runWorker({
  store: address,
  device,
  workers: slots = availableParallelism(),
  scratch: root = join(tmpdir(), 'masque-scratch'),
  batch,
}: WorkerOptions): Promise<number> {
  const broker = batch === undefined ? await reachBroker() : undefined;
  const pool = createPool(slots, { MASQUE_DEVICE: device });
  const stopping = new AbortController();
  let signal: NodeJS.Signals | undefined;
  const stop = (received: NodeJS.Signals): void => {
    if (signal) process.exit(codeOf(signal));
    signal = received;
    stopping.abort();
    void pool.close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    await requireWritable(root);
    const store = await openStore(address, note);
    const backend = (await pool.run(chooseBackendJob, {}, root)).output;
    const tools = { ffmpeg: await ffmpegVersion(), backend: backend.name, device: backend.device };
    const [scratch, folders] = [openScratch(root, store), openCache(root, note)];
    await folders.sweep();
    const bench = { store, scratch, folders, pool, tools, stopped: stopping.signal };
    if (broker) await serve(broker, bench, slots);
    if (batch !== undefined) await doTask(bench, slots, batch);
  } catch (error) {
    if (!signal) throw error;
  } finally {
    broker?.close();
    await pool.close();
  }
  return signal ? codeOf(signal) : 0;
}

async function reachBroker(): Promise<Broker> {
  const { openBroker } = await import('../src/queue/bullmq/redis.ts');
  return openBroker(redisUrl(), note);
}

async function serve(broker: Broker, bench: Bench, slots: number): Promise<void> {
  const { serveBullmq } = await import('../src/queue/bullmq/worker.ts');
  note(`${slots} at once from Redis at ${broker.address}, store ${bench.store.address}`);
  await serveBullmq(broker, bench, { slots, note });
}

async function doTask(bench: Bench, slots: number, batch: string): Promise<void> {
  const { runTask } = await import('../src/queue/slurm/task.ts');
  const task = Number(process.env['SLURM_ARRAY_TASK_ID'] ?? 0);
  await runTask({ batch, task, slots, note }, bench);
}

const codeOf = (signal: NodeJS.Signals): number => (signal === 'SIGINT' ? 130 : 143);

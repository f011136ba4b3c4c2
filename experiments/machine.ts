/** What works on jobs: workers, the cache and the context over both, until a signal ends it. */
import { join } from 'node:path';
import { chooseBackendJob } from '../src/compute/backend.job.ts';
import type { Backend } from '../src/compute/backends.ts';
import type { DeviceChoice } from '../src/compute/device.ts';
import { exitCodes, UserError } from '../src/errors.ts';
import { requireWritable } from '../src/files.ts';
import { type MediaTools, mediaTools, sandboxRemedy } from '../src/media/tools.ts';
import { openCache } from '../src/pipeline/cache.ts';
import { createContext, type RunContext } from '../src/pipeline/context.ts';
import { createProgress, type Progress } from '../src/pipeline/progress.ts';
import { createPool, type Pool } from '../src/queue/pool.ts';

export type Machine = {
  pool: Pool;
  backend: Backend;
  ffmpeg: MediaTools;
  context: RunContext;
  progress: Progress;
};

/**
 * Does `work` with workers of this process and the cache of the folder `results`. On the first signal the workers end and running jobs fail; finished
 * ones are in the cache. The second leaves at once. Returns the exit code: that of `work`, or 130 or 143.
 * @throws UserError (exit 4) where nothing can be written to `results`; what `work` throws.
 */
export async function withMachine(
  options: { results: string; seed: number; device: DeviceChoice; workers: number },
  work: (machine: Machine) => Promise<number>,
): Promise<number> {
  const { results, seed, device, workers } = options;
  await requireWritable(results).catch((cause: unknown) => {
    throw new UserError(
      `${results}: results cannot be written there (${(cause as Error).message}). Choose another folder with --results`,
      { exitCode: exitCodes.environment, cause },
    );
  });
  const progress = createProgress();
  const pool = createPool(workers, { MASQUE_DEVICE: device });
  const signals = stopOnSignals(pool, progress);
  try {
    const backend = (await pool.run(chooseBackendJob, {}, results)).output;
    const ffmpeg = await mediaTools();
    if (ffmpeg.missing.length > 0)
      progress.note(`ffmpeg is not wholly shut in: ${ffmpeg.missing.join('; ')}. ${sandboxRemedy}`);
    const tools = { ffmpeg: ffmpeg.version, backend: backend.name, device: backend.device };
    const cache = openCache(join(results, 'cache'), progress.note);
    const context = createContext({ seed, cache, pool, tools, progress });
    return await work({ pool, backend, ffmpeg, context, progress });
  } catch (error) {
    const signal = signals.received();
    if (!signal) throw error;
    process.stderr.write(
      `\ninterrupted; what is finished is kept, and the same command goes on from there\n`,
    );
    return signal === 'SIGINT' ? 130 : 143;
  } finally {
    signals.forget();
    progress.stop();
    await pool.close();
  }
}

function stopOnSignals(
  pool: Pool,
  progress: Progress,
): { received(): NodeJS.Signals | undefined; forget(): void } {
  let received: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (received) process.exit(signal === 'SIGINT' ? 130 : 143);
    received = signal;
    progress.stop();
    void pool.close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { received: () => received, forget: () => void process.off('SIGINT', stop).off('SIGTERM', stop) };
}

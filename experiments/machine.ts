/** What works on jobs: workers, the cache and contexts over both, until a signal ends it. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { chooseBackendJob } from '../src/compute/backend.job.ts';
import type { Backend } from '../src/compute/backends.ts';
import type { DeviceChoice } from '../src/compute/device.ts';
import { sweep } from '../src/files.ts';
import { type MediaTools, mediaTools, sandboxRemedy } from '../src/media/tools.ts';
import { openCache } from '../src/pipeline/cache.ts';
import { createContext, type JobLog, type RunContext } from '../src/pipeline/context.ts';
import { createProgress, type Progress } from '../src/pipeline/progress.ts';
import { createPool, type Engine, type Pool } from '../src/queue/pool.ts';
import { chooseEngine, type EngineChoice } from './choose-engine.ts';
import { requireMachine } from './requirements.ts';
import { stopOnSignals } from './stop-on-signals.ts';

export type Machine = {
  pool: Pool;
  backend: Backend;
  ffmpeg: MediaTools;
  progress: Progress;
  /** What components of the run are given; `log` hears what becomes of each job. To be asked for once. */
  context(run: string, log?: JobLog): Promise<RunContext>;
  /** The exit code, where a signal told the process to stop. */
  stopped(): number | undefined;
};

/**
 * Does `work` with workers of this process, or of the engine that is chosen, and the cache of the folder `results`. On the first signal the workers end and running jobs fail; finished
 * ones are in the cache. Returns the exit code: that of `work`, or 130 or 143.
 * @throws UserError (exit 4) where something is missing; what `work` throws.
 */
export async function withMachine(
  options: {
    results: string;
    seed: number;
    device: DeviceChoice;
    workers: number | undefined;
  } & EngineChoice,
  work: (machine: Machine) => Promise<number>,
): Promise<number> {
  const { results, seed, device, workers, ...choice } = options;
  await requireMachine(results);
  const progress = createProgress();
  const pool = createPool(workers ?? availableParallelism(), { MASQUE_DEVICE: device });
  let engine: Engine | undefined;
  let reached: Awaited<ReturnType<typeof chooseEngine>> | undefined;
  const signals = stopOnSignals(
    () => Promise.all([engine ? engine.close() : reached?.close(), pool.close()]),
    progress,
  );
  const cache = openCache(join(results, 'cache'), progress.note);
  try {
    await sweep(results);
    await cache.sweep();
    reached = await chooseEngine(choice, { results, pool, device, workers, note: progress.note });
    const { start } = reached;
    const backend = (await pool.run(chooseBackendJob, {}, results)).output;
    const ffmpeg = await mediaTools();
    if (ffmpeg.missing.length > 0)
      progress.note(`ffmpeg is not wholly shut in: ${ffmpeg.missing.join('; ')}. ${sandboxRemedy}`);
    const tools = { ffmpeg: ffmpeg.version, backend: backend.name, device: backend.device };
    const context = async (run: string, log?: JobLog): Promise<RunContext> => {
      engine = await start({ run, tools });
      return createContext({ seed, cache, pool: engine, tools, progress, ...(log ? { log } : {}) });
    };
    return await work({ pool, backend, ffmpeg, progress, context, stopped: signals.exitCode });
  } catch (error) {
    const exitCode = signals.exitCode();
    if (exitCode === undefined) throw error;
    process.stderr.write(
      `\ninterrupted; what is finished is kept, and the same command goes on from there\n`,
    );
    return exitCode;
  } finally {
    signals.forget();
    progress.stop();
    await engine?.close();
    reached?.close();
    await pool.close();
  }
}

/** `masque experiment`: runs or resumes what a YAML file describes, and leaves record, outcomes, fakes and report in the run folder. */
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { chooseBackendJob } from '../src/compute/backend.job.ts';
import type { DeviceChoice } from '../src/compute/device.ts';
import { type Experiment, readExperiment } from '../src/config.ts';
import { exitCodes, UserError } from '../src/errors.ts';
import { requireWritable } from '../src/files.ts';
import { ffmpegVersion } from '../src/media/ffmpeg.ts';
import { openCache } from '../src/pipeline/cache.ts';
import { createContext } from '../src/pipeline/context.ts';
import { createProgress, type Progress } from '../src/pipeline/progress.ts';
import { createPool, type Engine } from '../src/queue/pool.ts';
import { startClock } from '../src/records/clock.ts';
import { watchMainThread } from '../src/records/main-thread.ts';
import { readRecord, type RunRecord, writeRecord } from '../src/records/record.ts';
import { baseline } from './baseline.ts';
import { buildRecord } from './build-record.ts';
import { catalog } from './catalog.ts';
import { chooseEngine, type EngineChoice } from './choose-engine.ts';
import { conclude } from './conclude.ts';
import { leaderboard } from './leaderboard.ts';
import { robustness } from './robustness.ts';
import { runId } from './run-id.ts';
import { sendToMlflow } from './send-to-mlflow.ts';
import { writeRun } from './write-run.ts';

export type RunOptions = {
  config: string;
  set: string[];
  json: boolean;
  results: string;
  device: DeviceChoice;
  /** Processor threads used at once; of an array task, with the engine `slurm`. */
  workers?: number;
} & EngineChoice;

/** Returns the exit code (`src/errors.ts`), of several runs the first that is not 0. @throws UserError on a wrong configuration, before anything is written. */
export async function runExperiment(options: RunOptions): Promise<number> {
  const { seeds, ...experiment } = readExperiment(options.config, options.set, catalog);
  refuseEqualLabels(experiment, options.config);
  refuseIdleAttacks(experiment, options.config);
  let worst: number = exitCodes.done;
  for (const trainingSeed of seeds ?? [undefined]) {
    const one = trainingSeed === undefined ? experiment : { ...experiment, trainingSeed };
    const code = await runOnce(one, options);
    if (code === 130 || code === 143) return code;
    worst ||= code;
  }
  return worst;
}

async function runOnce(
  experiment: Experiment,
  { json, results, device, workers = availableParallelism(), ...choice }: RunOptions,
): Promise<number> {
  await requireWritable(results).catch((cause: unknown) => {
    throw new UserError(
      `${results}: results cannot be written there (${(cause as Error).message}). Choose another folder with --results`,
      { exitCode: exitCodes.environment, cause },
    );
  });
  const clock = startClock();
  const mainThread = watchMainThread();
  const progress = createProgress();
  const pool = createPool(workers, { MASQUE_DEVICE: device });
  let engine: Engine | undefined;
  let machines: Awaited<ReturnType<typeof chooseEngine>> | undefined;
  const signals = stopOnSignals(() => Promise.all([engine?.close(), pool.close()]), progress);
  try {
    const threads = choice.engine === 'slurm' ? Math.min(workers, 2) : workers;
    machines = await chooseEngine(choice, {
      results,
      pool,
      machines: { device, threads },
      note: progress.note,
    });
    const backend = (await pool.run(chooseBackendJob, {}, results)).output;
    const id = runId(experiment, backend);
    const folder = join(results, 'runs', id);
    progress.note(`run ${id} in ${relative('.', folder)}`);
    const tools = { ffmpeg: await ffmpegVersion(), backend: backend.name, device: backend.device };
    const cache = openCache(join(results, 'cache'), progress.note);
    engine = await machines.start({ run: id, tools });
    const context = createContext({ seed: experiment.seed, cache, pool: engine, tools, progress });
    const clean = await baseline(experiment, context);
    const result = { ...clean, distorted: await robustness(experiment, clean, context) };

    await mkdir(folder, { recursive: true });
    const built = await buildRecord({
      id,
      experiment,
      result,
      context,
      clock,
      backend,
      ffmpeg: tools.ffmpeg,
      pool,
    });
    const first = context.counts.computed > 0 ? undefined : await earlierRecord(folder);
    const record = first ? withCostOf(first, built) : built;
    // Until the new one is there, a record of what was computed before would stand beside other scores.
    if (!first) await rm(join(folder, 'record.json'), { force: true });
    const sha256 = await writeRun(folder, record, experiment, result, pool);
    await writeRecord(folder, { ...record, sha256, mainThread: record.mainThread ?? mainThread.stop() });
    await leaderboard(results);
    await sendToMlflow(folder, result, progress.note);
    progress.stop();
    const { allowedFailures } = experiment;
    const fromCache = first !== undefined;
    return conclude({ record, folder, counts: context.counts, fromCache, allowedFailures, json });
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
    await engine?.close();
    machines?.close();
    await pool.close();
  }
}

/** Two components with one label would be counted as one in every table. */
function refuseEqualLabels({ generators, detectors }: Experiment, config: string): void {
  const labels = [
    ...generators.map(({ name, options }) => catalog.generators[name]!.label(options)),
    ...detectors.map(({ name, options }) => catalog.detectors[name]!.label(options)),
  ];
  const twin = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twin !== undefined)
    throw new UserError(
      `${config}: two components would both stand as "${twin}" in the tables; leave one of them out`,
    );
}

/** An attack needs the gradient of somebody. */
function refuseIdleAttacks({ perturbations, detectors }: Experiment, config: string): void {
  if (detectors.some(({ name }) => catalog.detectors[name]!.attack)) return;
  const attack = perturbations.find(({ name, options }) =>
    catalog.perturbations[name]!.series(options).every(({ levels }) =>
      levels.every((level) => 'attack' in level),
    ),
  );
  const known = Object.values(catalog.detectors).flatMap(({ name, attack: own }) => (own ? name : []));
  if (attack)
    throw new UserError(
      `${config}: no detector here can be attacked by "${attack.name}", which needs its gradient. Name one of: ${known.join(', ')}`,
    );
}

/** On the first signal the workers end and running jobs fail; finished ones are in the cache. The second leaves at once. */
function stopOnSignals(
  close: () => Promise<unknown>,
  progress: Progress,
): { received(): NodeJS.Signals | undefined; forget(): void } {
  let received: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (received) process.exit(signal === 'SIGINT' ? 130 : 143);
    received = signal;
    progress.stop();
    void close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { received: () => received, forget: () => void process.off('SIGINT', stop).off('SIGTERM', stop) };
}

const earlierRecord = (folder: string): Promise<RunRecord | undefined> =>
  readRecord(join(folder, 'record.json')).catch(() => undefined);

/** Of a run that was only read back from the cache: what it took when it was computed, as recorded then. */
function withCostOf(first: RunRecord, record: RunRecord): RunRecord {
  const { jobs: _, ...counts } = record.counts;
  const { startedAt, seconds, peakMemory, mainThread } = first;
  const { jobs } = first.counts;
  return {
    ...record,
    startedAt,
    seconds,
    peakMemory,
    counts: { ...counts, ...(jobs ? { jobs } : {}) },
    ...(mainThread ? { mainThread } : {}),
  };
}

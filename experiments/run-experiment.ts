/** `masque experiment`: runs or resumes what a YAML file describes, and leaves record, outcomes, fakes and report in the run folder. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { chooseBackendJob } from '../src/compute/backend.job.ts';
import type { DeviceChoice } from '../src/compute/device.ts';
import { type Experiment, readExperiment } from '../src/config.ts';
import { exitCodes, UserError } from '../src/errors.ts';
import { atomicWrite } from '../src/files.ts';
import { ffmpegVersion } from '../src/media/ffmpeg.ts';
import { provenancePath } from '../src/media/provenance.ts';
import { openCache } from '../src/pipeline/cache.ts';
import { createContext, type RunContext } from '../src/pipeline/context.ts';
import { canonicalJson } from '../src/pipeline/key.ts';
import { toOutcomes } from '../src/pipeline/measure.ts';
import { createProgress, duration, type Progress } from '../src/pipeline/progress.ts';
import { createPool, type Pool } from '../src/queue/pool.ts';
import { formatCsv } from '../src/records/csv.ts';
import { startClock } from '../src/records/clock.ts';
import { watchMainThread } from '../src/records/main-thread.ts';
import { writeOutcomes } from '../src/records/outcomes.ts';
import { readRecord, type RunRecord, writeRecord } from '../src/records/record.ts';
import { baseline, type BaselineResult } from './baseline.ts';
import { catalog } from './catalog.ts';
import { leaderboard } from './leaderboard.ts';
import { buildRecord } from './build-record.ts';
import { sendToMlflow } from './send-to-mlflow.ts';
import { writeReport } from './write-report.ts';

export type RunOptions = {
  config: string;
  set: string[];
  json: boolean;
  results: string;
  device: DeviceChoice;
};
type Summary = { run: string; dir: string; cached: number; computed: number; failed: number };

/** Returns the exit code (`src/errors.ts`). @throws UserError on a wrong configuration, before anything is written. */
export async function runExperiment({ config, set, json, results, device }: RunOptions): Promise<number> {
  const experiment = readExperiment(config, set, catalog);
  refuseEqualLabels(experiment, config);
  const clock = startClock();
  const mainThread = watchMainThread();
  const id = runId(experiment, device);
  const folder = join(results, 'runs', id);
  const progress = createProgress();
  const pool = createPool(availableParallelism(), { MASQUE_DEVICE: device });
  const interrupted = stopOnSignals(pool, progress);
  try {
    progress.note(`run ${id} in ${relative('.', folder)}`);
    const backend = (await pool.run(chooseBackendJob, {}, results)).output;
    const tools = { ffmpeg: await ffmpegVersion(), backend: backend.name, device: backend.device };
    const cache = openCache(join(results, 'cache'), progress.note);
    const context = createContext({ seed: experiment.seed, cache, pool, tools, progress });
    const result = await baseline(experiment, context);

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
    const record = context.counts.computed > 0 ? built : await withFirstCost(built, folder);
    await writeRun(folder, record, experiment, result, context, pool);
    await writeRecord(folder, { ...record, mainThread: record.mainThread ?? mainThread.stop() });
    await leaderboard(results);
    await sendToMlflow(folder, result, progress.note);
    return conclude(record, experiment, folder, context, progress, json);
  } catch (error) {
    const signal = interrupted();
    if (!signal) throw error;
    process.stderr.write(
      `\ninterrupted; what is finished is kept, and the same command goes on from there\n`,
    );
    return signal === 'SIGINT' ? 130 : 143;
  } finally {
    progress.stop();
    await pool.close();
  }
}

/** What was computed on a GPU is a run of its own, beside that of the processor. */
function runId(experiment: Experiment, device: DeviceChoice): string {
  const gpu = device === 'cuda' || device === 'webgpu' ? { device } : {};
  const hash = createHash('sha256').update(canonicalJson({ ...experiment, ...gpu }));
  return `${experiment.name}-${hash.digest('hex').slice(0, 8)}`;
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

/** On the first signal the workers end and running jobs fail; finished ones are in the cache. The second leaves at once. */
function stopOnSignals(pool: Pool, progress: Progress): () => NodeJS.Signals | undefined {
  let received: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (received) process.exit(signal === 'SIGINT' ? 130 : 143);
    received = signal;
    progress.stop();
    void pool.close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return () => received;
}

/** All that a run leaves, but for its record: that stands last, because a folder with a record is a finished run. */
async function writeRun(
  folder: string,
  record: RunRecord,
  experiment: Experiment,
  result: BaselineResult,
  context: RunContext,
  pool: Pool,
): Promise<void> {
  const all = [...result.scored, ...result.probed];
  await copyFakes(join(folder, 'fakes'), result);
  await atomicWrite(join(folder, 'config.yaml'), stringify(experiment));
  await writeOutcomes(folder, toOutcomes(record.id, all));
  const failures = all.flatMap((row) =>
    'failure' in row ? [[row.trained.label, row.entry.item.id, row.failure.code, row.failure.cause]] : [],
  );
  await atomicWrite(
    join(folder, 'failures.csv'),
    formatCsv([['detector', 'id', 'errorCode', 'cause'], ...failures]),
  );
  await writeReport(folder, record, result, context, pool);
}

/** Fakes of the test split, each with its provenance beside it. */
async function copyFakes(folder: string, { line }: BaselineResult): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const entry of line.fakes.flatMap((made) => made.items)) {
    if (!('clip' in entry) || entry.item.split !== 'test') continue;
    const target = join(folder, `${fileName(entry.item.id)}.mp4`);
    await copyFile(entry.clip.media.path, target);
    await copyFile(provenancePath(entry.clip.media.path), provenancePath(target));
  }
}

/** Of a run that was only read back from the cache: what it took when it was computed, as recorded then. */
async function withFirstCost(record: RunRecord, folder: string): Promise<RunRecord> {
  const first = await readRecord(join(folder, 'record.json')).catch(() => undefined);
  return first
    ? {
        ...record,
        startedAt: first.startedAt,
        seconds: first.seconds,
        peakMemory: first.peakMemory,
        ...(first.mainThread ? { mainThread: first.mainThread } : {}),
      }
    : record;
}

/** A file name for an item's id; where characters had to be replaced, a hash keeps different ids apart. */
function fileName(id: string): string {
  const plain = id.replaceAll(/[^\w.@~-]+/g, '_').slice(0, 120);
  return plain === id.replaceAll('/', '_')
    ? plain
    : `${plain}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
}

function conclude(
  record: RunRecord,
  experiment: Experiment,
  folder: string,
  context: RunContext,
  progress: Progress,
  json: boolean,
): number {
  progress.stop();
  const { failed, scores } = record.counts;
  const share = failed / Math.max(1, failed + scores);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  say(
    `${context.counts.computed === 0 ? 'all from the cache, first computed' : 'done'} in ${duration(record.seconds)}: ${scores} scores, ${failed} failed, ${record.counts.notApplicable} not applicable`,
  );
  for (const { detector, generator, metrics } of record.results) {
    const show = ({ value }: { value: number | null }): string => value?.toFixed(3) ?? 'undefined';
    const low = 'low' in metrics.auc ? metrics.auc.low : undefined;
    const high = 'high' in metrics.auc ? metrics.auc.high : undefined;
    const interval =
      typeof low === 'number' && typeof high === 'number' ? ` [${low.toFixed(3)}, ${high.toFixed(3)}]` : '';
    say(
      `  ${detector.padEnd(28)} ${generator.padEnd(20)} AUC ${show(metrics.auc)}${interval}  EER ${show(metrics.eer)}`,
    );
  }
  say(`report: ${relative('.', join(folder, 'report.html'))}`);
  const summary: Summary = { run: record.id, dir: relative('.', folder), ...context.counts };
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  if (share <= experiment.allowedFailures) return exitCodes.done;
  say(
    `${failed} of ${failed + scores} scores failed, more than the ${experiment.allowedFailures * 100} % allowed (allowedFailures); causes in ${relative('.', join(folder, 'failures.csv'))}`,
  );
  return exitCodes.tooManyFailures;
}

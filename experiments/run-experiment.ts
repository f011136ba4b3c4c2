/** `masque experiment`: runs or resumes what a YAML file describes, and leaves record, outcomes, fakes and report in the run folder. */
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { DeviceChoice } from '../src/compute/device.ts';
import { type Experiment, readExperiment } from '../src/config.ts';
import { exitCodes, UserError } from '../src/errors.ts';
import { failPoint } from '../src/fail-point.ts';
import { startClock } from '../src/records/clock.ts';
import { watchMainThread } from '../src/records/main-thread.ts';
import { writeRecord } from '../src/records/record.ts';
import { watchSystemLoad, writeSystemLoad } from '../src/records/system-load.ts';
import { baseline } from './baseline.ts';
import { buildRecord } from './build-record.ts';
import { catalog } from './catalog.ts';
import type { EngineChoice } from './choose-engine.ts';
import { conclude } from './conclude.ts';
import { leaderboard } from './leaderboard.ts';
import { withMachine } from './machine.ts';
import { packBundle } from './pack-bundle.ts';
import { robustness } from './robustness.ts';
import { earlierRecord, withCost } from './run-cost.ts';
import { inRunFolder } from './run-folder.ts';
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
  { config, set, json, results, device, workers, ...engine }: RunOptions,
): Promise<number> {
  const clock = startClock();
  const mainThread = watchMainThread();
  const systemLoad = watchSystemLoad();
  const { seed, allowedFailures } = experiment;
  return withMachine({ results, seed, device, workers, ...engine }, async (machine) => {
    const { pool, backend, ffmpeg, progress, stopped } = machine;
    const id = runId(experiment, backend);
    const place = { folder: join(results, 'runs', id), config, set, warn: progress.note, stopped };
    return inRunFolder(place, async ({ folder, history, log }) => {
      progress.note(`run ${id} in ${relative('.', folder)}`);
      const context = await machine.context(id, log);
      const clean = await baseline(experiment, context);
      const result = { ...clean, distorted: await robustness(experiment, clean, context) };
      const built = await buildRecord({ id, experiment, result, context, clock, backend, ffmpeg, pool });
      const first = await earlierRecord(folder, history, progress.note);
      const record = withCost(built, history, first);
      // Until the new one is there, a record of what was computed before would stand beside other scores.
      if (!first) await rm(join(folder, 'record.json'), { force: true });
      failPoint('record-removed');
      const sha256 = await writeRun(folder, record, experiment, result, pool);
      failPoint('run-written');
      if (!first) await writeSystemLoad(folder, systemLoad.stop());
      await writeRecord(folder, { ...record, sha256, mainThread: record.mainThread ?? mainThread.stop() });
      failPoint('run-recorded');
      const { bundle } = experiment;
      const packed = bundle && (await packBundle({ ...experiment, bundle }, result, id, context));
      if (packed)
        progress.note(`bundle ${packed.id} in ${packed.folder}; npm run -s screen -- <file> uses it`);
      await leaderboard(results);
      const told = await sendToMlflow(results, folder, result, clock.seconds());
      progress.stop();
      const fromCache = first !== undefined;
      const code = conclude({ record, folder, counts: context.counts, fromCache, allowedFailures, json });
      for (const text of told) process.stderr.write(`${text}\n`);
      return code;
    });
  });
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

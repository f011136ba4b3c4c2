/** Gathers what a run did and found into its record. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Experiment } from '../src/config.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { isNotApplicable, measure } from '../src/pipeline/measure.ts';
import type { Fakes } from '../src/pipeline/make-fakes.ts';
import type { Pool } from '../src/queue/pool.ts';
import type { Clock } from '../src/records/clock.ts';
import { describeData, type RunRecord, schemaVersion } from '../src/records/record.ts';
import type { BaselineResult } from './baseline.ts';

type Sources = {
  id: string;
  experiment: Experiment;
  result: BaselineResult;
  context: RunContext;
  clock: Clock;
  backend: { name: string; reason: string };
  ffmpeg: string;
  pool: Pool;
};

/** The record of a finished run; its metrics are computed from the scores alone. */
export async function buildRecord({
  id,
  experiment,
  result,
  context,
  clock,
  backend,
  ffmpeg,
  pool,
}: Sources): Promise<RunRecord> {
  const { line, scored, probed, trained } = result;
  const all = [...scored, ...probed];
  const labels = line.fakes.map((made) => made.label);
  const measuring = {
    replicates: experiment.bootstrap.replicates,
    ...(experiment.training
      ? {
          withheld: `the detectors were trained on ${experiment.training.dataset.name}; how their scores transfer is not known`,
        }
      : {}),
  };
  const controlLabels = line.fakes.filter((made) => made.control).map((made) => made.label);
  return {
    schemaVersion,
    id,
    config: experiment as unknown as Record<string, unknown>,
    seed: experiment.seed,
    code: { ...(await gitState()), node: process.version, backend, ffmpeg },
    startedAt: clock.startedAt,
    counts: {
      identities: new Set(line.clips.flatMap((clip) => clip.sources)).size,
      clips: line.clips.length,
      fakes: line.fakes.reduce((sum, made) => sum + made.items.filter((entry) => 'clip' in entry).length, 0),
      scores: all.filter((row) => 'score' in row).length,
      failed: all.filter((row) => 'failure' in row && !isNotApplicable(row)).length,
      notApplicable: all.filter(isNotApplicable).length,
    },
    data: describeData(experiment.dataset.name, line.clips),
    generators: line.fakes.map((made) => ({
      name: made.name,
      label: made.label,
      control: made.control,
      trainSeconds: made.trainSeconds,
      info: made.model?.info ?? {},
      quality: made.quality?.figures ?? {},
    })),
    detectors: trained.map(({ detector, label, trainSeconds, model }) => ({
      name: detector.name,
      label,
      control: detector.family === 'control',
      trainSeconds,
      info: model?.info ?? {},
      family: detector.family,
      judges: detector.judges,
      quality: {},
    })),
    results: await measure(scored, labels, measuring, context),
    probes: probed.length > 0 ? await measure(probed, controlLabels, measuring, context) : [],
    notRun: notRun(experiment, line.fakes),
    peakMemory: { mainBytes: process.resourceUsage().maxRSS * 1024, workerBytes: pool.peakMemoryBytes() },
    seconds: clock.seconds(),
  };
}

/** What a reader might look for in the tables and does not find, with the reason. */
function notRun(
  { dataset, generators, seed }: Experiment,
  fakes: readonly Fakes[],
): { what: string; reason: string }[] {
  const judged = fakes.filter((made) => !made.control);
  const list = (wanting: boolean, what: string, reason: string) => (wanting ? [{ what, reason }] : []);
  return [
    ...list(generators.length === 0, 'fakes', 'the experiment names no generator'),
    ...list(
      generators.length > 0 && judged.length === fakes.length,
      'probes',
      'the experiment names no control generator',
    ),
    ...list(
      judged.length > 0,
      'generators that the detectors have not met',
      'each detector learns from the fakes of all generators that are no controls',
    ),
    { what: 'perturbations', reason: 'every clip was judged as published; masque has none yet' },
    {
      what: 'other seeds',
      reason: `the experiment has one, ${seed}: one draw of people, one training of each network`,
    },
    ...list(dataset.name === 'talking-heads', 'recorded people', 'the data set is rendered'),
  ];
}

/** The commit the code stands at; null outside a git checkout. */
async function gitState(): Promise<{ commit: string | null; dirty: boolean }> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd })).stdout.trim();
  try {
    return {
      commit: await git('rev-parse', 'HEAD'),
      dirty: (await git('status', '--porcelain', '--', '.', ':!results')) !== '',
    };
  } catch {
    return { commit: null, dirty: false };
  }
}

/** Gathers what a run did and found into its record. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Experiment } from '../src/config.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { isNotApplicable, measure } from '../src/pipeline/measure.ts';
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
  backend: RunRecord['code']['backend'];
  ffmpeg: string;
  pool: Pool;
};

/** The record of a finished run; metrics are computed here, from the scores alone. */
export function buildRecord({
  id,
  experiment,
  result,
  context,
  clock,
  backend,
  ffmpeg,
  pool,
}: Sources): RunRecord {
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
    code: { ...gitState(), node: process.version, backend, ffmpeg },
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
    })),
    results: measure(scored, labels, measuring, context),
    probes: probed.length > 0 ? measure(probed, controlLabels, measuring, context) : [],
    notRun: notRun(experiment),
    peakMemory: { mainBytes: process.resourceUsage().maxRSS * 1024, workerBytes: pool.peakMemoryBytes() },
    seconds: clock.seconds(),
  };
}

function notRun(experiment: Experiment): { what: string; reason: string }[] {
  return experiment.generators.length > 0
    ? []
    : [{ what: 'fakes', reason: 'the experiment names no generator' }];
}

/** The commit the code stands at; null outside a git checkout. */
function gitState(): { commit: string | null; dirty: boolean } {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return {
      commit: git('rev-parse', 'HEAD'),
      dirty: git('status', '--porcelain', '--', '.', ':!results') !== '',
    };
  } catch {
    return { commit: null, dirty: false };
  }
}

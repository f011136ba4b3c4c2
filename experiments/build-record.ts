/** Gathers what a run did and found into its record. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Experiment } from '../src/config.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { identitiesShownOneByOne } from '../src/metrics/detection.ts';
import type { MediaTools } from '../src/media/tools.ts';
import { personOf } from '../src/pairs.ts';
import { countParts } from '../src/film-parts.ts';
import { isGenuine, truthOf } from '../src/pipeline/items.ts';
import { judgeHypotheses } from '../src/pipeline/hypotheses.ts';
import { createRng } from '../src/random.ts';
import { measure } from '../src/pipeline/measure.ts';
import { sliceResults } from '../src/pipeline/slices.ts';
import { thresholdsOf } from '../src/pipeline/thresholds.ts';
import type { Pool } from '../src/queue/pool.ts';
import type { Clock } from '../src/records/clock.ts';
import { describeData, type RunRecord, schemaVersion } from '../src/records/record.ts';
import { unshownRemark } from '../src/reports/unshown.ts';
import type { Clip } from '../src/types.ts';
import { catalog } from './catalog.ts';
import { type RunResults, rowsOf } from './results.ts';
import { countFailures } from './failures.ts';
import { notRun } from './not-run.ts';

type Sources = {
  id: string;
  experiment: Experiment;
  result: RunResults;
  context: RunContext;
  clock: Clock;
  backend: RunRecord['code']['backend'];
  ffmpeg: MediaTools;
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
  const { line, scored, distorted, probed, trained } = result;
  const [sync, kid] = [result.sync, result.kid].map((one) => ('reason' in one ? undefined : one));
  const thresholds = thresholdsOf(result.validated);
  const brought = line.published.flatMap(({ generator }) => generator ?? []);
  const labels = [...new Set([...line.fakes.map((made) => made.label), ...brought])];
  const measuring = {
    replicates: experiment.bootstrap.replicates,
    thresholds,
    ...withheldOf(experiment, result),
  };
  const controlLabels = line.fakes.filter((made) => made.control).map((made) => made.label);
  const measured = await measure([...scored, ...distorted], labels, measuring, context);
  const severities = severitiesOf(experiment);
  const results = measured.map((row) => {
    const severity = severities.get(`${row.perturbation} ${row.level}`);
    return severity === undefined ? row : { ...row, severity };
  });
  const { replicates } = experiment.bootstrap;
  const clean = results.filter(({ perturbation }) => perturbation === 'none');
  const slices = await sliceResults(clean, scored, result.attributes, replicates, context);
  const probes = probed.length > 0 ? await measure(probed, controlLabels, measuring, context) : [];
  const cut = countParts(line.clips.map(({ id }) => id));
  return {
    schemaVersion,
    id,
    config: experiment as unknown as Record<string, unknown>,
    seed: experiment.seed,
    code: {
      ...(await gitState()),
      node: process.version,
      backend,
      ffmpeg: ffmpeg.version,
      sandbox: { used: Object.keys(ffmpeg.sandbox), missing: ffmpeg.missing },
    },
    startedAt: clock.startedAt,
    counts: {
      identities: new Set(line.clips.flatMap((clip) => clip.sources)).size,
      clips: line.clips.length,
      clipsBy: countClips(line.clips),
      ...(cut ? { cut } : {}),
      jobs: { cached: context.counts.cached, computed: context.counts.computed },
      fakes: line.fakes.reduce((sum, made) => sum + made.items.filter((entry) => 'clip' in entry).length, 0),
      scores: rowsOf(result).filter((row) => 'score' in row).length,
      ...countFailures(result),
    },
    data: describeData(experiment.dataset.name, line.clips, [
      ...result.remarks,
      ...unshownRemark(line.clips),
    ]),
    ...facesOf(line.clips),
    generators: line.fakes.map((made) => ({
      name: made.name,
      label: made.label,
      control: made.control,
      trainSeconds: made.trainSeconds,
      info: made.model?.info ?? {},
      quality: {
        ...made.quality?.figures,
        ...sync?.ofGenerator[made.label],
        ...kid?.ofGenerator[made.label],
      },
    })),
    detectors: trained.map(({ detector, label, judges, trainSeconds, model, quality, variantOf }) => ({
      name: detector.name,
      label,
      control: detector.family === 'control',
      trainSeconds,
      info: model?.info ?? {},
      family: detector.family,
      judges,
      constructed: detector.constructed ?? null,
      ...(variantOf === undefined ? {} : { variantOf }),
      ...(thresholds.has(label) ? { threshold: thresholds.get(label)! } : {}),
      quality: quality?.figures ?? {},
    })),
    measures: [['sync-own', sync] as const, ['kid-own', kid] as const].flatMap(([name, measure]) => {
      if (!measure) return [];
      const { trainSeconds, info, figures: quality } = measure;
      return [{ name, label: name, control: false, trainSeconds, info, quality }];
    }),
    hypotheses: judgeHypotheses(experiment.generators, line.fakes, {
      rng: createRng(experiment.seed, 'hypotheses'),
      replicates: experiment.bootstrap.replicates,
    }),
    results,
    slices,
    probes,
    notRun: notRun(experiment, result),
    peakMemory: { mainBytes: process.resourceUsage().maxRSS * 1024, workerBytes: pool.peakMemoryBytes() },
    seconds: clock.seconds(),
  };
}

/** What the levels of perturbations are, by series and level. */
function severitiesOf({ perturbations }: Experiment): Map<string, string> {
  return new Map(
    perturbations.flatMap(({ name, options }) =>
      catalog.perturbations[name]!.series(options).flatMap((series) =>
        series.levels.map(({ severity }, i) => [`${series.name} ${i + 1}`, severity] as const),
      ),
    ),
  );
}

/**
 * Whether detectors that learned on other data are only asked what they say, clip by clip: of few people a figure would say more of them than of how the detectors carry
 * over.
 */
function withheldOf({ training }: Experiment, { line }: RunResults): { withheld?: string } {
  const people = new Set(
    line.published.flatMap(({ item }) => (item.split === 'test' ? [personOf(item)] : [])),
  ).size;
  if (!training || people >= identitiesShownOneByOne) return {};
  return {
    withheld: `the detectors were trained on ${training.dataset.name}; from ${people} people it cannot be told how their scores transfer`,
  };
}

function facesOf(clips: readonly Clip[]): Pick<RunRecord, 'faces'> {
  const faces = clips.flatMap(({ id, media, seen, track }) =>
    seen && media.video
      ? [{ clip: id, frames: media.video.frameCount, ...seen, tracked: track !== undefined }]
      : [],
  );
  return faces.length > 0 ? { faces } : {};
}

function countClips(clips: readonly Clip[]): NonNullable<RunRecord['counts']['clipsBy']> {
  const counts = { genuine: 0, unknown: 0, brought: 0, heard: 0, measuring: 0 };
  for (const clip of clips) {
    if (clip.use === 'measure') counts.measuring++;
    else if (!isGenuine(clip)) counts.brought++;
    else if (clip.use === 'fit' && !clip.media.video) counts.heard++;
    else if (truthOf(clip, 'any') === undefined) counts.unknown++;
    else counts.genuine++;
  }
  return counts;
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

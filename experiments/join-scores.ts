/** `masque measure --join`: scores of another tool as a run of their own, `results/runs/imported-<name>`, which the leaderboard shows and marks. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../src/errors.ts';
import { sha256OfFile } from '../src/files.ts';
import { type DetectionMetrics, measureScores } from '../src/metrics/detection.ts';
import { summarize } from '../src/metrics/summary.ts';
import { createRng } from '../src/random.ts';
import { startClock } from '../src/records/clock.ts';
import { type OutcomeRow, writeOutcomes } from '../src/records/outcomes.ts';
import {
  coverageOf,
  readRecord,
  type RunRecord,
  type RunResult,
  schemaVersion,
  writeRecord,
} from '../src/records/record.ts';
import type { Joined } from '../src/score-files/join.ts';

export type JoinOptions = {
  name: string;
  /** What was scored, as it stands in tables. */
  dataset: string;
  kind: 'synthetic' | 'recorded';
  /** Whose fakes were scored, as it stands in tables. */
  generator: string;
  results: string;
};

const seed = 0;

/** Writes the run of the scores in `file` and returns its id. @throws UserError where the name is none or is that of a run of ours. */
export async function joinLeaderboard(
  joined: readonly Joined[],
  file: string,
  { name, dataset, kind, generator, results }: JoinOptions,
): Promise<string> {
  if (!/^[\w@~-][\w.@~-]*$/.test(name))
    throw new UserError(`--join ${name}: a name of letters, digits and . _ @ ~ - is needed`);
  if (generator === 'none' || generator === '')
    throw new UserError('--generator: "none" stands for genuine clips; name whose fakes were scored');
  const id = `imported-${name}`;
  const folder = join(results, 'runs', id);
  const known = await readRecord(join(folder, 'record.json')).catch(() => undefined);
  if (known && !known.imported)
    throw new UserError(`${folder}: a run of ours lies there; choose another name for --join`);
  const clock = startClock();
  const labelled = joined.map((one) => ({ ...one, label: one.detector ?? name }));
  const outcomes = labelled.flatMap((one) => outcomesOf(one, id, generator));
  const measured = labelled.map((one) => resultOf(one, generator));
  await mkdir(folder, { recursive: true });
  await writeOutcomes(folder, outcomes);
  const failed = measured.reduce((sum, { counts }) => sum + counts.failed, 0);
  const record: RunRecord = {
    schemaVersion,
    id,
    imported: true,
    sha256: { 'outcomes.csv': await sha256OfFile(join(folder, 'outcomes.csv')) },
    config: { imported: file, dataset, kind, generator },
    seed,
    code: {
      commit: null,
      dirty: false,
      node: process.version,
      backend: { name: 'none', reason: 'the scores were imported' },
      ffmpeg: 'none',
    },
    startedAt: clock.startedAt,
    seconds: clock.seconds(),
    peakMemory: { mainBytes: process.resourceUsage().maxRSS * 1024, workerBytes: 0 },
    counts: {
      identities: new Set(outcomes.flatMap(({ sources }) => sources)).size,
      clips: new Set(outcomes.map((row) => row.id)).size,
      fakes: 0,
      scores: outcomes.length - failed,
      failed,
      notApplicable: 0,
    },
    data: {
      dataset,
      kind,
      licences: {},
      shareable: { value: false, reason: 'scores alone were imported; whose faces they are of is not known' },
      remarks: [],
    },
    generators: [],
    detectors: labelled.map(({ label }) => ({
      name: label,
      label,
      control: false,
      trainSeconds: 0,
      info: {},
      family: 'imported',
      judges: 'any',
      constructed: null,
      quality: {},
    })),
    measures: [],
    hypotheses: [],
    results: measured,
    slices: [],
    probes: [],
    notRun: [{ what: 'everything but the scores', reason: `they were imported from ${file}` }],
  };
  await writeRecord(folder, record);
  return id;
}

type Labelled = Joined & { label: string };

/** Scores, and what the key asks for and has none. Who is seen is the group, where anybody says so. */
function outcomesOf(
  { label, items, leftOut, grouped }: Labelled,
  run: string,
  generator: string,
): OutcomeRow[] {
  const base = { run, detector: label, perturbation: 'none', level: 0, split: 'test' } as const;
  const scored = items.map(
    ({ id, truth, score, group }): OutcomeRow => ({
      ...base,
      generator: truth === 'fake' ? generator : 'none',
      id,
      sources: grouped ? [group] : [],
      label: truth,
      score,
    }),
  );
  const missing = [
    ...leftOut.notFinite.map((id) => ({ id, errorCode: 'E_SCORE_NOT_FINITE' })),
    ...leftOut.missing.map((id) => ({ id, errorCode: 'E_SCORE_MISSING' })),
  ];
  return [
    ...scored,
    ...missing.map((row): OutcomeRow => ({ ...base, generator: 'none', sources: [], ...row })),
  ];
}

function resultOf(joined: Labelled, generator: string): RunResult {
  const { label, items, leftOut } = joined;
  const fake = items.filter(({ truth }) => truth === 'fake').length;
  const failed = leftOut.notFinite.length + leftOut.missing.length;
  const counts = { real: items.length - fake, fake, failed, notApplicable: 0 };
  return {
    detector: label,
    generator,
    perturbation: 'none',
    level: 0,
    driving: null,
    trainedOn: null,
    counts,
    metrics: metricsOf(joined),
    coverage: coverageOf(counts),
  };
}

/** Over groups, where the file says which items belong together; else every item is evidence of its own, as `masque measure` prints it. */
function metricsOf({ label, items, grouped }: Labelled): DetectionMetrics {
  const rng = createRng(seed, 'measure', label, 'item');
  if (grouped) return measureScores(items, { rng });
  const { auc, eer, ap } = summarize(items, { rng, grouped }) as Pick<DetectionMetrics, 'auc' | 'eer' | 'ap'>;
  return { auc, eer, ap, resampling: { identities: items.length, replicates: 0, skipped: 0 } };
}

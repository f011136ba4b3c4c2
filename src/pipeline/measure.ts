/** scores → metrics: one result per detector and generator, over the test items whose truth is known. */
import { notMeasured, pointsByIdentity, type ScoredItem } from '../metrics/detection.ts';
import { coverageOf, type RunCounts, type RunResult } from '../records/record.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import type { RunContext } from './context.ts';
import { measureItems } from './measure.job.ts';
import type { Scored } from './score.ts';

/** How to measure; `withheld` is the reason why no metric is computed, only scores clip by clip. */
export type Measuring = { replicates: number; withheld?: string };

/** Real test clips against the fakes of each generator in `generators` (labels), detector by detector. */
export function measure(
  scored: Scored[],
  generators: string[],
  measuring: Measuring,
  context: RunContext,
): Promise<RunResult[]> {
  const detectors = [...new Set(scored.map((row) => row.trained.label))];
  const results = detectors.flatMap((detector) => {
    const own = scored.filter((row) => row.trained.label === detector);
    const judged = generators.length > 0 ? generators : ['none'];
    return judged.map((generator) => measureOne(own, detector, generator, measuring, context));
  });
  return Promise.all(results);
}

async function measureOne(
  own: Scored[],
  detector: string,
  generator: string,
  { replicates, withheld }: Measuring,
  context: RunContext,
): Promise<RunResult> {
  const rows = own.filter(({ entry }) => entry.generator === undefined || entry.generator === generator);
  const items = rows.flatMap((row): ScoredItem[] =>
    'score' in row && row.truth
      ? [{ truth: row.truth, score: row.score, group: row.entry.item.sources[0] ?? row.entry.item.id }]
      : [],
  );
  const counts = countRows(rows);
  const metrics =
    withheld === undefined
      ? await context.run(measureItems, { items, seed: context.seed, generator, replicates })
      : notMeasured(withheld);
  const points = pointsByIdentity(items);
  const trainedOn = own[0]?.trained.trainedOn ?? [];
  return {
    detector,
    generator,
    perturbation: 'none',
    level: 0,
    driving: null,
    trainedOn: trainedOn.length > 0 ? trainedOn.join('+') : null,
    counts,
    metrics,
    coverage: coverageOf(counts),
    ...(points ? { points } : {}),
  };
}

/** How many real and fake items were scored and how many were not; items of unknown truth are in neither class. */
function countRows(rows: Scored[]): RunCounts {
  const counts: RunCounts = { real: 0, fake: 0, failed: 0, notApplicable: 0 };
  for (const row of rows) {
    if ('failure' in row) counts[isNotApplicable(row) ? 'notApplicable' : 'failed']++;
    else if (row.truth) counts[row.truth]++;
  }
  return counts;
}

/** Nothing is broken, the detector's question does not fit the item. */
export function isNotApplicable(row: Scored): boolean {
  return 'failure' in row && row.failure.code === 'E_NOT_APPLICABLE';
}

/** The rows of `outcomes.csv`. */
export function toOutcomes(run: string, scored: Scored[]): OutcomeRow[] {
  return scored.map((row) => {
    const { item, generator = 'none' } = row.entry;
    const base = {
      run,
      detector: row.trained.label,
      generator,
      perturbation: 'none',
      level: 0,
      id: item.id,
      sources: item.sources,
      split: item.split,
    };
    const truth = row.truth ? { label: row.truth } : {};
    return {
      ...base,
      ...truth,
      ...('score' in row ? { score: row.score } : { errorCode: row.failure.code }),
    };
  });
}

/** scores → metrics: one result per detector and generator, over the test items whose truth is known. */
import { notMeasured, pointsByIdentity, type ScoredItem } from '../metrics/detection.ts';
import { groupBy } from '../group.ts';
import { peopleIn } from '../pairs.ts';
import { coverageOf, genuineAlone, type RunCounts, type RunResult } from '../records/record.ts';
import type { ItemRow } from '../records/item-table.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import type { Attributes, Driving, Measured } from '../types.ts';
import type { RunContext } from './context.ts';
import { isNotApplicable } from './items.ts';
import { measureItems } from './measure.job.ts';
import type { Scored } from './score.ts';
import { chosenOn } from './thresholds.ts';
import type { Trained } from './train-detectors.ts';

/** How to measure; `withheld` is the reason why no metric is computed, only scores clip by clip. `thresholds`: by detector label. */
export type Measuring = { replicates: number; withheld?: string; thresholds: ReadonlyMap<string, Measured> };

/**
 * Real test clips against the fakes of each maker, detector by detector: of those in `generators` (labels) that the detector was asked
 * about. Where fakes are driven by their own person as well as by others, each kind has a row of its own behind the whole.
 */
export function measure(
  scored: Scored[],
  generators: string[],
  measuring: Measuring,
  context: RunContext,
): Promise<RunResult[]> {
  const tables = groupBy(scored, ({ trained, perturbation, level }) =>
    JSON.stringify([trained.label, perturbation, level]),
  );
  const results = [...tables.values()].flatMap((own) => {
    const asked = generators.filter((generator) => own.some(({ entry }) => entry.generator === generator));
    if (asked.length === 0) return [measureOne(own, 'none', null, measuring, context)];
    return asked.flatMap((generator) => {
      const rows = own.filter(({ entry }) => entry.generator === undefined || entry.generator === generator);
      const ways = own[0]!.perturbation === 'none' ? waysOfDriving(rows) : [];
      return [null, ...ways].map((driving) =>
        measureOne(
          rows.filter(({ entry }) => !driving || !entry.generator || entry.item.driving === driving),
          generator,
          driving,
          measuring,
          context,
        ),
      );
    });
  });
  return Promise.all(results);
}

/** Both ways, or none where all fakes are driven alike. */
function waysOfDriving(rows: Scored[]): Driving[] {
  const ways = new Set(rows.flatMap(({ entry }) => entry.item.driving ?? []));
  return ways.size > 1 ? ['same-person', 'other-person'] : [];
}

async function measureOne(
  rows: Scored[],
  generator: string,
  driving: Driving | null,
  { replicates, withheld, thresholds }: Measuring,
  context: RunContext,
): Promise<RunResult> {
  const items = rows.flatMap((row): ScoredItem[] =>
    'score' in row && row.truth ? [{ truth: row.truth, score: row.score, ...peopleIn(row.entry.item) }] : [],
  );
  const { trained, perturbation, level } = rows[0]!;
  const counts = countRows(rows);
  const threshold = thresholds.get(trained.label)?.value ?? undefined;
  const input = { items, seed: context.seed, generator, replicates };
  const { atThreshold, ...metrics } =
    withheld === undefined
      ? await context.run(measureItems, threshold === undefined ? input : { ...input, threshold })
      : notMeasured(withheld);
  // Of clips as published: perturbed scores one by one stand in `outcomes.csv`.
  const points = perturbation === 'none' ? pointsByIdentity(items) : undefined;
  return {
    detector: trained.label,
    generator,
    perturbation,
    level,
    driving,
    trainedOn: lessonsOf(trained),
    counts,
    metrics,
    ...(atThreshold ? { atThreshold: { threshold: threshold!, chosenOn, ...atThreshold } } : {}),
    coverage: coverageOf(counts),
    ...(points ? { points } : {}),
  };
}

function lessonsOf(trained: Trained): string | null {
  if (!trained.detector.train) return null;
  return trained.detector.learnsFrom === 'real' ? genuineAlone : trained.trainedOn.join('+') || null;
}

/** How many real and fake items were scored and how many were not; items of unknown truth are in neither class. */
function countRows(rows: Scored[]): RunCounts {
  const counts: RunCounts = { real: 0, fake: 0, failed: 0, notApplicable: 0 };
  for (const row of rows) {
    if ('failure' in row) counts[isNotApplicable(row.failure) ? 'notApplicable' : 'failed']++;
    else if (row.truth) counts[row.truth]++;
  }
  return counts;
}

/** The rows of `items.csv`. `attributes`: by id, where a data set recorded any. */
export function toItems(scored: Scored[], attributes: ReadonlyMap<string, Attributes>): ItemRow[] {
  const entries = new Map(scored.map(({ entry }) => [entry.item.id, entry]));
  return [...entries.values()].map((entry) => {
    const { id, driving } = entry.item;
    return {
      id,
      ...('clip' in entry ? { sha256: entry.clip.media.sha256 } : {}),
      ...(driving ? { driving } : {}),
      attributes: attributes.get(id) ?? {},
    };
  });
}

/** The rows of `outcomes.csv`. */
export function toOutcomes(run: string, scored: Scored[]): OutcomeRow[] {
  return scored.map((row) => {
    const { item, generator = 'none' } = row.entry;
    const base = {
      run,
      detector: row.trained.label,
      generator,
      perturbation: row.perturbation,
      level: row.level,
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

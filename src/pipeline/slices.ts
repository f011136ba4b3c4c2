/** scores → slices: how each detector does on parts of the test items that the data set can tell apart. */
import type { AttributedItem } from '../metrics/slices.ts';
import { peopleIn } from '../pairs.ts';
import type { RunRecord, RunResult } from '../records/record.ts';
import type { Attributes } from '../types.ts';
import type { RunContext } from './context.ts';
import type { Scored } from './score.ts';
import { measureSlicesJob } from './slices.job.ts';

/** Slices behind every clean result of all fakes that has an AUC, in the order of the results. `attributes`: by the items' ids. */
export async function sliceResults(
  results: readonly RunResult[],
  scored: readonly Scored[],
  attributes: ReadonlyMap<string, Attributes>,
  replicates: number,
  context: RunContext,
): Promise<RunRecord['slices']> {
  const whole = results.filter(
    ({ perturbation, driving, metrics }) =>
      perturbation === 'none' && driving === null && metrics.auc.value !== null,
  );
  const sliced = whole.map(async ({ detector, generator }) => {
    const items = scored.flatMap((row): AttributedItem[] => {
      const { item, generator: maker } = row.entry;
      const own = row.trained.label === detector && (maker === undefined || maker === generator);
      const known = attributes.get(item.id);
      if (!own || !known || !row.truth || !('score' in row)) return [];
      return [{ truth: row.truth, score: row.score, ...peopleIn(item), attributes: known }];
    });
    if (items.length === 0) return [];
    const slices = await context.run(measureSlicesJob, { items, seed: context.seed, generator, replicates });
    return slices.map((slice) => ({ detector, generator, ...slice }));
  });
  return (await Promise.all(sliced)).flat();
}

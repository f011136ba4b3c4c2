/** The rows of a run's tables. */
import { groupBy } from '../group.ts';
import type { RunRecord } from '../records/record.ts';
import { byDriving, type TableRow } from './results-table.ts';

/** Results with what the table needs to know of their components: control generators first, then control detectors; how fakes were driven below the row of all. */
export function tableRows(record: RunRecord, results: RunRecord['results']): TableRow[] {
  const labels = (components: readonly { label: string; control: boolean }[]): Set<string> =>
    new Set(components.filter(({ control }) => control).map(({ label }) => label));
  const [controls, controlGenerators] = [labels(record.detectors), labels(record.generators)];
  const cues = new Set(record.detectors.flatMap(({ label, constructed }) => (constructed ? label : [])));
  const makers = new Set(record.generators.map(({ label }) => label));
  const variants = new Map(record.detectors.map(({ label, variantOf }) => [label, variantOf]));
  const rows = results.map((result) => ({
    ...result,
    control: controls.has(result.detector),
    constructed: cues.has(result.detector),
    controlGenerator: controlGenerators.has(result.generator),
    brought: result.generator !== 'none' && !makers.has(result.generator),
    variantOf: variants.get(result.detector) ?? null,
  }));
  const groups = [
    ...groupBy(rows, (row) => JSON.stringify([row.generator, row.perturbation, row.level])).values(),
  ];
  return groups
    .toSorted((a, b) => Number(b[0]!.controlGenerator) - Number(a[0]!.controlGenerator))
    .flatMap((group) => {
      const detectors = [...groupBy(group, (row) => row.detector).values()];
      return detectors
        .toSorted((a, b) => Number(b[0]!.control) - Number(a[0]!.control))
        .flatMap((own) => own.toSorted(byDriving));
    });
}

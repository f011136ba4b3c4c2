/** What failed in a run, counted and listed by one rule. */
import { withoutFolders } from '../src/errors.ts';
import { type Failure, isNotApplicable } from '../src/pipeline/items.ts';
import { formatCsv } from '../src/records/csv.ts';
import { type RunResults, rowsOf } from './results.ts';

type Failed = { detector: string; perturbation: string; level: number; id: string; failure: Failure };

/**
 * Every score that is missing, and of what nobody scores (fakes and clips of the other splits, or all where there is no detector) every fake that could not be made and every
 * clip that could not be published.
 */
function failuresOf(result: RunResults): Failed[] {
  const { line } = result;
  const rows = rowsOf(result);
  const items = [...line.published, ...line.fakes.flatMap((made) => made.items)];
  const asked = new Set(rows.map(({ entry }) => entry));
  return [
    ...rows.flatMap((row): Failed[] => {
      if (!('failure' in row)) return [];
      const { trained, perturbation, level, entry, failure } = row;
      return [{ detector: trained.label, perturbation, level, id: entry.item.id, failure }];
    }),
    ...items
      .filter((entry) => rows.length === 0 || (entry.item.split !== 'test' && !asked.has(entry)))
      .flatMap((entry): Failed[] =>
        'failure' in entry
          ? [{ detector: '', perturbation: 'none', level: 0, id: entry.item.id, failure: entry.failure }]
          : [],
      ),
  ];
}

export function countFailures(result: RunResults): { failed: number; notApplicable: number } {
  const all = failuresOf(result);
  const notApplicable = all.filter(({ failure }) => isNotApplicable(failure)).length;
  return { failed: all.length - notApplicable, notApplicable };
}

/** Every failure with its cause. The file goes to MLflow, where folders of this machine are nobody's business. */
export function failuresCsv(result: RunResults): string {
  const rows = failuresOf(result).map(({ detector, perturbation, level, id, failure: { code, cause } }) => [
    detector,
    perturbation,
    String(level),
    id,
    code,
    withoutFolders(cause),
  ]);
  return formatCsv([['detector', 'perturbation', 'level', 'id', 'errorCode', 'cause'], ...rows]);
}

/** What failed in a run, counted and listed by one rule. */
import { withoutFolders } from '../src/errors.ts';
import { type Failure, isNotApplicable } from '../src/pipeline/items.ts';
import { formatCsv } from '../src/records/csv.ts';
import type { BaselineResult } from './baseline.ts';

type Failed = { detector: string; id: string; failure: Failure };
type Result = Pick<BaselineResult, 'line' | 'scored' | 'probed'>;

/**
 * Every score that is missing, and of what nobody scores (fakes and clips of the other splits, or all where there is no detector) every fake that could not be made and every
 * clip that could not be published.
 */
function failuresOf({ line, scored, probed }: Result): Failed[] {
  const rows = [...scored, ...probed];
  const items = [...line.published, ...line.fakes.flatMap((made) => made.items)];
  return [
    ...rows.flatMap((row) =>
      'failure' in row ? [{ detector: row.trained.label, id: row.entry.item.id, failure: row.failure }] : [],
    ),
    ...items
      .filter(({ item }) => rows.length === 0 || item.split !== 'test')
      .flatMap((entry) =>
        'failure' in entry ? [{ detector: '', id: entry.item.id, failure: entry.failure }] : [],
      ),
  ];
}

export function countFailures(result: Result): { failed: number; notApplicable: number } {
  const all = failuresOf(result);
  const notApplicable = all.filter(({ failure }) => isNotApplicable(failure)).length;
  return { failed: all.length - notApplicable, notApplicable };
}

/** Every failure with its cause. The file goes to MLflow, where folders of this machine are nobody's business. */
export function failuresCsv(result: Result): string {
  const rows = failuresOf(result).map(({ detector, id, failure: { code, cause } }) => [
    detector,
    id,
    code,
    withoutFolders(cause),
  ]);
  return formatCsv([['detector', 'id', 'errorCode', 'cause'], ...rows]);
}

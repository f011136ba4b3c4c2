/** The last lines of a run: its results in short, where its report lies, and how it ends. */
import { join, relative } from 'node:path';
import { exitCodes } from '../src/errors.ts';
import type { Counts } from '../src/pipeline/context.ts';
import { duration } from '../src/pipeline/progress.ts';
import type { RunRecord, RunResult } from '../src/records/record.ts';
import { formatInterval, formatNumber, formatValue, intervalOf } from '../src/reports/format.ts';
import type { Measured } from '../src/types.ts';

/** What `--json` prints. */
type Summary = { run: string; dir: string } & Counts;
/** `counts`: jobs of this process. `fromCache`: everything was read back, and the record's cost is that of when it was computed. */
type Ending = {
  record: RunRecord;
  folder: string;
  counts: Counts;
  fromCache: boolean;
  allowedFailures: number | boolean;
  json: boolean;
};

/** Returns the exit code (`src/errors.ts`). Hypotheses are said with their outcome; of a run without them and without detectors the generators' own figures. Rows by how fakes were driven stand in the report alone. */
export function conclude({ record, folder, counts, fromCache, allowedFailures, json }: Ending): number {
  const { failed, fakes, scores, notApplicable, jobs } = record.counts;
  const cached =
    jobs && jobs.cached > 0 ? ` (${jobs.cached} of ${jobs.cached + jobs.computed} jobs from the cache)` : '';
  const starts = record.starts === undefined ? '' : ` over ${record.starts} starts`;
  const took = `${fromCache ? 'all from the cache, first computed' : 'done'} in ${duration(record.seconds)}${starts}${cached}`;
  say(`${took}: ${scores} scores, ${failed} failed, ${notApplicable} not applicable`);
  const cues = new Set(record.detectors.flatMap(({ label, constructed }) => (constructed ? label : [])));
  const asPublished = record.results.filter(({ perturbation }) => perturbation === 'none');
  for (const result of asPublished.filter(({ driving }) => driving === null))
    say(`  ${lineOf(result, cues)}`);
  for (const outcome of record.hypotheses) say(`  ${hypothesisLine(outcome)}`);
  if (record.detectors.length === 0 && record.hypotheses.length === 0)
    for (const { label, quality } of record.generators)
      for (const [figure, measured] of Object.entries(quality))
        say(`  ${valueLine(label, figure, measured)}`);
  say(`report: ${relative('.', join(folder, 'report.html'))}`);
  const summary: Summary = { run: record.id, dir: relative('.', folder), ...counts };
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  // Where nobody scores, fakes are what can fail.
  const [done, what] = record.detectors.length > 0 ? [scores, 'scores'] : [fakes, 'fakes'];
  const tooMany = tooManyFailed(failed, done, allowedFailures);
  if (tooMany === undefined) return exitCodes.done;
  say(
    `${failed} failed beside ${done} ${what}, ${tooMany}; causes in ${relative('.', join(folder, 'failures.csv'))}`,
  );
  return exitCodes.tooManyFailures;
}

/** Says so where more failed than may. `allowed`: a share, a number from 2 on, all (true) or none (false). */
export function tooManyFailed(failed: number, done: number, allowed: number | boolean): string | undefined {
  const most = Number(allowed);
  const counted = most > 1 ? failed : failed / Math.max(1, failed + done);
  return counted <= most
    ? undefined
    : `more than the ${most > 1 ? most : `${most * 100} %`} allowed (allowedFailures)`;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** `cues`: labels of constructed cues. */
function lineOf({ detector, generator, metrics: { auc, eer } }: RunResult, cues: Set<string>): string {
  const interval = intervalOf(auc) ? ` [${formatInterval(auc)}]` : '';
  return `${detector.padEnd(28)} ${generator.padEnd(20)} AUC ${formatValue(auc)}${interval}  EER ${formatValue(eer)}${cues.has(detector) ? '  constructed cue, not ranked' : ''}`;
}

function hypothesisLine(outcome: RunRecord['hypotheses'][number]): string {
  const { generator, figure, expect, because, difference, verdict } = outcome;
  return `${valueLine(generator, figure, difference)}: ${verdict} (${expect}: ${because})`;
}

function valueLine(label: string, figure: string, measured: Measured): string {
  const interval = intervalOf(measured);
  const value = measured.value === null ? `– (${measured.reason})` : formatNumber(measured.value);
  const range = interval ? ` [${formatNumber(interval.low)}, ${formatNumber(interval.high)}]` : '';
  return `${label.padEnd(20)} ${figure.padEnd(24)} ${value}${range}`;
}

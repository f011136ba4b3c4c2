/** The table of results that reports and the leaderboard share: one block per generator, controls first. Constructed cues have a table of their own. */
import type { RunResult } from '../records/record.ts';
import type { Measured } from '../types.ts';
import { formatInterval, formatLessons, formatPercent, formatValue, intervalOf, reasonOf } from './format.ts';
import { groupBy } from '../group.ts';
import { type Html, html } from './html.ts';

/** `brought`: the fakes came with the data set (dubbed clips), no generator of the run made them. */
export type TableRow = RunResult & {
  control: boolean;
  controlGenerator: boolean;
  /** It finds what we put there ourselves, and is not ranked. */
  constructed: boolean;
  brought?: boolean;
  /** Label of the same detector taught by all makers of fakes, where this one was taught by some; else null. */
  variantOf: string | null;
  run?: string;
  /** What stands beside the run's name: that its scores are another tool's, or not verified. */
  marks?: readonly string[];
  rank?: number | null;
};

/**
 * Rows in the given order, grouped by generator and perturbation. With `run` set on the rows, a column names it. On a narrow
 * screen every row becomes a card whose figures carry their column's name; roles keep it a table for screen readers.
 */
export function resultsTable(caption: string, rows: readonly TableRow[]): Html {
  const withRun = rows.some((row) => row.run !== undefined);
  const methods = [...new Set(rows.map((row) => row.metrics.eer.method))].join(', ');
  const blocks = groupBy(rows, (row) => JSON.stringify([row.generator, row.perturbation, row.level]));
  const withRank = rows.some((row) => row.rank !== undefined);
  const columnCount = 9 + Number(withRun) + Number(withRank);
  const head = (name: Html | string, attributes: Html): Html =>
    html`<th role="columnheader" scope="col"${attributes}>${name}</th>`;
  const number = html` class="number"`;
  return html`<div class="wide" role="region" tabindex="0" aria-label="${caption}"><table class="stack" role="table" aria-label="${caption}">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${head('Detector', html``)}${withRank ? head('Rank', number) : undefined}${head('AUC with 95 % interval', html` colspan="3" data-sort="AUC"`)}${head(html`EER <small>(${methods})</small>`, html` colspan="2" data-sort="EER"`)}${head('AP', number)}${head('Real / fake', number)}${head('Coverage', number)}${withRun ? head('Run', html``) : undefined}</tr></thead>
${[...blocks.values()].map(
  (
    block,
  ) => html`<tbody role="rowgroup"><tr class="block" role="row"><th role="rowheader" scope="rowgroup" colspan="${columnCount}">${titleOf(block[0]!)}</th></tr>
${block.map((row) => rowHtml(row, withRun, withRank))}</tbody>
`,
)}</table></div>
${reasonsBelow(rows)}`;
}

function titleOf(row: TableRow): Html {
  const perturbation = row.perturbation === 'none' ? '' : ` · ${row.perturbation}, level ${row.level}`;
  const made = row.generator === 'none' ? 'real clips alone' : row.generator;
  return html`${made}${perturbation}${row.controlGenerator ? html` <span class="tag">control</span>` : undefined}${row.brought ? html` <span class="tag">from the data set</span>` : undefined}`;
}

const drivings = { 'same-person': 'driven by the same person', 'other-person': 'driven by another person' };

/** Order of the rows of one detector: all fakes, then the parts by how they were driven. */
export function byDriving(a: RunResult, b: RunResult): number {
  const place = ({ driving }: RunResult): number => [null, 'same-person', 'other-person'].indexOf(driving);
  return place(a) - place(b);
}

/** The detector's name; of a part of its fakes, which part. */
function rowName({ detector, control, constructed, driving, trainedOn }: TableRow): Html {
  if (driving)
    return html`<span class="part">${drivings[driving]}</span><span class="hidden">, ${detector}</span>`;
  return html`${detector}${control ? html` <span class="tag">control</span>` : undefined}${constructed ? html` <span class="tag">constructed cue</span>` : undefined}
${trainedOn === null ? undefined : html`<small class="lessons">trained on ${formatLessons(trainedOn)}</small>`}`;
}

function rowHtml(row: TableRow, withRun: boolean, withRank: boolean): Html {
  const { auc, eer, ap } = row.metrics;
  const { real, fake, failed, notApplicable } = row.counts;
  const missing = [
    failed > 0 ? `${failed} failed` : '',
    notApplicable > 0 ? `${notApplicable} not applicable` : '',
  ]
    .filter(Boolean)
    .join(', ');
  const kind = [row.control ? 'control' : '', row.driving ? 'driving' : ''].filter(Boolean).join(' ');
  const cell = (label: string, content: Html | string | undefined, more = ''): Html =>
    html`<td role="cell" data-label="${label}" class="${`number ${more}`.trim()}">${content}</td>`;
  return html`<tr role="row"${kind ? html` class="${kind}"` : undefined}><th role="rowheader" scope="row">${rowName(row)}</th>
${withRank ? cell('Rank', row.driving ? '' : String(row.rank ?? '–')) : undefined}${cell('AUC', formatValue(auc), 'strong')}${cell('AUC, 95 %', formatInterval(auc))}<td role="cell" class="picture">${intervalBar(auc)}</td>
${cell('EER', formatValue(eer))}${cell('EER, 95 %', formatInterval(eer))}${cell('AP', formatValue(ap))}
${cell('Real / fake', `${real} / ${fake}`)}${cell('Coverage', html`${formatPercent(row.coverage)}${missing ? html`<small>${missing}</small>` : undefined}`)}
${withRun ? html`<td role="cell" data-label="Run" class="name">${row.run}${row.marks?.map((mark) => html` <span class="tag">${mark}</span>`)}</td>` : undefined}</tr>
`;
}

/** The AUC and its interval on a line from 0 to 1 with a mark at chance; the numbers stand beside it. */
function intervalBar(measured: Measured): Html | undefined {
  if (measured.value === null) return undefined;
  const at = (value: number): string => (4 + 92 * value).toFixed(1);
  const interval = intervalOf(measured);
  const line =
    interval && html`<line class="range" x1="${at(interval.low)}" x2="${at(interval.high)}" y1="8" y2="8"/>`;
  return html`<svg class="bar" viewBox="0 0 100 16" aria-hidden="true"><line class="axis" x1="4" x2="96" y1="8" y2="8"/><line class="chance" x1="50" x2="50" y1="1" y2="15"/>${line}<circle class="dot" cx="${at(measured.value)}" cy="8" r="3.2"/></svg>`;
}

/** Every distinct reason for a missing number or interval, once. */
function reasonsBelow(rows: readonly TableRow[]): Html | undefined {
  const reasons = [
    ...new Set(
      rows
        .flatMap(({ metrics }) => [metrics.auc, metrics.eer, metrics.ap])
        .flatMap((measured) => reasonOf(measured) ?? []),
    ),
  ];
  return reasons.length === 0 ? undefined : html`<p class="note">– : ${reasons.join('; ')}.</p>`;
}

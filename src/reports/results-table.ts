/** The table of results that reports and the leaderboard share: one block per generator, controls first. */
import type { RunResult } from '../records/record.ts';
import type { Measured } from '../types.ts';
import { formatInterval, formatPercent, formatValue, intervalOf, reasonOf } from './format.ts';
import { groupBy } from './group.ts';
import { type Html, html } from './html.ts';

export type TableRow = RunResult & { control: boolean; controlGenerator: boolean; run?: string };

/** Rows in the given order, grouped by generator and perturbation. With `run` set on the rows, a column names it. */
export function resultsTable(caption: string, rows: readonly TableRow[]): Html {
  const withRun = rows.some((row) => row.run !== undefined);
  const methods = [...new Set(rows.map((row) => row.metrics.eer.method))].join(', ');
  const blocks = groupBy(rows, (row) => JSON.stringify([row.generator, row.perturbation, row.level]));
  const columnCount = withRun ? 10 : 9;
  return html`<div class="wide" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Detector</th><th scope="col" colspan="3">AUC with 95 % interval</th>
<th scope="col" colspan="2">EER <small>(${methods})</small></th><th scope="col" class="number">AP</th>
<th scope="col" class="number">Real / fake</th><th scope="col" class="number">Coverage</th>${withRun ? html`<th scope="col">Run</th>` : undefined}</tr></thead>
${[...blocks.values()].map(
  (
    block,
  ) => html`<tbody><tr class="block"><th scope="rowgroup" colspan="${columnCount}">${titleOf(block[0]!)}</th></tr>
${block.map((row) => rowHtml(row, withRun))}</tbody>
`,
)}</table></div>
${reasonsBelow(rows)}`;
}

function titleOf(row: TableRow): Html {
  const perturbation = row.perturbation === 'none' ? '' : ` · ${row.perturbation}, level ${row.level}`;
  const made = row.generator === 'none' ? 'real clips alone' : row.generator;
  return html`${made}${perturbation}${row.controlGenerator ? html` <span class="tag">control</span>` : undefined}`;
}

function rowHtml(row: TableRow, withRun: boolean): Html {
  const { auc, eer, ap } = row.metrics;
  const { real, fake, failed, notApplicable } = row.counts;
  const missing = [
    failed > 0 ? `${failed} failed` : '',
    notApplicable > 0 ? `${notApplicable} not applicable` : '',
  ]
    .filter(Boolean)
    .join(', ');
  return html`<tr${row.control ? html` class="control"` : undefined}><th scope="row">${row.detector}${row.control ? html` <span class="tag">control</span>` : undefined}
${row.trainedOn === null ? undefined : html`<small>trained on ${row.trainedOn}</small>`}</th>
<td class="number strong">${formatValue(auc)}</td><td class="number">${formatInterval(auc)}</td><td>${intervalBar(auc)}</td>
<td class="number">${formatValue(eer)}</td><td class="number">${formatInterval(eer)}</td><td class="number">${formatValue(ap)}</td>
<td class="number">${real} / ${fake}</td><td class="number">${formatPercent(row.coverage)}${missing ? html`<small>${missing}</small>` : undefined}</td>
${withRun ? html`<td class="name">${row.run}</td>` : undefined}</tr>
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

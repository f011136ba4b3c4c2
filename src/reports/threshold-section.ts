/** What a threshold that was fixed on validation does to clean test clips: fakes found, false alarms, accuracy. */
import { groupBy } from '../group.ts';
import type { Measured } from '../types.ts';
import { formatInterval, formatNumber, formatValue, intervalOf } from './format.ts';
import { type Html, html } from './html.ts';
import type { TableRow } from './results-table.ts';

/** Undefined where no row knows a threshold. `rows` of clean clips, all fakes of a generator together. */
export function thresholdTable(rows: readonly TableRow[]): Html | undefined {
  const known = rows.filter(({ atThreshold, driving }) => atThreshold && driving === null);
  if (known.length === 0) return undefined;
  const label = 'Fakes found and false alarms at a fixed threshold';
  const on = [...new Set(known.map(({ atThreshold }) => atThreshold!.chosenOn))].join('; ');
  const head = ['Detector', 'Threshold', 'Fakes found', '95 %', 'False alarms', '95 %', 'Balanced accuracy'];
  const blocks = groupBy(known, ({ generator }) => generator);
  return html`<details><summary><h3>${label}</h3></summary>
<p>Each threshold was chosen on ${on}, never on the clips below. Fakes found: the share of fakes at or above it (TPR); false alarms: the share of real clips there (FPR).</p>
<div class="wide" role="region" tabindex="0" aria-label="${label}"><table class="stack" role="table" aria-label="${label}">
<thead role="rowgroup"><tr role="row">${head.map((name, i) => html`<th role="columnheader" scope="col"${i > 0 ? html` class="number"` : undefined}>${name}</th>`)}</tr></thead>
${[...blocks].map(
  ([
    generator,
    block,
  ]) => html`<tbody role="rowgroup"><tr class="block" role="row"><th role="rowheader" scope="rowgroup" colspan="${head.length}">${generator}</th></tr>
${block.map(line)}</tbody>
`,
)}</table></div></details>`;
}

function line({ detector, control, atThreshold }: TableRow): Html {
  const { threshold, tpr, fpr, balancedAccuracy } = atThreshold!;
  const cell = (label: string, text: string): Html =>
    html`<td role="cell" class="number" data-label="${label}">${text}</td>`;
  const share = (label: string, measured: Measured): Html =>
    html`${cell(label, formatValue(measured, 2))}${cell(`${label}, 95 %`, intervalOf(measured) ? formatInterval(measured, 2) : '–')}`;
  return html`<tr role="row"${control ? html` class="control"` : undefined}><th role="rowheader" scope="row">${detector}</th>
${cell('Threshold', formatNumber(threshold))}${share('Fakes found', tpr)}${share('False alarms', fpr)}${cell('Balanced accuracy', formatValue(balancedAccuracy, 2))}</tr>
`;
}

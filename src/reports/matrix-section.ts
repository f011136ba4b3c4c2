/** Every detector against every generator at a glance: the AUC of all fakes together, controls first, constructed cues last. */
import type { Measured } from '../types.ts';
import { formatInterval, formatValue, isApart, reasonOf } from './format.ts';
import { type Html, html } from './html.ts';
import type { TableRow } from './results-table.ts';

/** With fewer of either the table of results is as short. */
const leastGenerators = 3;
const leastDetectors = 3;

/** The matrix of the rows that are of clean clips; undefined where it would show no more than the table of results. */
export function matrixTable(rows: readonly TableRow[]): Html | undefined {
  const shown = rows.filter(({ driving, perturbation }) => driving === null && perturbation === 'none');
  const generators = [...new Set(shown.map(({ generator }) => generator))];
  const detectors = [...new Map(shown.map((row) => [row.detector, row])).values()];
  if (generators.length < leastGenerators || detectors.length < leastDetectors) return undefined;
  const at = new Map(shown.map((row) => [JSON.stringify([row.detector, row.generator]), row]));
  const cues = detectors.filter(({ constructed }) => constructed);
  const others = detectors.filter(({ constructed }) => !constructed);
  const columns = generators.map((name) => ({
    name,
    control: shown.some(({ generator, controlGenerator }) => generator === name && controlGenerator),
  }));
  const line = ({ detector, control }: TableRow): Html =>
    html`<tr${control ? html` class="control"` : undefined}><th scope="row">${breakable(detector)}</th>${generators.map(
      (name) => {
        const row = at.get(JSON.stringify([detector, name]));
        return row ? aucCell(row.metrics.auc) : html`<td></td>`;
      },
    )}</tr>
`;
  return html`<p>AUC of every detector against every generator. Bold: its 95 % interval leaves out 0.5. The darker, the farther from 0.5. A dash: none, since it is not applicable or scored all clips alike; its title says which. Empty: not asked, since the detector judges something else. AUC is the chance that a fake scores above a real clip, of the same person or of another. Read what is found in fakes against what is found in the controls.</p>
<div class="wide" role="region" tabindex="0" aria-label="AUC of every detector against every generator"><table class="matrix">
<thead><tr><th scope="col">Detector</th>${columns.map(({ name, control }) => html`<th scope="col" class="number wrap">${breakable(name)}${control ? html`<small>control</small>` : undefined}</th>`)}</tr></thead>
<tbody>${others.map(line)}</tbody>
${cues.length === 0 ? undefined : html`<tbody><tr class="block"><th scope="rowgroup" colspan="${generators.length + 1}">Constructed cues, never ranked</th></tr>${cues.map(line)}</tbody>`}
</table></div>`;
}

/** A table's cell with an AUC, darker the farther it is from 0.5; bold where its interval leaves that out. Of a value that is missing the title says why. `more`: another class. */
export function aucCell(auc: Measured, more = ''): Html {
  if (auc.value === null) return html`<td class="number" title="${reasonOf(auc)}">–</td>`;
  const shade = Math.round(Math.abs(auc.value - 0.5) * 10);
  const kind = ['number', isApart(auc) ? 'strong' : '', `${auc.value < 0.5 ? 'under' : 'over'}${shade}`, more]
    .filter(Boolean)
    .join(' ');
  const interval = formatInterval(auc);
  return html`<td class="${kind}"${interval === '–' ? undefined : html` title="${interval}"`}>${formatValue(auc)}</td>`;
}

/** A label that may wrap where its parts end. */
export const breakable = (label: string): Html =>
  html`${label.split(/(?<=[@-])/).map((part) => html`${part}<wbr>`)}`;

/** Across generators: what a detector that learned from some generators' fakes says of the others', one heat map for each detector. */
import { groupBy } from '../group.ts';
import { type Html, html } from './html.ts';
import { aucCell, breakable } from './matrix-section.ts';
import type { TableRow } from './results-table.ts';

/** Undefined where every detector was trained once. `rows` of all detectors, those trained on less for this comparison among them. */
export function crossSection(rows: readonly TableRow[]): Html | undefined {
  const clean = rows.filter(({ perturbation, driving }) => perturbation === 'none' && driving === null);
  const tables = [...groupBy(clean, stemOf)].flatMap(([stem, own]) =>
    new Set(own.map(({ trainedOn }) => trainedOn)).size > 1 ? [heatMap(stem, own)] : [],
  );
  if (tables.length === 0) return undefined;
  return html`<p>AUC. Down: whose fakes the detector learned from, besides the same real clips; across: whose fakes it is asked about. Framed: it has met that generator in training. Bold: the 95 % interval leaves out 0.5; the stronger the colour, the farther from 0.5. Last, the mean over the generators that it has not met, controls left out, without an interval.</p>
${tables}`;
}

function heatMap(stem: string, rows: readonly TableRow[]): Html {
  // Controls last: what was trained on less is rarely asked about them.
  const generators = [...new Map(rows.map((row) => [row.generator, row.controlGenerator]))].toSorted(
    ([, a], [, b]) => Number(a) - Number(b),
  );
  const lessons = [...groupBy(rows, ({ detector }) => detector).values()].toSorted(
    ([a], [b]) => placeOf(a!) - placeOf(b!),
  );
  const label = `AUC of ${stem} across generators`;
  return html`<h3>${stem}</h3><div class="wide" role="region" tabindex="0" aria-label="${label}"><table class="matrix"><caption class="hidden">${label}</caption>
<thead><tr><th scope="col">Learned from</th>${generators.map(([name, control]) => html`<th scope="col" class="number wrap">${breakable(name)}${control ? html`<small>control</small>` : undefined}</th>`)}<th scope="col" class="number">mean, not met <small>(of how many)</small></th></tr></thead>
<tbody>${lessons.map(
    (own) => html`<tr><th scope="row">${lessonOf(own[0]!)}</th>${generators.map(([name]) => {
      const row = own.find(({ generator }) => generator === name);
      return row ? aucCell(row.metrics.auc, met(row) ? 'met' : '') : html`<td></td>`;
    })}${unmetCell(own)}</tr>
`,
  )}</tbody></table></div>`;
}

const stemOf = ({ detector, variantOf }: TableRow): string => variantOf ?? detector;
/** `←gan` where it was trained on fakes of `gan` alone, `∖gan` on all but those, nothing on all. */
const wayOf = (row: TableRow): string => row.detector.slice(stemOf(row).length);
/** Trained on all first, then on one alone, then on all but one. */
const placeOf = (row: TableRow): number => ['', '←', '∖'].indexOf(wayOf(row).slice(0, 1));

function lessonOf(row: TableRow): Html {
  const maker = wayOf(row).slice(1);
  const how = ['all', 'alone', 'left out'][placeOf(row)];
  return maker === '' ? html`${how}` : html`${breakable(maker)} <span class="muted">${how}</span>`;
}

const met = ({ trainedOn, generator }: TableRow): boolean =>
  trainedOn?.split('+').includes(generator) ?? false;

/** Without shade or bold: a mean of AUCs over the same real clips has no interval. */
function unmetCell(rows: readonly TableRow[]): Html {
  const values = rows.flatMap((row) =>
    met(row) || row.controlGenerator || row.metrics.auc.value === null ? [] : [row.metrics.auc.value],
  );
  if (values.length === 0) return html`<td class="number" title="it has met every generator">–</td>`;
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  return html`<td class="number">${mean.toFixed(3)} <span class="muted">(${values.length})</span></td>`;
}

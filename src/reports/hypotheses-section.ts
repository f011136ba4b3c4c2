/** What was expected of generators before the run, beside what came of it. */
import type { RunRecord } from '../records/record.ts';
import { formatNumber, intervalOf, reasonOf } from './format.ts';
import { type Html, html } from './html.ts';

/** Undefined where nothing was expected. */
export function hypothesesSection({ hypotheses }: RunRecord): Html | undefined {
  if (hypotheses.length === 0) return undefined;
  return html`<p>Written in the configuration before the run. The difference is that of the generator’s figure to the one named beside it, person by person; where its interval holds 0 nothing is decided. Each is judged at 95 % by itself, uncorrected: where there were no difference at all, about one in twenty would be decided by chance. Every network was trained once: the intervals say how a difference varies with the people judged, not how it would with another training.</p>
<div class="wide" role="region" tabindex="0" aria-label="Hypotheses"><table class="compact"><caption>Hypotheses and outcomes</caption>
<thead><tr><th scope="col">Generator</th><th scope="col">Beside</th><th scope="col">Figure</th><th scope="col">Expected</th><th scope="col" class="number">Difference</th><th scope="col" class="number">95 % interval</th><th scope="col">Outcome</th><th scope="col">Because</th></tr></thead>
<tbody>${hypotheses.map((row) => {
    const interval = intervalOf(row.difference);
    return html`<tr><th scope="row" class="wrap">${row.generator}</th><td class="wrap">${row.against}</td><td class="wrap">${row.figure}</td><td>${row.expect}</td><td class="number">${row.difference.value === null ? '–' : formatNumber(row.difference.value)}</td><td class="number">${interval ? `${formatNumber(interval.low)} – ${formatNumber(interval.high)}` : '–'}</td><td>${row.verdict}${row.difference.value === null ? html` (${reasonOf(row.difference)})` : undefined}</td><td class="wrap">${row.because}</td></tr>
`;
  })}</tbody></table></div>`;
}

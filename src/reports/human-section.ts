/** What people said of the clips, as one more detector. */
import { measureScores, type ScoredItem } from '../metrics/detection.ts';
import { createRng } from '../random.ts';
import type { RunRecord } from '../records/record.ts';
import { formatInterval, formatValue } from './format.ts';
import { type Html, html } from './html.ts';

/** `answers`: mean scores of the clips that people judged, as `human.csv` has them; undefined where nobody was asked yet. */
export function humanSection({ id, seed }: RunRecord, answers: readonly ScoredItem[] | undefined): Html {
  return html`<p>People judge on a page that <code>npm run study -- ${id}</code> builds: real clips and fakes of all generators but controls, in random order and without their names, each with how sure they are. The score of a clip is the mean over the judges.</p>
<div class="wide" role="region" tabindex="0" aria-label="What people said"><table class="compact"><caption>People, all fakes together</caption>
<thead><tr><th scope="col">Detector</th><th scope="col" class="number">AUC</th><th scope="col" class="number">95 % interval</th><th scope="col" class="number">EER</th><th scope="col" class="number">Real / fake</th></tr></thead>
<tbody><tr><th scope="row">human</th>${answers ? figures(answers, seed) : html`<td colspan="4" class="muted">not run: no answers yet</td>`}</tr></tbody></table></div>`;
}

function figures(answers: readonly ScoredItem[], seed: number): Html {
  const { auc, eer } = measureScores([...answers], { rng: createRng(seed, 'bootstrap', 'human') });
  const count = (truth: 'real' | 'fake'): number => answers.filter((one) => one.truth === truth).length;
  return html`<td class="number strong">${formatValue(auc)}</td><td class="number">${formatInterval(auc)}</td><td class="number">${formatValue(eer)}</td><td class="number">${count('real')} / ${count('fake')}</td>`;
}

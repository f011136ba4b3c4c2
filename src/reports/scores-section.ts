/** What the scores themselves show: clip by clip where no AUC exists, ROC and DET curves, and how they are spread. */
import { rocCurve } from '../metrics/detection.ts';
import { rankScores } from '../metrics/ranking.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import { scoreChart } from './charts.ts';
import { type Curve, errorCharts } from './error-charts.ts';
import { formatNumber, listed, reasonOf } from './format.ts';
import { groupBy } from '../group.ts';
import { type Html, html } from './html.ts';
import type { TableRow } from './results-table.ts';

/** Where no AUC exists, the scores stand clip by clip in a table of their own. */
export function clipsSection(rows: readonly TableRow[], outcomes: readonly OutcomeRow[]): Html | undefined {
  const unmeasured = rows.filter((row) => row.metrics.auc.value === null && !asksNothing(row));
  const without = unmeasured.filter((row) => !saysNothing(row, outcomes));
  if (without.length === 0) return undefined;
  const reasons = [...new Set(without.flatMap((row) => reasonOf(row.metrics.auc) ?? []))];
  const detectors = [...new Set(without.map((row) => row.detector))];
  const silent = [...new Set(unmeasured.map((row) => row.detector))].filter(
    (detector) => !detectors.includes(detector),
  );
  const judged = [...new Set(without.flatMap((row) => rowsOf(row, outcomes)))];
  const clips = [...groupBy(judged, (row) => JSON.stringify([row.generator, row.id])).values()];
  const cell = (clip: OutcomeRow[], detector: string): Html => {
    const row = clip.find((candidate) => candidate.detector === detector);
    if (!row) return html`<td class="number" data-label="${detector}">–</td>`;
    return 'score' in row
      ? html`<td class="number" data-label="${detector}">${formatNumber(row.score)}</td>`
      : html`<td class="number muted" data-label="${detector}">${codeOf(row.errorCode)}</td>`;
  };
  return html`<p>No AUC: ${reasons.join('; ')}. Scores of different detectors have different scales and are not to be compared with each other.</p>
<div class="wide" role="region" tabindex="0" aria-label="Scores by clip"><table class="stack scores" role="table"><caption>Score of every clip, high = fake; n/a where the question does not fit the clip, an error code where it could not be judged</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Clip</th><th role="columnheader" scope="col">Made by</th>${detectors.map((detector) => html`<th role="columnheader" scope="col" class="number">${detector}</th>`)}</tr></thead>
<tbody role="rowgroup">${clips.map(
    (
      clip,
    ) => html`<tr role="row"><th role="rowheader" scope="row">${clip[0]!.id}</th><td role="cell" data-label="made by">${makerOf(clip[0]!)}</td>${detectors.map((detector) => cell(clip, detector))}</tr>
`,
  )}</tbody></table></div>
${silent.length > 0 ? html`<p class="note">${listed(silent)} scored all clips alike and ${silent.length === 1 ? 'is' : 'are'} left out.</p>` : undefined}`;
}

const codeOf = (code: string): Html =>
  code === 'E_NOT_APPLICABLE'
    ? html`<abbr title="not applicable: the question does not fit the clip">n/a</abbr>`
    : html`${code}`;

/** Real clips have their scores, and for none of the fakes is it a question: there is nothing to read clip by clip. */
const asksNothing = ({ counts }: TableRow): boolean =>
  counts.real > 0 && counts.fake === 0 && counts.failed === 0 && counts.notApplicable > 0;

/** It scored everything alike. */
function saysNothing(row: TableRow, outcomes: readonly OutcomeRow[]): boolean {
  const { real, fake } = scoresOf(row, outcomes);
  return row.counts.failed === 0 && new Set([...real, ...fake]).size === 1;
}

/** Nobody made a real clip; of one without a label nobody knows. */
function makerOf({ generator, label }: OutcomeRow): string {
  if (generator !== 'none') return generator;
  return label === undefined ? 'not known' : label;
}

/** ROC and DET against each generator. */
export function curvesSection(rows: readonly TableRow[], outcomes: readonly OutcomeRow[]): Html | undefined {
  if (rows.length === 0) return undefined;
  const groups = [...groupBy(rows, nameOf)].map(([name, group]) => {
    const curves = group.map((row) => curveOf(row, outcomes));
    return html`<h3>${name}</h3>${errorCharts(name, curves)}`;
  });
  return html`<p class="note">Controls are grey. Dashed diagonal: chance. Where a curve meets the dotted diagonal, both errors are equally frequent (EER, ringed in the DET plot). The axes of the DET plot are normal deviates, so that scores with normal distributions give straight lines; rates below 1 % and above 99 % lie on its border.</p>
${groups}`;
}

/** The ROC behind a row. */
export function curveOf(row: TableRow, outcomes: readonly OutcomeRow[]): Curve {
  const { real, fake } = scoresOf(row, outcomes);
  const ranking = rankScores([...real, ...fake], [...real.map(() => 0), ...fake.map(() => 1)]);
  const { auc, eer } = row.metrics;
  return { name: row.detector, auc, eer, points: rocCurve(ranking), control: row.control };
}

/** How scores are spread, and person by person where there are few. */
export function scoresSection(rows: readonly TableRow[], outcomes: readonly OutcomeRow[]): Html | undefined {
  const groups = [...groupBy(rows, nameOf)].map(([name, group]) => {
    const figures = group.flatMap((row) => {
      const scores = scoresOf(row, outcomes);
      if (scores.real.length + scores.fake.length === 0) return [];
      const label = `Scores of ${row.detector}: ${scores.real.length} real clips and ${scores.fake.length} fakes of ${name}`;
      return [html`<figure><h4>${row.detector}</h4>${scoreChart(label, scores, row.points)}</figure>`];
    });
    return figures.length === 0 ? undefined : html`<h3>${name}</h3><div class="charts">${figures}</div>`;
  });
  if (groups.every((group) => group === undefined)) return undefined;
  return html`<p class="note">Bars above the line: <span class="swatch" style="background:var(--real)"></span>real clips; below it: <span class="swatch" style="background:var(--fake)"></span>fakes. Where fewer than ten identities were tested, each has a line of its own below: circles are its real clips, triangles fakes that show it.</p>
${groups}`;
}

/** The scored test rows behind a result: its fakes, and the real clips, which every generator shares. */
function rowsOf(row: TableRow, outcomes: readonly OutcomeRow[]): OutcomeRow[] {
  return outcomes.filter(
    (outcome) =>
      outcome.split === 'test' &&
      outcome.detector === row.detector &&
      outcome.perturbation === row.perturbation &&
      outcome.level === row.level &&
      (outcome.generator === row.generator || outcome.generator === 'none'),
  );
}

function scoresOf(row: TableRow, outcomes: readonly OutcomeRow[]): { real: number[]; fake: number[] } {
  const scores = { real: [] as number[], fake: [] as number[] };
  for (const outcome of rowsOf(row, outcomes))
    if ('score' in outcome && outcome.label) scores[outcome.label].push(outcome.score);
  return scores;
}

function nameOf(row: TableRow): string {
  return row.perturbation === 'none' ? row.generator : `${row.generator}, ${row.perturbation} ${row.level}`;
}

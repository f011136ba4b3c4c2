/** Whether scores mean what they say, once they are calibrated on validation: reliability diagrams of the test clips. */
import { calibrated, fitCalibration } from '../learn/calibrate.ts';
import { brier, ece, logLoss, reliability, type ReliabilityBin } from '../metrics/probabilities.ts';
import type { OutcomeRow } from '../records/outcomes.ts';
import type { RunRecord } from '../records/record.ts';
import { left, px, right, scale, width } from './axis.ts';
import { formatPercent, formatValue } from './format.ts';
import { type Html, html } from './html.ts';
import { rankedDetectors } from './ranked.ts';

/** Probabilities given to test clips, and whether each is a fake. */
type Said = { probabilities: number[]; isFake: boolean[]; learnedShare: number };

/**
 * A diagram for each detector that is ranked. Platt's curve is fitted on the clean validation clips, all generators but controls together, and
 * read on the test clips. Where that cannot be done for any of them, the reason.
 */
export function reliabilitySection(
  record: RunRecord,
  outcomes: readonly OutcomeRow[],
): { body: Html } | { reason: string } {
  const controls = new Set(record.generators.flatMap(({ label, control }) => (control ? label : [])));
  const clean = outcomes.filter(
    (row) => row.perturbation === 'none' && row.label !== undefined && !controls.has(row.generator),
  );
  const told = rankedDetectors(record).map(({ label }) => ({
    label,
    said: probabilitiesOf(clean.filter(({ detector }) => detector === label)),
  }));
  const figures = told.flatMap(({ label, said }) => ('reason' in said ? [] : [figure(label, said)]));
  if (figures.length === 0)
    return { reason: reasonsOf(told.flatMap(({ said }) => ('reason' in said ? said.reason : []))) };
  const silent = told.flatMap(({ label, said }) =>
    'reason' in said ? html`<li>${label}: ${said.reason}</li>` : [],
  );
  const body = html`<p>What a calibrated score says beside what is so. Scores became probabilities of being fake by Platt’s curve, fitted on validation clips, all generators but controls together; shown are test clips in bins of a fifteenth. A point on the diagonal: of the clips that were given this probability, as many are fakes. The larger a point, the more clips. ECE is the mean distance from the diagonal; Brier is the mean squared distance of the probability from the truth, and log loss in nats is what it costs, both beside those of saying of every clip the share of fakes among the validation clips. With other shares of fakes the probabilities would be others.</p>
<div class="charts">${figures}</div>${silent.length > 0 ? html`<p class="note">Without a diagram:</p><ul class="note">${silent}</ul>` : undefined}`;
  return { body };
}

const reasonsOf = (reasons: readonly string[]): string =>
  [...new Set(reasons)].join('; ') || 'no detector is ranked';

function probabilitiesOf(rows: readonly OutcomeRow[]): Said | { reason: string } {
  const [learned, asked] = (['validation', 'test'] as const).map((split) => scoresOf(rows, split));
  if (learned!.scores.length === 0)
    return { reason: 'there are no scores of validation clips to calibrate on' };
  if (asked!.scores.length === 0) return { reason: 'there are no scores of test clips' };
  try {
    const calibration = fitCalibration('platt', learned!.scores, learned!.isFake);
    return {
      probabilities: asked!.scores.map((score) => calibrated(calibration, score)),
      isFake: asked!.isFake,
      learnedShare: shareOf(learned!.isFake),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { reason: `it cannot be calibrated on the validation clips: ${error.message}` };
  }
}

function scoresOf(
  rows: readonly OutcomeRow[],
  split: 'validation' | 'test',
): { scores: number[]; isFake: boolean[] } {
  const own = rows.flatMap((row) => (row.split === split && 'score' in row ? [row] : []));
  return { scores: own.map(({ score }) => score), isFake: own.map(({ label }) => label === 'fake') };
}

const shareOf = (isFake: readonly boolean[]): number =>
  isFake.reduce((sum, fake) => sum + Number(fake), 0) / isFake.length;

function figure(label: string, { probabilities, isFake, learnedShare }: Said): Html {
  const blind = probabilities.map(() => learnedShare);
  const error = formatValue(ece(probabilities, isFake));
  const beside = (metric: typeof brier): string =>
    `${formatValue(metric(probabilities, isFake))} (${formatValue(metric(blind, isFake))})`;
  return html`<figure><h3>${label}</h3>${diagram(`Reliability of ${label}: ECE ${error}`, reliability(probabilities, isFake))}
<figcaption>ECE <b>${error}</b>, Brier ${beside(brier)}, log loss ${beside(logLoss)}. Fakes among the ${probabilities.length} test clips: ${formatPercent(shareOf(isFake))}, among those of validation: ${formatPercent(learnedShare)}.</figcaption></figure>`;
}

const bottom = 262;
const top = 12;
const largestPx = 9;

function diagram(label: string, bins: readonly ReliabilityBin[]): Html {
  const x = scale(0, 1, left, right);
  const y = scale(0, 1, bottom, top);
  const most = Math.max(...bins.map(({ count }) => count));
  const radius = (count: number): number => Math.max(1.8, largestPx * Math.sqrt(count / most));
  return html`<svg class="chart" viewBox="0 0 ${width} ${bottom + 36}" role="img" aria-label="${label}">
${[0, 0.25, 0.5, 0.75, 1].map((tick) => html`<line class="grid" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="${top}" y2="${bottom}"/><line class="grid" x1="${left}" x2="${right}" y1="${px(y(tick))}" y2="${px(y(tick))}"/><text x="${px(x(tick))}" y="${bottom + 14}" text-anchor="middle">${tick}</text><text x="${left - 5}" y="${px(y(tick) + 4)}" text-anchor="end">${tick}</text>`)}
<line class="chance" x1="${left}" y1="${bottom}" x2="${right}" y2="${top}"/>
${bins.map(({ confidence, fakeShare, count }) => html`<circle class="bin" cx="${px(x(confidence))}" cy="${px(y(fakeShare))}" r="${px(radius(count))}"><title>${count} clips</title></circle>`)}
<text x="${(left + right) / 2}" y="${bottom + 31}" text-anchor="middle">probability given</text><text x="22" y="${(top + bottom) / 2}" text-anchor="middle" transform="rotate(-90 22 ${(top + bottom) / 2})">share of fakes</text></svg>`;
}

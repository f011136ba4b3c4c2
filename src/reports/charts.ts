/** Hand-written SVG charts. Colours come from the page, so that they follow light and dark; shapes differ too, not only colours. */
import type { IdentityPoints, RocPoint } from '../metrics/detection.ts';
import { formatNumber } from './format.ts';
import { type Html, html } from './html.ts';

const width = 320;
const left = 62;
const right = width - 8;

/** Maps [from, to] to pixels; a range of no width goes to the middle. Halved first, because the widest range of doubles overflows. */
function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  const range = to / 2 - from / 2;
  return (value) =>
    range > 0 ? start + ((value / 2 - from / 2) / range) * (end - start) : (start + end) / 2;
}

const px = (value: number): string => value.toFixed(1);

export type Curve = { name: string; value: string; points: readonly RocPoint[]; control: boolean };

/** ROC curves in one square with chance and the line of equal errors; controls are grey and dashed. */
export function rocChart(label: string, curves: readonly Curve[]): Html {
  const x = scale(0, 1, left, right);
  const y = scale(0, 1, 300, 12);
  const looks = lookOf(curves);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return html`<svg class="chart" viewBox="0 0 ${width} 336" role="img" aria-label="${label}">
${ticks.map(
  (
    tick,
  ) => html`<line class="grid" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="12" y2="300"/><line class="grid" x1="${left}" x2="${right}" y1="${px(y(tick))}" y2="${px(y(tick))}"/>
<text x="${px(x(tick))}" y="314" text-anchor="middle">${tick}</text><text x="${left - 5}" y="${px(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
)}
<line class="chance" x1="${left}" y1="300" x2="${right}" y2="12"/><line class="grid" x1="${left}" y1="12" x2="${right}" y2="300"/>
${curves.map(
  ({ points }, i) =>
    html`<polyline class="curve" style="${looks[i]!}" points="${thin(points)
      .map((point) => `${px(x(point.falsePositiveRate))},${px(y(point.truePositiveRate))}`)
      .join(' ')}"/>`,
)}
<text x="${(left + right) / 2}" y="331" text-anchor="middle">real clips called fake</text><text x="22" y="156" text-anchor="middle" transform="rotate(-90 22 156)">fakes called fake</text></svg>
<ul class="key">${curves.map(({ name, value }, i) => html`<li><svg viewBox="0 0 24 10" aria-hidden="true"><line class="curve" style="${looks[i]!}" x1="0" x2="24" y1="5" y2="5"/></svg><span>${name} <b>${value}</b></span></li>`)}</ul>`;
}

const dashes = ['none', '7 3', '2 3'];
const greyDashes = ['5 3', '1.5 2.5', '9 3 2 3'];

function lookOf(curves: readonly Curve[]): string[] {
  let colour = 0;
  let grey = 0;
  return curves.map(({ control }) => {
    if (control)
      return `stroke:var(--muted);stroke-width:1.4;stroke-dasharray:${greyDashes[grey++ % greyDashes.length]}`;
    const look = `stroke:var(--c${colour % 6});stroke-dasharray:${dashes[Math.floor(colour / 6) % dashes.length]}`;
    colour++;
    return look;
  });
}

/** Leaves out points that no eye could tell from their neighbours. */
function thin(points: readonly RocPoint[]): RocPoint[] {
  let last: RocPoint | undefined;
  return points.filter((point, i) => {
    const moved = last
      ? Math.hypot(
          point.falsePositiveRate - last.falsePositiveRate,
          point.truePositiveRate - last.truePositiveRate,
        )
      : 1;
    if (moved < 1 / 400 && i < points.length - 1) return false;
    last = point;
    return true;
  });
}

/** Scores of real clips (bars up) and fakes (bars down) and, where given, each identity's scores on a line of its own below. */
export function scoreChart(
  label: string,
  scores: { real: number[]; fake: number[] },
  points: readonly IdentityPoints[] = [],
): Html {
  const all = [...scores.real, ...scores.fake];
  const [low, high] = [least(all), -least(all.map((score) => -score))];
  const x = scale(low, high, left + 6, right - 6);
  const bins = 24;
  const binOf = scale(low, high, 0, bins);
  const count = (values: number[]): number[] => {
    const counts = Array.from({ length: bins }, () => 0);
    for (const value of values) counts[Math.min(bins - 1, Math.floor(binOf(value)))]!++;
    return counts;
  };
  const [real, fake] = [count(scores.real), count(scores.fake)];
  const tallest = Math.max(1, ...real, ...fake);
  const middle = 64;
  const step = (right - left - 12) / bins;
  const bars = (counts: number[], name: 'real' | 'fake'): Html[] =>
    counts.map((n, i) => {
      const size = (n / tallest) * 50;
      const top = name === 'real' ? middle - 1 - size : middle + 1;
      return n === 0
        ? html``
        : html`<rect class="${name}" x="${px(left + 6 + i * step + 0.5)}" width="${px(step - 1)}" y="${px(top)}" height="${px(size)}" rx="1"/>`;
    });
  const rowHeight = 15;
  const below = 122;
  const bottom = below + points.length * rowHeight + (points.length > 0 ? 4 : 0);
  const marks = points.map((point, i) => {
    const y = below + (i + 0.5) * rowHeight;
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${px(y)}" y2="${px(y)}"/><text x="${left - 4}" y="${px(y + 4)}" text-anchor="end">${shorten(point.identity)}<title>${point.identity}</title></text>
${point.real.map((score) => html`<circle class="ring" cx="${px(x(score))}" cy="${px(y - 2)}" r="3"/>`)}${point.fake.map((score) => html`<path class="fake" d="M${px(x(score))} ${px(y + 6)}l3.4 -6h-6.8z"/>`)}`;
  });
  return html`<svg class="chart" viewBox="0 0 ${width} ${bottom + 18}" role="img" aria-label="${label}">
<line class="frame" x1="${left}" x2="${right}" y1="${middle}" y2="${middle}"/>${bars(real, 'real')}${bars(fake, 'fake')}
<text x="${left - 4}" y="${middle - 6}" text-anchor="end">real</text><text x="${left - 4}" y="${middle + 14}" text-anchor="end">fake</text>
${marks}<text x="${left + 6}" y="${bottom + 12}">${formatNumber(low)}</text><text x="${right - 6}" y="${bottom + 12}" text-anchor="end">${formatNumber(high)}</text></svg>`;
}

/** A curve of training: value over step. */
export function lossChart(label: string, losses: readonly (readonly [number, number])[]): Html {
  const steps = losses.map(([step]) => step);
  const values = losses.map(([, value]) => value);
  const [lowStep, highStep] = [least(steps), -least(steps.map((step) => -step))];
  const [low, high] = [Math.min(0, least(values)), -least(values.map((value) => -value))];
  const x = scale(lowStep, highStep, left + 10, right);
  const y = scale(low, high, 124, 10);
  const line = losses.map(([step, value]) => `${px(x(step))},${px(y(value))}`).join(' ');
  return html`<svg class="chart" viewBox="0 0 ${width} 146" role="img" aria-label="${label}">
<line class="frame" x1="${left + 10}" x2="${right}" y1="124" y2="124"/><line class="frame" x1="${left + 10}" x2="${left + 10}" y1="10" y2="124"/>
<text x="${left + 6}" y="16" text-anchor="end">${formatNumber(high)}</text><text x="${left + 6}" y="127" text-anchor="end">${formatNumber(low)}</text>
<text x="${left + 10}" y="140">${formatNumber(lowStep)}</text><text x="${right}" y="140" text-anchor="end">step ${formatNumber(highStep)}</text>
<polyline class="curve" style="stroke:var(--c0);stroke-width:1.6" points="${line}"/></svg>`;
}

function least(values: readonly number[]): number {
  return values.reduce((lowest, value) => Math.min(lowest, value), Infinity);
}

function shorten(name: string): string {
  return name.length <= 9 ? name : `…${name.slice(-8)}`;
}

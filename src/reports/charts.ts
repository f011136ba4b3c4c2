/** Hand-written SVG charts of scores and of training. Colours come from the page, so that they follow light and dark; shapes differ too. */
import type { IdentityPoints } from '../metrics/detection.ts';
import { extent, left, px, right, scale, width } from './axis.ts';
import { formatNumber } from './format.ts';
import { type Html, html } from './html.ts';

/** Scores of real clips (bars up) and fakes (bars down) and, where given, each identity's scores on a line of its own below. */
export function scoreChart(
  label: string,
  scores: { real: number[]; fake: number[] },
  points: readonly IdentityPoints[] = [],
): Html {
  const all = [...scores.real, ...scores.fake];
  const [low, high] = extent(all);
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

export type Steps = readonly (readonly [step: number, value: number])[];

/** At most this many points of a curve are drawn; of longer ones the means over equally many steps. */
const mostPoints = 160;

/**
 * Training and validation over the steps, each on a scale of its own: they are often different quantities. A line stands
 * at the step that was chosen on validation, where that is known.
 */
export function trainingChart(
  label: string,
  { training, validation }: { training?: Steps; validation?: Steps },
  chosenStep?: number,
): Html {
  const drawn = [
    { steps: training && averaged(training), look: 'stroke:var(--c0)', side: left - 6, anchor: 'end' },
    {
      steps: validation && averaged(validation),
      look: 'stroke:var(--c1);stroke-dasharray:6 3',
      side: end + 6,
      anchor: 'start',
    },
  ].flatMap(({ steps, ...rest }) => (steps ? [{ steps, ...rest }] : []));
  const [first, last] = extent(drawn.flatMap(({ steps }) => steps.map(([step]) => step)));
  const x = scale(first, last, left, end);
  const short = (value: number): string => formatNumber(Number(value.toPrecision(3)));
  const lines = drawn.map(({ steps, look, side, anchor }) => {
    const [low, high] = extent(steps.map(([, value]) => value));
    const y = scale(low, high, 122, 12);
    const points = steps.map(([step, value]) => `${px(x(step))},${px(y(value))}`).join(' ');
    const single = steps.length === 1;
    return html`<text x="${side}" y="16" text-anchor="${anchor}">${short(high)}</text><text x="${side}" y="126" text-anchor="${anchor}">${single ? undefined : short(low)}</text>
<polyline class="curve" style="${look};stroke-width:1.6" points="${single ? `${points} ${points}` : points}"/>`;
  });
  const chosen =
    chosenStep !== undefined && chosenStep >= first && chosenStep <= last
      ? html`<line class="chance" x1="${px(x(chosenStep))}" x2="${px(x(chosenStep))}" y1="10" y2="124"/>`
      : undefined;
  return html`<svg class="chart" viewBox="0 0 ${width} 144" role="img" aria-label="${label}">
<line class="frame" x1="${left}" x2="${end}" y1="124" y2="124"/><line class="frame" x1="${left}" x2="${left}" y1="10" y2="124"/><line class="frame" x1="${end}" x2="${end}" y1="10" y2="124"/>
<text x="${left}" y="140">${formatNumber(first)}</text><text x="${end}" y="140" text-anchor="end">step ${formatNumber(last)}</text>
${chosen}${lines}</svg>`;
}

/** Where the axis of validation stands. */
const end = width - 56;

function averaged(steps: Steps): Steps {
  const size = Math.ceil(steps.length / mostPoints);
  if (size === 1) return steps;
  return Array.from({ length: Math.ceil(steps.length / size) }, (_, i) => {
    const group = steps.slice(i * size, (i + 1) * size);
    const mean = (column: 0 | 1): number => group.reduce((sum, row) => sum + row[column] / group.length, 0);
    return [mean(0), mean(1)] as const;
  });
}

function shorten(name: string): string {
  return name.length <= 9 ? name : `…${name.slice(-8)}`;
}

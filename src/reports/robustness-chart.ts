/** AUC over the levels of one distortion: a line for each detector, with its interval at every level. */
import { left, px, right, scale, width } from './axis.ts';
import { formatValue, intervalOf } from './format.ts';
import { type Html, html } from './html.ts';
import { looksOf } from './looks.ts';
import type { TableRow } from './results-table.ts';

/** One detector: its result on clean clips, then those of levels 1, 2, … */
export type LevelLine = { detector: string; control: boolean; rows: readonly TableRow[] };

const bottom = 186;
const top = 12;
/** Detectors stand so far beside one another at a level, so that their intervals can be told apart; all of them over at most this share of the way to the next. */
const asidePx = 4;
const spreadShare = 0.6;

/** @param lowest Of the axis, a tenth in [0, 0.5], the same in all charts that stand together. */
export function levelChart(label: string, lines: readonly LevelLine[], lowest: number): Html {
  const levels = Math.max(...lines.map(({ rows }) => rows.length));
  const x = scale(0, levels - 1, left + 14, right - 14);
  const y = scale(lowest, 1, bottom, top);
  const apart = levels > 1 ? Math.min(asidePx, (spreadShare * (x(1) - x(0))) / lines.length) : 0;
  const ticks = Array.from({ length: Math.round((1 - lowest) * 10) + 1 }, (_, i) => lowest + i / 10);
  const looks = looksOf(lines);
  const drawn = lines.map(({ rows, control }, i) => {
    const aside = (i - (lines.length - 1) / 2) * apart;
    return lineOf(rows, (level) => x(level) + aside, y, looks[i]!, !control);
  });
  return html`<svg class="chart" viewBox="0 0 ${width} ${bottom + 36}" role="img" aria-label="${label}">
${ticks.map((tick) => html`<line class="grid" x1="${left}" x2="${right}" y1="${px(y(tick))}" y2="${px(y(tick))}"/><text x="${left - 5}" y="${px(y(tick) + 4)}" text-anchor="end">${tick.toFixed(1)}</text>`)}
<line class="chance" x1="${left}" x2="${right}" y1="${px(y(0.5))}" y2="${px(y(0.5))}"/>
${Array.from({ length: levels }, (_, level) => html`<text x="${px(x(level))}" y="${bottom + 15}" text-anchor="middle">${level === 0 ? 'clean' : level}</text>`)}
<text x="${(left + right) / 2}" y="${bottom + 31}" text-anchor="middle">level</text>
${drawn}</svg>`;
}

/** Points with a value, a line between neighbours, and where asked the interval behind each. */
function lineOf(
  rows: readonly TableRow[],
  x: (level: number) => number,
  y: (auc: number) => number,
  { stroke, dashes }: { stroke: string; dashes: string },
  withIntervals: boolean,
): Html {
  const points = rows.flatMap(({ metrics: { auc } }, level) =>
    auc.value === null
      ? []
      : [{ x: px(x(level)), y: px(y(auc.value)), interval: withIntervals ? intervalOf(auc) : undefined }],
  );
  const bars = points.map(
    ({ x, interval }) =>
      interval && html`<line x1="${x}" x2="${x}" y1="${px(y(interval.low))}" y2="${px(y(interval.high))}"/>`,
  );
  return html`<g style="stroke:${stroke};fill:${stroke}"><g class="whiskers">${bars}</g><polyline class="curve" style="stroke-width:1.4;stroke-dasharray:${dashes}" points="${points.map((point) => `${point.x},${point.y}`).join(' ')}"/>${points.map((point) => html`<circle cx="${point.x}" cy="${point.y}" r="1.9"/>`)}</g>`;
}

/** Which line is whose, once for several charts. */
export function keyOf(lines: readonly Pick<LevelLine, 'detector' | 'control'>[]): Html {
  const looks = looksOf(lines);
  return html`<ul class="key across" aria-label="Lines">${lines.map(({ detector }, i) => {
    const { stroke, dashes } = looks[i]!;
    return html`<li><svg viewBox="0 0 36 10" aria-hidden="true"><line class="curve" style="stroke:${stroke};stroke-dasharray:${dashes}" x1="0" x2="36" y1="5" y2="5"/></svg><span>${detector}</span></li>`;
  })}</ul>`;
}

/** What a screen reader says of a chart: first and last of every line. */
export function spokenLevels(lines: readonly LevelLine[]): string {
  return lines
    .map(({ detector, rows }) => {
      const [first, last] = [rows[0]!, rows.at(-1)!].map(({ metrics }) => formatValue(metrics.auc));
      return `${detector} ${first} to ${last}`;
    })
    .join(', ');
}

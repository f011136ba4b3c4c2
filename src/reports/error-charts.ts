/** ROC and DET curves, drawn by hand as SVG. Colours come from the page, so that they follow light and dark; dashes differ too. */
import type { RocPoint } from '../metrics/detection.ts';
import type { Measured } from '../types.ts';
import { left, px, right, scale, width } from './axis.ts';
import { formatValue } from './format.ts';
import { type Html, html } from './html.ts';
import { probit } from '../metrics/distributions.ts';
import { looksOf } from './looks.ts';
import { bent, thin } from './roc-points.ts';

/** One detector's curve. `control` is drawn in grey. */
export type Curve = {
  name: string;
  auc: Measured;
  eer: Measured;
  points: readonly RocPoint[];
  control: boolean;
};

export const height = 312;
const bottom = 276;
const top = 12;

/** ROC and DET of the curves side by side, and one key for both. `against` names the fakes. */
export function errorCharts(against: string, curves: readonly Curve[]): Html {
  const looks = curveLooks(curves);
  // In the key everybody has the whole line that twins share in the charts.
  const own = looksOf(curves).map(({ stroke, dashes }) => `stroke:${stroke};stroke-dasharray:${dashes}`);
  const names = curves.map(({ name, auc }) => `${name} AUC ${formatValue(auc)}`).join(', ');
  const rates = curves.map(({ name, eer }) => `${name} EER ${formatValue(eer)}`).join(', ');
  return html`<div class="charts"><figure><h4>ROC</h4>${rocChart(`ROC curves against ${against}: ${names}`, curves, looks)}</figure>
<figure><h4>DET</h4>${detChart(`DET curves against ${against}: ${rates}`, curves, looks)}</figure>
<ul class="key" aria-label="Curves">${curves.map(({ name, auc, eer }, i) => {
    const twin = curves.findIndex((other) => pathOf(other) === pathOf(curves[i]!));
    return html`<li><svg viewBox="0 0 36 10" aria-hidden="true"><line class="curve" style="${own[i]!}" x1="0" x2="36" y1="5" y2="5"/></svg><span>${name} <b>AUC ${formatValue(auc)}</b>, EER ${formatValue(eer)}${twin < i ? html` <small>same curve as ${curves[twin]!.name}</small>` : undefined}</span></li>`;
  })}</ul></div>`;
}

/** True against false alarms on even axes; the falling diagonal is where both errors are equal. */
function rocChart(label: string, curves: readonly Curve[], looks: readonly string[]): Html {
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${rocBody(curves, looks)}</svg>`;
}

/** What is inside of the chart, `width` wide and `height` high. `looks`: a CSS style for each curve. */
export function rocBody(curves: readonly Curve[], looks: readonly string[]): Html {
  const x = scale(0, 1, left, right);
  const y = scale(0, 1, bottom, top);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((tick) => ({ at: tick, text: String(tick) }));
  const lines = curves.map(({ points }) =>
    thin(points).map((point): Place => [x(point.falsePositiveRate), y(point.truePositiveRate)]),
  );
  return html`${grid(ticks, x, y)}
<line class="chance" x1="${left}" y1="${bottom}" x2="${right}" y2="${top}"/><line class="equal" x1="${left}" y1="${top}" x2="${right}" y2="${bottom}"/>
${lines.map((line, i) => polyline(line, looks[i]!))}${axisNames('real clips called fake', 'fakes called fake')}`;
}

/** The least and the largest rate on the axes of a DET plot; what lies beyond is drawn on the border. */
const detRange = [0.01, 0.99] as const;

/**
 * Both error rates on normal-deviate axes (Martin et al., Eurospeech 1997); the rising diagonal is where they are equal,
 * with a ring at each detector's EER.
 */
function detChart(label: string, curves: readonly Curve[], looks: readonly string[]): Html {
  const deviate = (rate: number): number => probit(Math.max(detRange[0], Math.min(detRange[1], rate)));
  const along = scale(deviate(0), deviate(1), left, right);
  const up = scale(deviate(0), deviate(1), bottom, top);
  const x = (rate: number): number => along(deviate(rate));
  const y = (rate: number): number => up(deviate(rate));
  const ticks = [1, 5, 10, 20, 40, 60, 80, 90, 95, 99].map((percent) => ({
    at: percent / 100,
    text: String(percent),
  }));
  const lines = curves.map(({ points }) =>
    bent(points).map((point): Place => [x(point.falsePositiveRate), y(1 - point.truePositiveRate)]),
  );
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${grid(ticks, x, y)}
<line class="chance" x1="${left}" y1="${top}" x2="${right}" y2="${bottom}"/><line class="equal" x1="${left}" y1="${bottom}" x2="${right}" y2="${top}"/>
${lines.map((line, i) => polyline(line, looks[i]!))}
${curves.map(({ eer }) => (eer.value === null ? undefined : html`<circle class="point" cx="${px(x(eer.value))}" cy="${px(y(eer.value))}" r="3.2"/>`))}
${axisNames('real clips called fake, %', 'fakes called real, %')}</svg>`;
}

type Place = readonly [number, number];
type Tick = { at: number; text: string };

function grid(ticks: readonly Tick[], x: (at: number) => number, y: (at: number) => number): Html {
  return html`${ticks.map(
    ({ at, text }) =>
      html`<line class="grid" x1="${px(x(at))}" x2="${px(x(at))}" y1="${top}" y2="${bottom}"/><line class="grid" x1="${left}" x2="${right}" y1="${px(y(at))}" y2="${px(y(at))}"/>
<text x="${px(x(at))}" y="${bottom + 14}" text-anchor="middle">${text}</text><text x="${left - 5}" y="${px(y(at) + 4)}" text-anchor="end">${text}</text>`,
  )}`;
}

function axisNames(below: string, beside: string): Html {
  const middle = (top + bottom) / 2;
  return html`<text x="${(left + right) / 2}" y="${bottom + 31}" text-anchor="middle">${below}</text><text x="22" y="${middle}" text-anchor="middle" transform="rotate(-90 22 ${middle})">${beside}</text>`;
}

function polyline(places: readonly Place[], look: string): Html {
  return html`<polyline class="curve" style="${look}" points="${places.map(([x, y]) => `${px(x)},${px(y)}`).join(' ')}"/>`;
}

/** Curves that lie on one another share one line, each its own dashes of it. */
export function curveLooks(curves: readonly Curve[]): string[] {
  return looksOf(curves).map(({ stroke, dashes }, i) => {
    const twins = curves.flatMap((other, k) => (pathOf(other) === pathOf(curves[i]!) ? [k] : []));
    if (twins.length === 1) return `stroke:${stroke};stroke-dasharray:${dashes}`;
    return `stroke:${stroke};stroke-dasharray:6 ${6 * (twins.length - 1)};stroke-dashoffset:${-6 * twins.indexOf(i)}`;
  });
}

/** The corners of a curve: equal for two curves that lie on one another, however many points they have on the way. */
function pathOf({ points }: Curve): string {
  const corners: RocPoint[] = [];
  for (const point of points) {
    const [before, last] = corners.slice(-2);
    const straight = before && last && Math.abs(cross(before, last, point)) < 1e-12;
    corners.splice(straight ? -1 : corners.length, straight ? 1 : 0, point);
  }
  return corners.map(({ falsePositiveRate: x, truePositiveRate: y }) => `${x},${y}`).join(' ');
}

/** Twice the area of the triangle of three points. */
function cross(a: RocPoint, b: RocPoint, c: RocPoint): number {
  return (
    (b.falsePositiveRate - a.falsePositiveRate) * (c.truePositiveRate - a.truePositiveRate) -
    (b.truePositiveRate - a.truePositiveRate) * (c.falsePositiveRate - a.falsePositiveRate)
  );
}

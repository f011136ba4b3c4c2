/** A small scale from 0 to 1 with its words; the picture repeats what the words say. */
import { el, svg } from './dom.js';

const [width, height] = [160, 18];
const x = (value) => 4 + Math.min(1, Math.max(0, value)) * (width - 8);

/** `marks`: values with names, drawn as lines across the scale. */
export function scale(label, value, marks = []) {
  const lines = marks.map(([, at]) =>
    svg('line', { class: 'mark', x1: x(at), x2: x(at), y1: 2, y2: height - 2 }),
  );
  const track = svg('line', { class: 'track', x1: x(0), x2: x(1), y1: height / 2, y2: height / 2 });
  const dot = svg('circle', { class: 'dot', cx: x(value), cy: height / 2, r: 5 });
  const words = `${label}: ${value.toFixed(2)} on a scale from 0 to 1${marks.map(([name, at]) => `; ${name} ${at.toFixed(2)}`).join('')}`;
  return svg(
    'svg',
    { class: 'scale', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': words },
    track,
    lines,
    dot,
  );
}

/** Thirds of the scale, in words. */
export function height3(value) {
  if (value >= 2 / 3) return 'high';
  return value >= 1 / 3 ? 'in the middle' : 'low';
}

/** A strip of time with its stretches numbered; `of`: seconds. */
export function strip(stretches, of) {
  const wide = 600;
  const at = (seconds) => (of > 0 ? (seconds / of) * wide : 0);
  const parts = stretches.map(({ start, end, score }) =>
    svg('rect', {
      class: 'stretch',
      x: at(start),
      y: 2,
      width: Math.max(3, at(end) - at(start)),
      height: 20,
      'fill-opacity': 0.25 + 0.65 * Math.min(1, Math.max(0, score)),
    }),
  );
  const label = `Time from 0 to ${of.toFixed(1)} seconds; marked: ${stretches.map(({ start, end }) => `${start.toFixed(1)} to ${end.toFixed(1)}`).join(', ')}. The list below says the same.`;
  return el(
    'div',
    { class: 'strip' },
    svg(
      'svg',
      { viewBox: `0 0 ${wide} 24`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
      svg('rect', { class: 'ground', x: 0, y: 2, width: wide, height: 20 }),
      parts,
    ),
    el(
      'p',
      { class: 'ends note', 'aria-hidden': 'true' },
      el('span', {}, '0 s'),
      el('span', {}, `${of.toFixed(1)} s`),
    ),
  );
}

/** Turned squares of a picture as networks take them. */
import type { Frame } from '../types.ts';
import type { Affine } from './warp.ts';

/** Centre and side in pixels of the frame; `angle` in radians, clockwise as seen, by which it is turned. */
export type Square = { x: number; y: number; side: number; angle: number };

/** From pixels of the square, drawn with `sidePx` a side, to those of the frame. */
export function squareMap({ x, y, side, angle }: Square, sidePx: number): Affine {
  const [cos, sin] = [(Math.cos(angle) * side) / sidePx, (Math.sin(angle) * side) / sidePx];
  const half = sidePx / 2;
  return [cos, -sin, x - half * (cos - sin), sin, cos, y - half * (sin + cos)];
}

/** More samples than this a side of a pixel would only cost time. */
const mostSamples = 8;

/**
 * What the square shows, `sidePx`×`sidePx`×3 values from `low` (black) to `high`: means of as many bilinear samples as it has pixels for each
 * of ours, black outside the frame.
 */
export function sampleSquare(
  { width, height, data }: Frame,
  square: Square,
  sidePx: number,
  [low, high]: readonly [number, number],
): Float32Array {
  const samples = Math.max(1, Math.min(mostSamples, Math.round(square.side / sidePx)));
  const [a, b, c, d, e, f] = squareMap(square, sidePx * samples);
  const gain = (high - low) / 255 / samples ** 2;
  const out = new Float32Array(sidePx * sidePx * 3).fill(low);
  const rowBytes = 3 * width;
  for (let row = 0; row < sidePx * samples; row++) {
    const outRow = Math.floor(row / samples) * sidePx;
    for (let column = 0; column < sidePx * samples; column++) {
      // Pixel i covers [i, i + 1): half a pixel in, half a pixel out.
      const x = a * (column + 0.5) + b * (row + 0.5) + c - 0.5;
      const y = d * (column + 0.5) + e * (row + 0.5) + f - 0.5;
      const left = Math.floor(x);
      const top = Math.floor(y);
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue;
      const lower = gain * (y - top);
      const upper = gain - lower;
      const right = x - left;
      const above = top * rowBytes + 3 * left;
      const below = above + rowBytes;
      const to = (outRow + Math.floor(column / samples)) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const from = above + channel;
        const under = below + channel;
        const onLeft = upper * data[from]! + lower * data[under]!;
        const onRight = upper * data[from + 3]! + lower * data[under + 3]!;
        out[to + channel] = out[to + channel]! + onLeft + right * (onRight - onLeft);
      }
    }
  }
  return out;
}

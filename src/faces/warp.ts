/** Affine maps between pictures: fitting one to pairs of points, and drawing a picture through one. */
import { ridge } from '../dsp/ridge.ts';
import type { Box } from '../head/track.ts';
import type { Frame } from '../types.ts';

/** (x, y) ↦ (a·x + b·y + c, d·x + e·y + f) as [a, b, c, d, e, f]. */
export type Affine = readonly [number, number, number, number, number, number];

/** The affine map that takes the points `from` closest to `to` (least squares). `stride` values per point, x and y first. */
export function fitAffine(from: ArrayLike<number>, to: ArrayLike<number>, stride: number): Affine {
  const count = from.length / stride;
  const centre = [0, 1].map((c) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += from[i * stride + c]!;
    return sum / count;
  }) as [number, number];
  const x = new Float64Array(count * 3);
  const y = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) {
    x.set([from[i * stride]! - centre[0], from[i * stride + 1]! - centre[1], 1], i * 3);
    y.set([to[i * stride]!, to[i * stride + 1]!], i * 2);
  }
  const w = ridge(x, y, { inputs: 3, outputs: 2, strength: 1e-12 });
  const shift = (k: 0 | 1): number => w[4 + k]! - w[k]! * centre[0] - w[2 + k]! * centre[1];
  return [w[0]!, w[2]!, shift(0), w[1]!, w[3]!, shift(1)];
}

/** The part `window` of a picture whose pixel centres lie at `toSource(x, y)` of `source`; bilinear, edges held. */
export function warpFrame({ width, height, data }: Frame, toSource: Affine, window: Box): Frame {
  const out = new Uint8Array(window.width * window.height * 3);
  const [a, b, c, d, e, f] = toSource;
  let at = 0;
  for (let row = 0; row < window.height; row++) {
    for (let column = 0; column < window.width; column++) {
      const x = a * (window.x + column + 0.5) + b * (window.y + row + 0.5) + c - 0.5;
      const y = d * (window.x + column + 0.5) + e * (window.y + row + 0.5) + f - 0.5;
      const left = clamp(Math.floor(x), width - 1);
      const top = clamp(Math.floor(y), height - 1);
      const fx = clamp(x - left, 1);
      const fy = clamp(y - top, 1);
      const right = left < width - 1 ? 3 : 0;
      const above = (top * width + left) * 3;
      const below = top < height - 1 ? above + 3 * width : above;
      for (let channel = 0; channel < 3; channel++) {
        const [over, under] = [above + channel, below + channel];
        const upper = data[over]! * (1 - fx) + data[over + right]! * fx;
        const lower = data[under]! * (1 - fx) + data[under + right]! * fx;
        // Bytes are cut off where they are stored, which takes a third of the time of Math.round.
        out[at++] = upper * (1 - fy) + lower * fy + 0.5;
      }
    }
  }
  return { width: window.width, height: window.height, data: out };
}

const clamp = (value: number, most: number): number => (value < 0 ? 0 : value > most ? most : value);

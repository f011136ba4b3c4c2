/** The distortion that the encoder of a face swap learns to undo. */
import type { Rng } from '../random.ts';

/** Nodes along a side, and the standard deviation of each node's shift as a share of the side. */
const nodes = 5;
const spread = 5 / 256;

/**
 * Where each pixel of a square of `sizePx` looks (x and y alternating, pixels): a grid of 5×5 nodes over the square, every node shifted by
 * a normal of 5/256 of the side along both axes, those on the border too, and bilinear between them (the random warp of the faceswap
 * project).
 */
export function randomWarp(rng: Rng, sizePx: number): Float32Array {
  const shifts = Float32Array.from({ length: nodes * nodes * 2 }, () => rng.normal(0, spread * sizePx));
  const places = new Float32Array(sizePx * sizePx * 2);
  const step = (nodes - 1) / sizePx;
  for (let y = 0; y < sizePx; y++)
    for (let x = 0; x < sizePx; x++) {
      const [u, v] = [(x + 0.5) * step, (y + 0.5) * step];
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [fx, fy] = [u - left, v - top];
      for (let c = 0; c < 2; c++) {
        const at = (row: number, column: number): number => shifts[(row * nodes + column) * 2 + c]!;
        const above = at(top, left) * (1 - fx) + at(top, left + 1) * fx;
        const below = at(top + 1, left) * (1 - fx) + at(top + 1, left + 1) * fx;
        places[(y * sizePx + x) * 2 + c] = (c === 0 ? x : y) + 0.5 + above * (1 - fy) + below * fy;
      }
    }
  return places;
}

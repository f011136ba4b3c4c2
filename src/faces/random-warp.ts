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
  for (let y = 0; y < sizePx; y++) {
    const top = Math.floor((y + 0.5) * step);
    const fy = (y + 0.5) * step - top;
    for (let x = 0; x < sizePx; x++) {
      const left = Math.floor((x + 0.5) * step);
      const fx = (x + 0.5) * step - left;
      const at = (top * nodes + left) * 2;
      const below = at + nodes * 2;
      for (let c = 0; c < 2; c++) {
        const upper = shifts[at + c]! * (1 - fx) + shifts[at + 2 + c]! * fx;
        const lower = shifts[below + c]! * (1 - fx) + shifts[below + 2 + c]! * fx;
        places[(y * sizePx + x) * 2 + c] = (c === 0 ? x : y) + 0.5 + upper * (1 - fy) + lower * fy;
      }
    }
  }
  return places;
}

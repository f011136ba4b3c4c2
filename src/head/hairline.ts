/** Where hair grows on the scalp. */
import type { Noise } from './noise.ts';
import { clamp01, smoothstep } from './part.ts';

export type Hairline = {
  /** Height of the hairline in the middle of the forehead, mm above the eyes. */
  front: number;
  /** How far it recedes at the temples, mm. */
  recede: number;
  /** 0 full hair, 1 bald but for the sides. */
  bald: number;
  /** 1 where there is any hair at all, 0 shaven. */
  density: number;
};

/** How far a point of the scalp lies inside the hair, mm (negative outside); authoring axes. */
export function insideHair(line: Hairline, x: number, y: number, f: number): number {
  const ax = Math.abs(x);
  // Over the forehead the line is an arc; at the temples it turns down in front of the ear; behind, it runs to the nape.
  const arc = -line.front - line.recede * Math.exp(-(((ax - 42) / 16) ** 2)) + 0.006 * ax * ax;
  const forehead = arc - y;
  const temple = ax > 50 ? 34 - f - 0.12 * (y + 20) : -1e9;
  const sideburn = Math.min(temple, 26 - y);
  const nape = f < -20 ? Math.min(86 - y, -20 - f) : -1e9;
  const hair = Math.max(forehead, sideburn, nape);
  const crown = 66 * line.bald - Math.hypot(x * 1.05, (f - 28) * 0.55) + (y > -45 ? -(y + 45) * 1.2 : 0);
  return line.bald > 0 ? Math.min(hair, -crown) : hair;
}

/** How much the scalp's hair covers the skin there, 0 to 1, with a ragged edge. */
export function scalpCover(line: Hairline, x: number, y: number, f: number, noise: Noise): number {
  if (y > 90 || line.density === 0) return 0;
  const inside = insideHair(line, x, y, f);
  if (inside < -8) return 0;
  const ragged = inside + 3.5 * noise(x * 0.5, f * 0.25 + y * 0.18) - 1;
  const stubble = line.density < 1 ? 0.75 + 0.45 * noise(x * 1.3, f * 0.9 + y * 0.7) : 1;
  return clamp01(line.density * stubble * smoothstep(-3, line.density < 1 ? 14 : 9, ragged));
}

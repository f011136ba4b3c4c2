/** How mouths are varied while networks learn, so that these do not learn where exactly a tracker puts the crop. */
import type { Rng } from '../random.ts';
import { cropHeight, cropWidth } from './mouth-crops.ts';

/** Moved by whole pixels, mirrored, contrast multiplied. */
export type Variation = { right: number; down: number; mirror: boolean; gain: number };

const reachPx = 2;

export function drawVariation(rng: Rng): Variation {
  const move = (): number => rng.int(2 * reachPx + 1) - reachPx;
  return { right: move(), down: move(), mirror: rng.uniform() < 0.5, gain: rng.uniform(0.7, 1.4) };
}

/** A varied copy of a crop, edges held. */
export function varyCrop(crop: Float32Array, { right, down, mirror, gain }: Variation): Float32Array {
  const inside = (value: number, size: number): number => Math.max(0, Math.min(size - 1, value));
  const out = new Float32Array(crop.length);
  for (let y = 0; y < cropHeight; y++) {
    const row = inside(y + down, cropHeight) * cropWidth;
    for (let x = 0; x < cropWidth; x++) {
      const column = inside((mirror ? cropWidth - 1 - x : x) + right, cropWidth);
      out[y * cropWidth + x] = gain * crop[row + column]!;
    }
  }
  return out;
}

/** How mouths are varied while networks learn, so that these do not learn where exactly a tracker puts the crop. */
import type { Rng } from '../random.ts';
import { type MouthWindow, mouthWindow } from './mouth-crops.ts';

/** Moved by whole pixels, mirrored, contrast multiplied. */
export type Variation = { right: number; down: number; mirror: boolean; gain: number };

const reachPx = 2;

export function drawVariation(rng: Rng): Variation {
  const move = (): number => rng.int(2 * reachPx + 1) - reachPx;
  return { right: move(), down: move(), mirror: rng.uniform() < 0.5, gain: rng.uniform(0.7, 1.4) };
}

/** A varied copy of a crop, edges held. */
export function varyCrop(
  crop: Float32Array,
  { right, down, mirror, gain }: Variation,
  { width, height }: Pick<MouthWindow, 'width' | 'height'> = mouthWindow,
): Float32Array {
  const inside = (value: number, size: number): number => Math.max(0, Math.min(size - 1, value));
  const out = new Float32Array(crop.length);
  for (let y = 0; y < height; y++) {
    const row = inside(y + down, height) * width;
    for (let x = 0; x < width; x++) {
      const column = inside((mirror ? width - 1 - x : x) + right, width);
      out[y * width + x] = gain * crop[row + column]!;
    }
  }
  return out;
}

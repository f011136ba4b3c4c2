import type { Distortion, Series } from '../../src/types.ts';

/** The distortion of a level, the first of which is 1. */
export function distortionAt({ name, levels }: Series, level: number): Distortion {
  const found = levels[level - 1];
  if (!found || !('distort' in found)) throw new Error(`${name} has no distortion at level ${level}`);
  return found.distort;
}

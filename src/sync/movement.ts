/**
 * Crops without what stands still, the clip's mean crop, over the spread of what is left: skin, light and beard are gone, and only
 * what moves is compared with the sound.
 */
export function movementOf(crops: readonly Float32Array[]): Float32Array[] {
  const mean = new Float32Array(crops[0]?.length ?? 0);
  for (const crop of crops) for (let i = 0; i < mean.length; i++) mean[i]! += crop[i]! / crops.length;
  const moved = crops.map((crop) => crop.map((value, i) => value - mean[i]!));
  let squares = 0;
  for (const crop of moved) for (const value of crop) squares += value * value;
  const deviation = Math.sqrt(squares / Math.max(1, moved.length * mean.length)) + smallest;
  return moved.map((crop) => crop.map((value) => value / deviation));
}

/** Keeps a picture in which nothing moves from being divided by nothing. */
const smallest = 1e-4;

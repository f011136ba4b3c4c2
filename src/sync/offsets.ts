/**
 * How far picture and sound are apart, from rows that a sync network gives for both (Chung & Zisserman: Out of Time, ACCV-W
 * 2016): the distance between the picture's row at t and the sound's at t + offset, averaged over the clip, for every offset.
 */

/** Offsets of up to this many video frames either way are looked at. */
export const maxOffset = 15;
export const offsetCount = 2 * maxOffset + 1;
/** Fewer pairs of rows than this say nothing about an offset. */
const leastPairs = 4;
/** Rows that a clip needs, so that the outermost offsets still compare something. */
export const leastRows = maxOffset + leastPairs;

/** `offset` in video frames, positive where the sound comes late; the other two as their papers define LSE-C and LSE-D. */
export type Sync = { offset: number; confidence: number; distance: number };

/**
 * Mean Euclidean distance for the offsets −15 … 15, in this order. `picture` and `sound` hold one row of `width` values per video
 * frame. Undefined where they are too short for the outermost offsets (fewer than 19 rows).
 */
export function offsetCurve(picture: Float32Array, sound: Float32Array, width: number): number[] | undefined {
  const [pictureRows, soundRows] = [picture.length / width, sound.length / width];
  if (Math.min(pictureRows, soundRows) < leastRows) return undefined;
  return Array.from({ length: offsetCount }, (_, i) => {
    const offset = i - maxOffset;
    let [sum, pairs] = [0, 0];
    for (let t = Math.max(0, -offset); t < Math.min(pictureRows, soundRows - offset); t++, pairs++) {
      let squares = 0;
      for (let j = 0; j < width; j++)
        squares += (picture[t * width + j]! - sound[(t + offset) * width + j]!) ** 2;
      sum += Math.sqrt(squares);
    }
    return sum / pairs;
  });
}

/** The offset of the least distance, that distance, and by how much it lies below the median of the curve. */
export function readCurve(curve: readonly number[]): Sync {
  const distance = Math.min(...curve);
  const sorted = curve.toSorted((a, b) => a - b);
  return { offset: curve.indexOf(distance) - maxOffset, confidence: sorted[maxOffset]! - distance, distance };
}

/** A clip's sound as maps of a fixed number of LFCC rows. */
import { lcnnLfcc, lfcc, lfccWidth } from '../../src/dsp/lfcc.ts';
import { ItemError } from '../../src/errors.ts';
import { soundAt } from '../../src/media/sound-at.ts';
import type { OpenClip } from '../../src/types.ts';

/** That of the recordings it was published for. */
const sampleRate = 16000;

/** All rows of a clip, one behind the other. Throws ItemError E_NOT_APPLICABLE without sound, E_TOO_SHORT for less than a window (20 ms). */
export async function lcnnRows(open: OpenClip): Promise<Float32Array> {
  const { samples } = await soundAt(open, sampleRate);
  const rows = lfcc(samples, sampleRate, lcnnLfcc);
  if (rows.length === 0)
    throw new ItemError(
      'E_TOO_SHORT',
      `${open.clip.id}: ${samples.length} samples are too few for a window of ${lcnnLfcc.windowSeconds} s`,
    );
  const all = new Float32Array(rows.length * lfccWidth);
  for (const [i, row] of rows.entries()) all.set(row, i * lfccWidth);
  return all;
}

/** How many of the first rows a map of `count` rows may begin at; a shorter sound has one, and is repeated. */
export const startsIn = (rows: Float32Array, count: number): number =>
  Math.max(1, rows.length / lfccWidth - count + 1);

/** Writes the `count` rows from `start` on into `target` at `at`; behind the last row comes the first again. */
export function putMap(
  target: Float32Array,
  at: number,
  rows: Float32Array,
  start: number,
  count: number,
): void {
  const given = rows.length / lfccWidth;
  for (let i = 0; i < count; i++) {
    const from = ((start + i) % given) * lfccWidth;
    target.set(rows.subarray(from, from + lfccWidth), at + i * lfccWidth);
  }
}

/** The fewest maps of `count` rows that together hold every row, evenly spaced. */
export function mapsOver(rows: Float32Array, count: number): Float32Array[] {
  const last = startsIn(rows, count) - 1;
  const number = 1 + Math.ceil(last / count);
  return Array.from({ length: number }, (_, i) => {
    const map = new Float32Array(count * lfccWidth);
    putMap(map, 0, rows, number > 1 ? Math.round((i * last) / (number - 1)) : 0, count);
    return map;
  });
}

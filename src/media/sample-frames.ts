/** Picking frames and pixels of a clip for detectors. */
import { ItemError } from '../errors.ts';
import type { Frame, OpenClip } from '../types.ts';

/** A frame and its position in the clip. */
export type SampledFrame = { index: number; frame: Frame };

/**
 * `count` frames in the middles of equal stretches of the clip, or all frames of a shorter one.
 * Throws ItemError as `OpenClip.frames` (without a picture, or damaged), and `E_TOO_SHORT` when no frame comes.
 */
export async function* sampleFrames(clip: OpenClip, count: number): AsyncGenerator<SampledFrame> {
  const { id, media } = clip.clip;
  const wanted = evenlySpaced(media.video?.frameCount ?? 0, count);
  let index = 0;
  let taken = 0;
  for await (const frame of clip.frames()) {
    if (wanted.has(index)) {
      taken++;
      yield { index, frame };
    }
    index++;
    if (taken === wanted.size) break;
  }
  if (taken === 0) throw new ItemError('E_TOO_SHORT', `${id}: no frame of it can be decoded`);
}

/** Items with their positions. */
export async function* numbered<T>(items: AsyncIterable<T>): AsyncGenerator<[number, T]> {
  let i = 0;
  for await (const item of items) yield [i++, item];
}

/** The indices in the middles of `count` equal stretches of 0 … total − 1; all of them when there are fewer. */
export function evenlySpaced(total: number, count: number): Set<number> {
  const parts = Math.min(total, count);
  return new Set(Array.from({ length: parts }, (_, i) => Math.floor(((i + 0.5) * total) / parts)));
}

/** The square of `sidePx` in the middle of a frame, which is at least as large; pixels as they are. */
export function cropCentre(frame: Frame, sidePx: number): Frame {
  const left = Math.floor((frame.width - sidePx) / 2);
  const top = Math.floor((frame.height - sidePx) / 2);
  if (left < 0 || top < 0)
    throw new RangeError(`a square of ${sidePx} px does not fit into ${frame.width}×${frame.height}`);
  const data = new Uint8Array(sidePx * sidePx * 3);
  for (let y = 0; y < sidePx; y++) {
    const from = ((top + y) * frame.width + left) * 3;
    data.set(frame.data.subarray(from, from + sidePx * 3), y * sidePx * 3);
  }
  return { width: sidePx, height: sidePx, data };
}

/** Brightness of each pixel, 0 to 255: luma of ITU-R BT.601. */
export function greyOf(frame: Frame): Float64Array {
  const grey = new Float64Array(frame.width * frame.height);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) {
    grey[i] = 0.299 * frame.data[at]! + 0.587 * frame.data[at + 1]! + 0.114 * frame.data[at + 2]!;
  }
  return grey;
}

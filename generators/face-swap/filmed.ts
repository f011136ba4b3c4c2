/** What is read of a person's clips before a swap with them is judged. */
import { cropFace } from '../../src/faces/crop.ts';
import { readTrack } from '../../src/head/track.ts';
import { numbered } from '../../src/media/sample-frames.ts';
import type { Clip, Frame } from '../../src/types.ts';
import { placesOf } from './place.ts';
import { type Look, lookerOf } from './reader.ts';

/** Every how many frames of the footage one teaches. */
const taughtStride = 4;

/** The looks of the frames that teach the readers. */
export async function looksOf(clips: readonly Clip[]): Promise<Look[]> {
  const { decodeFrames } = await import('../../src/media/decode.ts');
  const looks: Look[] = [];
  for (const clip of clips) {
    const track = await readTrack(clip.track!.path);
    const look = lookerOf(track);
    const frames = decodeFrames(clip.media.path, { frameCount: track.frames.length });
    for await (const [t, frame] of numbered(frames)) if (t % taughtStride === 0) looks.push(look(frame, t));
  }
  return looks;
}

/** The mean of a person's crops. */
export async function meanCrop(clips: readonly Clip[], sizePx: number): Promise<Frame> {
  const { decodeFrames } = await import('../../src/media/decode.ts');
  const sum = new Float64Array(sizePx * sizePx * 3);
  let count = 0;
  for (const clip of clips) {
    const track = await readTrack(clip.track!.path);
    const places = placesOf(track, sizePx);
    for await (const [t, frame] of numbered(
      decodeFrames(clip.media.path, { frameCount: track.frames.length }),
    )) {
      if (t % taughtStride !== 0) continue;
      cropFace(frame, places(t).toCrop, sizePx).data.forEach((value, i) => (sum[i]! += value));
      count++;
    }
  }
  return { width: sizePx, height: sizePx, data: Uint8Array.from(sum, (value) => Math.round(value / count)) };
}

export async function firstFrame(clip: Clip): Promise<Frame> {
  const { decodeFrames } = await import('../../src/media/decode.ts');
  for await (const frame of decodeFrames(clip.media.path)) return frame;
  throw new Error(`${clip.id}: has no frame`);
}

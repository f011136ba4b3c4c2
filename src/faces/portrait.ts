/** Portraits: heads cut out of frames, all in one place and of one size. */
import { resizeFrame } from '../media/images.ts';
import { cropFace, cropMap } from './crop.ts';
import type { Affine } from './warp.ts';
import { landmarksOf, readTrack } from '../head/track.ts';
import type { Clip, Frame } from '../types.ts';

/** Side of the face's own crop (`cropMap`) over that of a portrait: head and neck, since clothes and walls differ more than faces do. */
const faceShare = 0.66;

/** From pixels of a frame to those of a portrait of `sizePx`², for a face with these 51 landmarks. */
export function portraitMap(landmarks: ArrayLike<number>, sizePx: number): Affine {
  const [a, b, c, d, e, f] = cropMap(landmarks, sizePx * faceShare);
  const margin = (sizePx * (1 - faceShare)) / 2;
  return [a, b, c + margin, d, e, f + margin];
}

/** Every `stride`th frame of the clips as a portrait, clip by clip; where it reaches beyond the frame, the frame's edge is held. Clips have a track and a picture. */
export async function* portraitsOf(
  clips: readonly Clip[],
  sizePx: number,
  stride: number,
): AsyncGenerator<{ clip: Clip; portrait: Frame }> {
  const { decodeFrames } = await import('../media/decode.ts');
  for (const clip of clips) {
    const track = await readTrack(clip.track!.path);
    let t = 0;
    for await (const frame of decodeFrames(clip.media.path, { frameCount: track.frames.length })) {
      if (t % stride === 0)
        yield { clip, portrait: cropFace(frame, portraitMap(landmarksOf(track, t), sizePx), sizePx) };
      t++;
    }
  }
}

/** Every `stride`th frame of a clip in which nobody has found a face: its middle square, scaled. */
export async function* middlePortraits(
  clip: Clip,
  sizePx: number,
  stride: number,
): AsyncGenerator<{ clip: Clip; portrait: Frame }> {
  const { decodeFrames } = await import('../media/decode.ts');
  let t = 0;
  for await (const frame of decodeFrames(clip.media.path))
    if (t++ % stride === 0) yield { clip, portrait: await resizeFrame(frame, sizePx, sizePx) };
}

/** A part of the picture cut away at random edges, the rest drawn as large as before; the face track moves along. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256OfFile } from '../files.ts';
import { readTrack, writeTrack } from '../head/track.ts';
import { resizeFrame } from '../media/images.ts';
import type { Clip, Distortion, Frame, Perturbation } from '../types.ts';
import { withFrames } from './on-clips.ts';

const options = z.strictObject({
  /** Largest share of width and height that is cut away; the least is half of it. */
  share: z.array(z.number().gt(0).max(0.5)).min(1).default([0.02, 0.05, 0.1]),
});

type Window = { left: number; top: number; width: number; height: number };

/** The same window in all frames of a clip, of the clip's shape to the pixel. */
function cropUpTo(share: number): Distortion {
  return async (clip, draw, folder) => {
    const { video } = clip.clip.media;
    if (!video) return clip;
    const kept = 1 - draw.uniform(share / 2, share);
    const [width, height] = [video.width, video.height].map((px) => Math.max(1, Math.floor(kept * px))) as [
      number,
      number,
    ];
    const window = {
      left: draw.int(video.width - width + 1),
      top: draw.int(video.height - height + 1),
      width,
      height,
    };
    const moved = withFrames(clip, async function* () {
      for await (const frame of clip.frames())
        yield await resizeFrame(cut(frame, window), video.width, video.height, 'fill');
    });
    return { ...moved, clip: await withMovedTrack(clip.clip, window, folder) };
  };
}

function cut(frame: Frame, { left, top, width, height }: Window): Frame {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const from = 3 * ((top + y) * frame.width + left);
    data.set(frame.data.subarray(from, from + 3 * width), 3 * y * width);
  }
  return { width, height, data };
}

/** Rounding may stretch a side by half a pixel in hundreds, which a pinhole cannot show: the mean of both scales stands. */
async function withMovedTrack(clip: Clip, window: Window, folder: string): Promise<Clip> {
  if (!clip.track) return clip;
  const track = await readTrack(clip.track.path);
  const { camera } = track;
  const [across, down] = [camera.width / window.width, camera.height / window.height];
  const moved = {
    ...camera,
    focalPx: (camera.focalPx * (across + down)) / 2,
    centreX: (camera.centreX - window.left) * across,
    centreY: (camera.centreY - window.top) * down,
  };
  const path = join(await mkdtemp(join(folder, 'track-')), 'face.track');
  await writeTrack(path, { ...track, camera: moved });
  return { ...clip, track: { path, sha256: await sha256OfFile(path) } };
}

export const crop: Perturbation<z.infer<typeof options>> = {
  name: 'crop',
  cite: 'random crop of up to a tenth, as re-framed copies have it',
  options,
  series: ({ share }) => [
    {
      name: 'crop',
      changes: 'picture',
      levels: share.map((most) => ({
        severity: `${50 * most} to ${100 * most} % cut away`,
        distort: cropUpTo(most),
      })),
    },
  ],
};

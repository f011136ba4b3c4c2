/** H.264 at constant rate factors. FaceForensics++ calls its releases by them: c23 and c40 (Rössler et al., ICCV 2019). */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeH264, encodeH264 } from '../media/h264.ts';
import type { Distortion, Perturbation } from '../types.ts';
import { withFrames } from './on-clips.ts';

/** The picture encoded with libx264's defaults but for this CRF, and decoded again. */
export function throughH264(crf: number): Distortion {
  return (clip, _draw, folder) => {
    const { video } = clip.clip.media;
    if (!video) return clip;
    const settings = { ...video, crf };
    let encoded: Promise<string> | undefined;
    const encode = async (): Promise<string> => {
      const path = join(await mkdtemp(join(folder, 'h264-')), 'picture.mp4');
      await encodeH264(path, clip.frames(), settings);
      return path;
    };
    return withFrames(clip, async function* () {
      yield* decodeH264(await (encoded ??= encode()), video.frameCount, video);
    });
  };
}

const options = z.strictObject({
  crf: z.array(z.int().min(0).max(51)).min(1).default([18, 23, 28, 33, 40]),
});

export const h264: Perturbation<z.infer<typeof options>> = {
  name: 'h264',
  cite: 'ITU-T H.264 by libx264; c23 and c40 of FaceForensics++ (Rössler et al., ICCV 2019) are two of its levels',
  options,
  series: ({ crf }) => [
    {
      name: 'h264',
      changes: 'picture',
      levels: crf.map((factor) => ({ severity: `CRF ${factor}`, distort: throughH264(factor) })),
    },
  ],
};

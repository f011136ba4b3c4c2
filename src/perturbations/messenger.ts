/** What passing a video on does to it: made smaller, encoded at a low rate, captioned, and encoded once more. */
import { z } from 'zod';
import type { Distortion, Frame, Perturbation } from '../types.ts';
import { drawCaption } from './caption.ts';
import { throughH264 } from './h264.ts';
import { inTurn, onFrames } from './on-clips.ts';
import { throughSize } from './resize.ts';

const options = z.strictObject({
  /** Of both encodes. */
  crf: z.array(z.int().min(0).max(51)).min(1).default([28, 33, 38]),
});

/** Pixels of the shorter side that messengers send. */
const sidePx = 480;

/** Smaller frames stay as they are: nobody is sent a larger copy. */
async function to480p(frame: Frame): Promise<Frame> {
  const scale = sidePx / Math.min(frame.width, frame.height);
  if (scale >= 1) return frame;
  return throughSize(frame, Math.round(scale * frame.width), Math.round(scale * frame.height));
}

const chain = (crf: number): Distortion =>
  inTurn(onFrames(to480p), throughH264(crf), onFrames(drawCaption), throughH264(crf));

export const messenger: Perturbation<z.infer<typeof options>> = {
  name: 'messenger',
  cite: '480p, H.264 at a low rate, a caption laid over it, H.264 again',
  options,
  series: ({ crf }) => [
    {
      name: 'messenger',
      changes: 'picture',
      levels: crf.map((factor) => ({ severity: `CRF ${factor} twice, caption`, distort: chain(factor) })),
    },
  ],
};

/** Every frame made smaller and as large as before again (Lanczos, 3 lobes, both ways). */
import { z } from 'zod';
import { resizeFrame } from '../media/images.ts';
import type { Frame, Perturbation } from '../types.ts';
import { onFrames } from './on-clips.ts';

const options = z.strictObject({
  /** Of width and height. */
  scale: z.array(z.number().gt(0).lt(1)).min(1).default([0.75, 0.5, 0.25]),
});

/** There and back. */
export async function throughSize(frame: Frame, width: number, height: number): Promise<Frame> {
  const small = await resizeFrame(frame, width, height, 'fill');
  return resizeFrame(small, frame.width, frame.height, 'fill');
}

export const resize: Perturbation<z.infer<typeof options>> = {
  name: 'resize',
  cite: 'what a smaller copy leaves of a picture',
  options,
  series: ({ scale }) => [
    {
      name: 'resize',
      changes: 'picture',
      levels: scale.map((s) => ({
        severity: `× ${s} and back`,
        distort: onFrames((frame) =>
          throughSize(
            frame,
            Math.max(1, Math.round(s * frame.width)),
            Math.max(1, Math.round(s * frame.height)),
          ),
        ),
      })),
    },
  ],
};

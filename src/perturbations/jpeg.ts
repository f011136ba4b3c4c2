/** Every frame stored as a JPEG and read again. */
import { z } from 'zod';
import { throughJpeg } from '../media/images.ts';
import type { Perturbation } from '../types.ts';
import { onFrames } from './on-clips.ts';

const options = z.strictObject({
  /** Of libvips, 1 to 100, chroma at half size. */
  quality: z.array(z.int().min(1).max(100)).min(1).default([90, 70, 50, 30, 10]),
});

export const jpeg: Perturbation<z.infer<typeof options>> = {
  name: 'jpeg',
  cite: 'ITU-T T.81; real JPEG, which DeeperForensics calls only its pixelation by',
  options,
  series: ({ quality }) => [
    {
      name: 'jpeg',
      changes: 'picture',
      levels: quality.map((q) => ({
        severity: `quality ${q}`,
        distort: onFrames((frame) => throughJpeg(frame, q)),
      })),
    },
  ],
};

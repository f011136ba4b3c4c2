import { z } from 'zod';
import type { Detector } from '../../src/types.ts';

/** Says how bright the patch in row 2 and column 5 of eight by eight is, mean over the frames. */
export const cornerDetector: Detector = {
  name: 'corner',
  cite: 'none',
  options: z.object({}),
  family: 'spatial',
  judges: 'video',
  needs: 'frames',
  label: () => 'corner',
  load: async () => ({
    async score(clip) {
      let [sum, count] = [0, 0];
      for await (const { width, height, data } of clip.frames())
        for (let y = height / 4; y < (height * 3) / 8; y++)
          for (let x = (width * 5) / 8; x < (width * 6) / 8; x++) {
            sum += data[3 * (y * width + x)]!;
            count++;
          }
      return sum / count;
    },
  }),
};

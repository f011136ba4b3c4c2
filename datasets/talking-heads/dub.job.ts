/** Puts another clip's sound under a clip's picture: nothing is forged, the two just do not belong together. */
import { join } from 'node:path';
import { dubClip } from '../../src/media/dub.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Media } from '../../src/types.ts';

export const dub = defineJob({
  name: 'dub-clip',
  module: import.meta.url,
  threads: 1,
  run: ({ picture, sound }: { picture: Media; sound: Media }, work): Promise<Media> =>
    dubClip(join(work.folder, 'dubbed.mp4'), picture, sound),
});

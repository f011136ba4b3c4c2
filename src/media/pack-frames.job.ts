/** Single pictures as one film without loss: a data set that brings cut-out frames brings no video, and a clip is one file. */
import { join } from 'node:path';
import { defineJob } from '../pipeline/job.ts';
import type { FileRef, Media } from '../types.ts';

export const packFrames = defineJob({
  name: 'pack-frames',
  module: import.meta.url,
  threads: 1,
  async run({ pictures, fps }: { pictures: FileRef[]; fps: number }, work): Promise<Media> {
    const [{ packLossless }, { readImage }] = await Promise.all([import('./pack.ts'), import('./images.ts')]);
    const first = await readImage(pictures[0]!.path);
    async function* frames() {
      yield first;
      for (const { path } of pictures.slice(1)) yield await readImage(path);
    }
    const { width, height } = first;
    return packLossless(join(work.folder, 'frames.mkv'), { frames: frames(), fps, width, height });
  },
});

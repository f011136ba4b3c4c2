/**
 * The second encode that everything scored has gone through: a fake is decoded, changed and encoded, so a real clip is
 * decoded and encoded too, with the same settings (rule 1 of a fair experiment). Frames and samples stay as decoded.
 */
import { join } from 'node:path';
import type { Clip, Media } from '../types.ts';
import { defineJob } from './job.ts';

export const publishClip = defineJob({
  name: 'publish-real',
  module: import.meta.url,
  threads: 1,
  async run({ clip }: { clip: Clip }, work): Promise<Media> {
    const { reencodeClip } = await import('../media/reencode.ts');
    return reencodeClip(join(work.folder, 'clip.mp4'), clip.media);
  },
});

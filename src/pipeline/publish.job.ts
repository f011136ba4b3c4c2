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
    const { decodeAudio, decodeFrames } = await import('../media/decode.ts');
    const { encodeClip } = await import('../media/encode.ts');
    const { video, audio, path } = clip.media;
    if (!video) throw new Error(`${clip.id}: only clips with a picture are published`);
    const out = join(work.folder, 'clip.mp4');
    const sound = audio ? { audio: await decodeAudio(path, audio.sampleRate) } : {};
    return encodeClip(out, {
      frames: decodeFrames(path),
      fps: video.fps,
      width: video.width,
      height: video.height,
      ...sound,
    });
  },
});

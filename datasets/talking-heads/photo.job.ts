/** Takes a photo of a person while they are filmed: the middle frame of a clip, without sound, with its track. */
import { join } from 'node:path';
import { readTrack, writeTrack } from '../../src/head/track.ts';
import { writePng } from '../../src/media/images.ts';
import { probe } from '../../src/media/probe.ts';
import { numbered } from '../../src/media/sample-frames.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { FileRef, Media } from '../../src/types.ts';

type Input = { media: Media; track: FileRef };
export type Photo = { media: Media; track: FileRef };

export const takePhoto = defineJob<Input, Photo>({
  name: 'take-photo',
  module: import.meta.url,
  threads: 1,
  async run({ media, track }, { folder, keep }) {
    const { decodeFrames } = await import('../../src/media/decode.ts');
    const middle = Math.floor(media.video!.frameCount / 2);
    const path = join(folder, 'photo.png');
    for await (const [t, frame] of numbered(decodeFrames(media.path)))
      if (t === middle) await writePng(path, frame);
    const { frames, ...tracked } = await readTrack(track.path);
    await writeTrack(join(folder, 'track.safetensors'), { ...tracked, frames: [frames[middle]!] });
    return { media: await probe(path), track: await keep('track.safetensors') };
  },
});

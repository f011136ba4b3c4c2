/** Cutting a stretch out of a film. Every part goes this way, so that what is fitted on and what is scored have had the same encodes. */
import { join } from 'node:path';
import type { Audio, Frame, Media } from '../types.ts';
import { defineJob } from './job.ts';

/** `from`: the first frame, `to`: the one after the last. */
export type Cut = { media: Media; from: number; to: number };

/** A clip of the frames and of the sound in their time. @throws ItemError as `decodeFrames` and `decodeAudio`. */
export const cutFilm = defineJob({
  name: 'cut',
  module: import.meta.url,
  threads: 1,
  async run({ media, from, to }: Cut, work): Promise<Media> {
    const { decodeAudio, decodeFrames } = await import('../media/decode.ts');
    const { encodeClip } = await import('../media/encode.ts');
    const { path, video, audio } = media;
    if (!video) throw new Error(`${path}: cut without a picture`);
    const { fps, width, height, frameCount } = video;
    return encodeClip(join(work.folder, 'part.mp4'), {
      frames: between(decodeFrames(path, { frameCount }), from, to),
      fps,
      width,
      height,
      ...(audio
        ? { audio: soundBetween(await decodeAudio(path, audio.sampleRate), from / fps, to / fps) }
        : {}),
    });
  },
});

async function* between(frames: AsyncIterable<Frame>, from: number, to: number): AsyncGenerator<Frame> {
  let index = 0;
  for await (const frame of frames) if (index++ >= from && index <= to) yield frame;
}

function soundBetween({ sampleRate, samples }: Audio, start: number, end: number): Audio {
  return { sampleRate, samples: samples.slice(Math.round(start * sampleRate), Math.round(end * sampleRate)) };
}

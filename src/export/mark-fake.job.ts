/** One fake → a copy with a visible label in its picture and the mark in its container. */
import { join } from 'node:path';
import { ItemError } from '../errors.ts';
import { defineJob } from '../pipeline/job.ts';
import type { Frame, Work } from '../types.ts';
import { labeller } from './label.ts';

export type MarkInput = { path: string; generator: string; label: boolean };

/** Returns the name of the file in its folder. */
export const markFake = defineJob<MarkInput, string>({
  name: 'mark-fake',
  module: import.meta.url,
  threads: 1,
  run,
});

/** @throws ItemError E_NOT_APPLICABLE for sound alone, which shows no label. */
async function run({ path, generator, label }: MarkInput, work: Work): Promise<string> {
  const { decodeAudio, decodeFrames, soundSeconds } = await import('../media/decode.ts');
  const { encodeClip } = await import('../media/encode.ts');
  const { probe } = await import('../media/probe.ts');
  const { provenanceComment } = await import('../media/provenance.ts');
  const media = await probe(path);
  const { video, audio } = media;
  if (!video)
    throw new ItemError(
      'E_NOT_APPLICABLE',
      `${path}: sound alone shows no label, so it stays in the run folder`,
    );
  const frames = decodeFrames(path, { frameCount: video.frameCount });
  const seconds = soundSeconds(media);
  await encodeClip(join(work.folder, 'marked.mp4'), {
    frames: label ? labelled(frames, labeller(video.width, video.height)) : frames,
    fps: video.fps,
    width: video.width,
    height: video.height,
    comment: provenanceComment(generator),
    ...(audio && seconds !== undefined
      ? { audio: await decodeAudio(path, audio.sampleRate, { seconds }) }
      : {}),
  });
  return 'marked.mp4';
}

async function* labelled(
  frames: AsyncIterable<Frame>,
  label: (frame: Frame) => Frame,
): AsyncGenerator<Frame> {
  for await (const frame of frames) yield label(frame);
}

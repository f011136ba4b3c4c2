/** A clip as detectors see it: pixels and samples, decoded once where they fit into memory. */
import { ItemError } from '../errors.ts';
import type { Audio, Clip, Frame, OpenClip } from '../types.ts';
import { decodeAudio, decodeFrames, soundSeconds } from './decode.ts';
import { probe } from './probe.ts';

/** Raw frames up to this size are kept for the next reader; larger clips are decoded again. */
export const keptBytes = 128 * 1024 * 1024;

/**
 * Opens a clip; nothing is read before it is asked for. Sound comes at the rate of the file.
 * A clip that never had picture or sound gives ItemError E_NOT_APPLICABLE for it; one that could not be probed gives the reason why.
 */
export function openClip(clip: Clip): OpenClip {
  let kept: Promise<Frame[]> | undefined;
  let sound: Promise<Audio> | undefined;
  return {
    clip,
    async *frames() {
      const { path, video } = clip.media;
      if (!video) throw await missing(clip, 'picture');
      const { width, height, frameCount } = video;
      const decode = (): AsyncIterable<Frame> => decodeFrames(path, { frameCount });
      if (3 * width * height * frameCount > keptBytes) yield* decode();
      else yield* await (kept ??= collect(decode()));
    },
    async audio() {
      const { media } = clip;
      const seconds = soundSeconds(media);
      if (!media.audio || seconds === undefined) throw await missing(clip, 'sound');
      sound ??= decodeAudio(media.path, media.audio.sampleRate, { seconds });
      return sound;
    },
  };
}

/** All of them, in order. */
export async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const list: Frame[] = [];
  for await (const frame of frames) list.push(frame);
  return list;
}

/** Why there is none: the file is damaged, or it never had it. */
async function missing({ id, media }: Clip, what: 'picture' | 'sound'): Promise<Error> {
  if (!media.video && !media.audio) await probe(media.path);
  return new ItemError(
    'E_NOT_APPLICABLE',
    `${id}: ${media.path} has no ${what}, so there is nothing to judge in it`,
  );
}

import type { Audio, OpenClip } from '../types.ts';
import { decodeAudio, soundSeconds } from './decode.ts';

/** The sound of a clip at `sampleRate` Hz: the one already decoded where it has that rate. @throws ItemError as `OpenClip.audio`. */
export async function soundAt(open: OpenClip, sampleRate: number): Promise<Audio> {
  const { path, audio } = open.clip.media;
  const seconds = soundSeconds(open.clip.media);
  if (!audio || seconds === undefined || audio.sampleRate === sampleRate) return open.audio();
  return decodeAudio(path, sampleRate, { seconds });
}

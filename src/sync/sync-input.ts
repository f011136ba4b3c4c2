/** Picture and sound of a clip as sync networks take them. */
import { ItemError } from '../errors.ts';
import { decodeAudio, soundSeconds } from '../media/decode.ts';
import { openClip } from '../media/open-clip.ts';
import type { Audio, Clip, OpenClip } from '../types.ts';
import { mouthsOf } from './mouth-crops.ts';

export const soundRate = 16000;

/** `crops`: the mouth in every frame (`mouthsOf`). `sound`: mono at 16 kHz, as long as the frames last. */
export type SyncInput = { fps: number; crops: Float32Array[]; sound: Audio };

/**
 * Reads a clip.
 * @throws ItemError E_NOT_APPLICABLE without a face track or without sound; what decoding throws.
 */
export async function readSyncInput(open: OpenClip): Promise<SyncInput> {
  refuseSilent(open.clip);
  const crops = await mouthsOf(open);
  return withSoundOf(open.clip, { fps: open.clip.media.video!.fps, crops });
}

/** The same for a clip that nobody has opened. */
export const readClip = (clip: Clip): Promise<SyncInput> => readSyncInput(openClip(clip));

/** A picture together with the sound of `clip`, cut or filled up to its length. Throws as `readSyncInput`. */
export async function withSoundOf(
  clip: Clip,
  { fps, crops }: Pick<SyncInput, 'fps' | 'crops'>,
): Promise<SyncInput> {
  refuseSilent(clip);
  const seconds = soundSeconds(clip.media);
  const { samples } = await decodeAudio(clip.media.path, soundRate, seconds === undefined ? {} : { seconds });
  const exact = new Float32Array(Math.round((crops.length / fps) * soundRate));
  exact.set(samples.subarray(0, exact.length));
  return { fps, crops, sound: { sampleRate: soundRate, samples: exact } };
}

function refuseSilent({ id, media }: Clip): void {
  if (media.audio === undefined)
    throw new ItemError('E_NOT_APPLICABLE', `${id}: has no sound to compare the lips with`);
}

/** A pair of networks that say whether lips and sound belong together, and what can be asked of any such pair. */
import { ItemError } from '../errors.ts';
import { offsetCurve, readCurve, type Sync } from './offsets.ts';
import type { SyncInput } from './sync-input.ts';

/** Rows of `width` values, one per video frame, comparable between picture and sound. */
export type SyncRows = { picture: Float32Array; sound: Float32Array };
export type SyncNet = { width: number; embed(input: SyncInput): Promise<SyncRows>; close(): void };

/** Offset, confidence and distance of a clip. Throws ItemError E_TOO_SHORT for one of less than about a second. */
export async function syncOf(net: SyncNet, input: SyncInput): Promise<Sync> {
  const { picture, sound } = await net.embed(input);
  const curve = offsetCurve(picture, sound, net.width);
  if (curve) return readCurve(curve);
  throw new ItemError('E_TOO_SHORT', `${input.crops.length} frames are too few to compare lips and sound`);
}

/** The clip with its sound moved by whole video frames: later where `frames` is above 0; silence comes in at the end that is left. */
export function shiftSound(input: SyncInput, frames: number): SyncInput {
  const { sampleRate, samples } = input.sound;
  const by = Math.round((frames / input.fps) * sampleRate);
  const moved = new Float32Array(samples.length);
  if (by >= 0) moved.set(samples.subarray(0, Math.max(0, samples.length - by)), by);
  else moved.set(samples.subarray(-by));
  return { ...input, sound: { sampleRate, samples: moved } };
}

/** Finds the offset again after moving the sound by each of `shifts`: the error in frames, in the order of `shifts`. */
export async function offsetErrors(
  net: SyncNet,
  input: SyncInput,
  shifts: readonly number[],
): Promise<number[]> {
  const errors: number[] = [];
  for (const shift of shifts) errors.push((await syncOf(net, shiftSound(input, shift))).offset - shift);
  return errors;
}

/** A pair of networks that say whether lips and sound belong together, and what can be asked of any such pair. */
import { ItemError } from '../errors.ts';
import { offsetCurve, readCurve, type Sync } from './offsets.ts';
import type { SyncInput } from './sync-input.ts';

/** `see` looks at a clip's picture, `hear` at its sound: rows of `width` values, one per video frame, comparable with each other. */
export type SyncNet = {
  width: number;
  see(input: SyncInput): Promise<Float32Array>;
  hear(input: SyncInput): Promise<Float32Array>;
  close(): void;
};

/**
 * Offset, confidence and distance of a clip. `seen`: what `see` gave for the same picture, where that is known.
 * Throws ItemError E_TOO_SHORT for a clip of less than about a second.
 */
export async function syncOf(net: SyncNet, input: SyncInput, seen?: Float32Array): Promise<Sync> {
  const curve = offsetCurve(seen ?? (await net.see(input)), await net.hear(input), net.width);
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

/** Finds the offset again after moving the sound by each of `shifts`: the error in frames, in the order of `shifts`. `seen`: as for `syncOf`. */
export async function offsetErrors(
  net: SyncNet,
  input: SyncInput,
  shifts: readonly number[],
  seen?: Float32Array,
): Promise<number[]> {
  const picture = seen ?? (await net.see(input));
  const errors: number[] = [];
  for (const shift of shifts)
    errors.push((await syncOf(net, shiftSound(input, shift), picture)).offset - shift);
  return errors;
}

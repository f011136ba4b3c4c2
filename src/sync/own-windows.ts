/** What the networks of `sync-own` are shown of a clip. */
import { mfcc, mfccCount } from '../dsp/mfcc.ts';
import { movementOf } from './movement.ts';
import { framesSeen, rowsHeard } from './own-net.ts';
import type { Audio } from '../types.ts';
import { standardizeColumns } from './standardize.ts';
import type { SyncInput } from './sync-input.ts';

const rowsPerSecond = 100;
/** A row's 25 ms begin at its number times 10 ms. */
const rowMiddleSeconds = 0.0125;

/** Rows of cepstra, and how many frames there are to the second of them. */
export type Heard = { fps: number; cepstra: Float32Array };
export type Prepared = Heard & { crops: Float32Array[] };

/** The movement in each crop (`movementOf`), and the cepstra (`cepstraOf`). */
export function prepare({ fps, crops, sound }: SyncInput): Prepared {
  return { fps, crops: movementOf(crops), cepstra: cepstraOf(sound) };
}

/** MFCC with mean 0 and variance 1 over the clip, 100 rows a second. */
export function cepstraOf({ samples, sampleRate }: Audio): Float32Array {
  return standardizeColumns(mfcc(samples, sampleRate, 1 / rowsPerSecond).rows, mfccCount);
}

/** The nine frames around frame `t`, held at the clip's ends. */
export function framesAround(t: number, frameCount: number): number[] {
  const first = t - (framesSeen - 1) / 2;
  return Array.from({ length: framesSeen }, (_, i) => Math.max(0, Math.min(frameCount - 1, first + i)));
}

/** Writes the sound around the middle of frame `t` as [36, 26] into `out` from `at` on, zeros beyond the ends. */
export function putSound(out: Float32Array, at: number, { cepstra, fps }: Heard, t: number): void {
  const middle = Math.round(rowsPerSecond * ((t + 0.5) / fps - rowMiddleSeconds));
  const first = (middle - rowsHeard / 2) * mfccCount;
  for (let i = 0; i < rowsHeard * mfccCount; i++) out[at + i] = cepstra[first + i] ?? 0;
}

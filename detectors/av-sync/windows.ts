/** What the two networks are shown of a clip. */
import { meydaMfcc, meydaMfccCount } from '../../src/dsp/meyda.ts';
import { movementOf } from '../../src/sync/movement.ts';
import { standardizeColumns } from '../../src/sync/standardize.ts';
import type { SyncInput } from '../../src/sync/sync-input.ts';
import { framesSeen, rowsHeard } from './network.ts';

const rowsPerSecond = 100;
const reach = (framesSeen - 1) / 2;

/** A clip's pictures and cepstra, normalised; `count` windows can be cut, one per frame but for two at either end. */
export type Prepared = { count: number; fps: number; pictures: Float32Array[]; cepstra: Float32Array };

/** The movement in each crop (`movementOf`); MFCC with mean 0 and variance 1 over the clip. */
export const prepare = (input: SyncInput): Prepared => ({ ...prepareSound(input), ...preparePicture(input) });

export const preparePicture = ({ crops }: SyncInput) => ({
  count: windowCount(crops.length),
  pictures: movementOf(crops),
});

export const prepareSound = ({ fps, crops, sound }: SyncInput) => ({
  count: windowCount(crops.length),
  fps,
  cepstra: standardizeColumns(meydaMfcc(sound.samples).rows, meydaMfccCount),
});

const windowCount = (frameCount: number): number => Math.max(0, frameCount - 2 * reach);

/** Writes window `i` (0 ≤ i < count) of `pictures` as [32, 48, 5] into `out` from `at` on. */
export function putPicture(
  out: Float32Array,
  at: number,
  pictures: readonly Float32Array[],
  i: number,
): void {
  for (let k = 0; k < framesSeen; k++) {
    const picture = pictures[i + k]!;
    for (let pixel = 0; pixel < picture.length; pixel++) out[at + pixel * framesSeen + k] = picture[pixel]!;
  }
}

/** Writes the sound of window `i` as [20, 13] into `out` from `at` on: the rows around the middle of its middle frame, zeros beyond the ends. */
export function putSound(
  out: Float32Array,
  at: number,
  { cepstra, fps }: Pick<Prepared, 'cepstra' | 'fps'>,
  i: number,
): void {
  const first = Math.round((rowsPerSecond * (i + reach + 0.5)) / fps) - rowsHeard / 2;
  for (let j = 0; j < rowsHeard * meydaMfccCount; j++) out[at + j] = cepstra[first * meydaMfccCount + j] ?? 0;
}

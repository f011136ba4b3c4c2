/** The mouths of clips, what is seen of them, and windows of that. */
import { ItemError } from '../../src/errors.ts';
import { concat, openRowModel, type RowModel, runRows } from '../../src/compute/rows.ts';
import { readTrack } from '../../src/head/track.ts';
import { cropHeight, cropWidth, mouthCrops } from '../../src/sync/mouth-crops.ts';
import { movementOf } from '../../src/sync/movement.ts';
import type { OpenClip } from '../../src/types.ts';
import { featureCount } from './network.ts';

export const cropShape = [cropHeight, cropWidth, 1] as const;
export const cropValues = cropHeight * cropWidth;
/** Crops the exported network looks at, at once. */
export const lookShape = [20, ...cropShape] as const;

/**
 * The movement in the mouth's crop of every frame.
 * @throws ItemError E_NOT_APPLICABLE without a face track or with fewer frames than `frames`; what decoding throws.
 */
export async function readMouth(open: OpenClip, frames: number): Promise<Float32Array[]> {
  const { id, track } = open.clip;
  const notApplicable = (cause: string): ItemError => new ItemError('E_NOT_APPLICABLE', `${id}: ${cause}`);
  if (!track) throw notApplicable('has no face track, so nobody knows where the mouth is');
  const crops = movementOf(await mouthCrops(open.frames(), await readTrack(track.path)));
  if (crops.length < frames)
    throw notApplicable(`has ${crops.length} frames, and movement is judged over ${frames}`);
  return crops;
}

/** What the frozen network sees of each crop, row by row. */
export type Look = (crops: readonly Float32Array[]) => Promise<Float32Array>;

export async function openLook(file: string | Uint8Array): Promise<{ look: Look; close(): void }> {
  const model = await openRowModel(file, lookShape);
  return { look: (crops) => runRows(model, concat([...crops])), close: () => model.network.close() };
}

/** First frames of windows of `frames` that cover a clip of `frameCount`, each half over the one before, the last at its end. */
export function windowStarts(frameCount: number, frames: number): number[] {
  const last = frameCount - frames;
  const count = Math.ceil(last / Math.ceil(frames / 2)) + 1;
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * last) / (count - 1))));
}

/** The second network with its judgement, for windows of so many frames. */
export const openMotion = (file: string | Uint8Array, frames: number): Promise<RowModel> =>
  openRowModel(file, [1, frames, featureCount]);

/** The mean logit of being fake over the windows of what was seen of a clip. */
export async function scoreSeen(motion: RowModel, seen: Float32Array): Promise<number> {
  const frames = motion.shape[1]!;
  const starts = windowStarts(seen.length / featureCount, frames);
  const windows = starts.map((start) => seen.subarray(start * featureCount, (start + frames) * featureCount));
  const logits = await runRows(motion, concat(windows));
  return logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
}

/** The mouths of clips, what is seen of them, and windows of that. */
import { openRowModel, type RowModel, runRows, concat } from '../../src/compute/rows.ts';
import { ItemError } from '../../src/errors.ts';
import { mouthsOf } from '../../src/sync/mouth-crops.ts';
import { movementOf } from '../../src/sync/movement.ts';
import type { OpenClip } from '../../src/types.ts';
import { type Net, pictureShape, seenCount } from './network.ts';

/**
 * The movement in the mouth's crop of every frame.
 * @throws ItemError E_NOT_APPLICABLE without a face track or with fewer frames than `frames`; as `mouthsOf`.
 */
export async function readMouth(open: OpenClip, { window }: Net, frames: number): Promise<Float32Array[]> {
  const crops = movementOf(await mouthsOf(open, window));
  if (crops.length >= frames) return crops;
  throw new ItemError(
    'E_NOT_APPLICABLE',
    `${open.clip.id}: has ${crops.length} frames, and movement is judged over ${frames}`,
  );
}

/** What is looked at in each of `count` frames from `first` on: the crop and its neighbours, held at the clip's ends. [count, ...`pictureShape`]. */
export function picturesOf(
  crops: readonly Float32Array[],
  net: Net,
  first = 0,
  count = crops.length,
): Float32Array {
  const depth = 2 * net.reach + 1;
  const size = net.window.width * net.window.height;
  const pictures = new Float32Array(count * size * depth);
  for (let t = 0; t < count; t++)
    for (let k = 0; k < depth; k++) {
      const crop = crops[Math.max(0, Math.min(crops.length - 1, first + t + k - net.reach))]!;
      for (let pixel = 0; pixel < size; pixel++) pictures[(t * size + pixel) * depth + k] = crop[pixel]!;
    }
  return pictures;
}

/** Pictures the exported first network looks at, at once. */
export const lookShape = (net: Net) => [20, ...pictureShape(net)] as const;

/** What the first network sees of each crop, row by row. */
export type Look = (crops: readonly Float32Array[]) => Promise<Float32Array>;

export async function openLook(file: string, net: Net): Promise<{ look: Look; close(): void }> {
  const model = await openRowModel(file, lookShape(net));
  return { look: (crops) => runRows(model, picturesOf(crops, net)), close: () => model.network.close() };
}

/** The second network with its judgement, for windows of so many frames. */
export const openMotion = (file: string | Uint8Array, net: Net, frames: number): Promise<RowModel> =>
  openRowModel(file, [1, frames, seenCount(net)]);

/** The mean logit of being fake over the windows of what was seen of a clip. */
export async function scoreSeen(motion: RowModel, seen: Float32Array): Promise<number> {
  const [, frames, width] = motion.shape as [number, number, number];
  const windows = windowStarts(seen.length / width, frames).map((start) =>
    seen.subarray(start * width, (start + frames) * width),
  );
  const logits = await runRows(motion, concat(windows));
  return logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
}

/** First frames of windows of `frames` that cover a clip of `frameCount`, each at least half over the one before, the last at its end. */
export function windowStarts(frameCount: number, frames: number): number[] {
  const last = frameCount - frames;
  const steps = Math.ceil(last / Math.floor(frames / 2));
  return Array.from({ length: steps + 1 }, (_, i) => (steps === 0 ? 0 : Math.round((i * last) / steps)));
}

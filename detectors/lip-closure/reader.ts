/**
 * Reads from pixels how far lips are open: the mouth's movement on a coarse grid, and a ridge regression on genuine clips whose openings
 * are known. Movement has neither skin nor light in it, so openings come in units of their own spread over the clip, 0 their mean.
 */
import { readFile } from 'node:fs/promises';
import { ItemError } from '../../src/errors.ts';
import { lipOpeningMm } from '../../src/head/lip-opening.ts';
import { readTrack, vertices } from '../../src/head/track.ts';
import { closureFrames, type LipOpenings, vowelFrames } from '../../src/speech/lip-closure.ts';
import { cropHeight, cropWidth, mouthsOf } from '../../src/sync/mouth-crops.ts';
import { movementOf } from '../../src/sync/movement.ts';
import type { Model, OpenClip } from '../../src/types.ts';

/** Pixels of a crop in a cell, across and down. */
const cellPx = 4;
const [columns, rows] = [cropWidth / cellPx, cropHeight / cellPx];
export const inputs = columns * rows + 1;

/** `weights`: of each cell and the constant. Lips are read as closed below `closedBelow`. */
export type Reader = { weights: number[]; closedBelow: number };

export async function loadReader(model: Model | undefined): Promise<Reader> {
  const file = model?.files['reader'];
  if (!file) throw new Error('lip-closure must be trained before it can score');
  return JSON.parse(await readFile(file.path, 'utf8')) as Reader;
}

/** The mouth of a clip: `cells` [frames, inputs] row by row, and when its lips should close and open. */
export type Mouth = { cells: Float64Array; frameCount: number; closures: number[][]; vowels: number[][] };

/** @throws ItemError E_NOT_APPLICABLE without a face track, the times of its phones, or a /p b m/; what decoding throws. */
export async function readMouth(open: OpenClip): Promise<Mouth> {
  const { id, media, phones } = open.clip;
  const notApplicable = (cause: string): ItemError => new ItemError('E_NOT_APPLICABLE', `${id}: ${cause}`);
  if (!media.audio || !phones) throw notApplicable('nobody knows when which phone is spoken');
  const crops = movementOf(await mouthsOf(open));
  const times = [phones, media.video?.fps ?? 0, crops.length] as const;
  const [closures, vowels] = [closureFrames(...times), vowelFrames(...times)];
  if (closures.length === 0) throw notApplicable('no p, b or m is spoken in it');
  return { cells: cellsOf(crops), frameCount: crops.length, closures, vowels };
}

/** Means of the crop's cells, and a 1 for the constant. */
export function cellsOf(crops: readonly Float32Array[]): Float64Array {
  const cells = new Float64Array(crops.length * inputs);
  for (const [t, crop] of crops.entries()) {
    for (let i = 0; i < crop.length; i++) {
      const [column, row] = [Math.floor((i % cropWidth) / cellPx), Math.floor(i / cropWidth / cellPx)];
      cells[t * inputs + row * columns + column]! += crop[i]! / cellPx ** 2;
    }
    cells[(t + 1) * inputs - 1] = 1;
  }
  return cells;
}

/** What the reader says of every frame, over its own spread and mean as the openings it learned from. */
export function readOpenings({ weights }: Pick<Reader, 'weights'>, { cells, frameCount }: Mouth): number[] {
  return standardized(
    Array.from({ length: frameCount }, (_, t) =>
      weights.reduce((sum, weight, j) => sum + weight * cells[t * inputs + j]!, 0),
    ),
  );
}

/** The true openings of the clip's track. Throws ItemError as `readTrack`. */
export async function trueOpenings({ clip }: OpenClip, frameCount: number): Promise<number[]> {
  const track = await readTrack(clip.track!.path);
  return standardized(
    Array.from({ length: frameCount }, (_, t) => lipOpeningMm(track.mesh, vertices(track, t))),
  );
}

/** Mean 0 and deviation 1; all 0 where nothing changes. */
export function standardized(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (deviation > 1e-9 ? (value - mean) / deviation : 0));
}

/** The least opening at each /p b m/ and the greatest at each vowel. */
export function extremes(openings: readonly number[], { closures, vowels }: Mouth): LipOpenings {
  const at = (frames: readonly number[]): number[] => frames.map((t) => openings[t]!);
  return {
    closures: closures.map((frames) => Math.min(...at(frames))),
    vowels: vowels.map((frames) => Math.max(...at(frames))),
  };
}

/** Share of the /p b m/ of a clip at which the lips are read as closed, 0 to 1. */
export function shareClosed(reader: Reader, mouth: Mouth): number {
  const { closures } = extremes(readOpenings(reader, mouth), mouth);
  return closures.filter((opening) => opening < reader.closedBelow).length / closures.length;
}

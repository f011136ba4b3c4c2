/** Portraits of clips as rows of features, as they are or spoiled in a known way. */
import { join } from 'node:path';
import { openRowModel, runRows } from '../compute/rows.ts';
import { middlePortraits, portraitsOf } from '../faces/portrait.ts';
import { blurFrame } from '../media/images.ts';
import { personOf } from '../pairs.ts';
import { defineJob } from '../pipeline/job.ts';
import { createRng, type Rng } from '../random.ts';
import { readTensors, writeTensors } from '../tensors.ts';
import type { Clip, FileRef, Frame, Work } from '../types.ts';
import { embedShape, featureCount, portraitPx } from './own-embedding.ts';

/** `blurred`, `noisy`: by a standard deviation of 1.5 px, of 16 grey levels. `mean`: the mean of all portraits in place of each. */
export type Spoiling = 'none' | 'blurred' | 'noisy' | 'mean';
type Input = { clips: Clip[]; embedding: FileRef; spoiling: Spoiling; seed: number };
/** `rows`: a tensor file with `features` [N, 64]; `people`: whom each shows; `clips`: the clip that each is of. */
export type Embedded = { rows: FileRef; people: string[]; clips: string[] };

/** The features of embedded portraits, row by row, `width` values each. */
export async function readFeatures({ rows }: Embedded): Promise<{ rows: Float32Array; width: number }> {
  const { shape, data } = (await readTensors(rows.path))['features']!;
  return { rows: data as Float32Array, width: shape[1]! };
}

const frameStride = 8;
const blurPx = 1.5;
const noiseLevels = 16;

export const embedPortraits = defineJob<Input, Embedded>({
  name: 'kid-own-embed',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run({ clips, embedding, spoiling, seed }: Input, work: Work): Promise<Embedded> {
  const people: string[] = [];
  const ids: string[] = [];
  let portraits: Frame[] = [];
  for (const clip of clips) {
    const seen = clip.track
      ? portraitsOf([clip], portraitPx, frameStride)
      : middlePortraits(clip, portraitPx, frameStride);
    for await (const { portrait } of seen) {
      portraits.push(portrait);
      people.push(personOf(clip));
      ids.push(clip.id);
    }
  }
  const rng = createRng(seed, 'kid-own', 'noise');
  if (spoiling === 'blurred') portraits = await Promise.all(portraits.map((one) => blurFrame(one, blurPx)));
  if (spoiling === 'noisy') portraits = portraits.map((one) => noisy(one, rng));
  if (spoiling === 'mean') {
    const mean = meanOf(portraits);
    portraits = portraits.map(() => mean);
  }
  const size = portraitPx * portraitPx * 3;
  const inputs = new Float32Array(portraits.length * size);
  portraits.forEach(({ data }, i) =>
    inputs.set(
      Float32Array.from(data, (value) => value / 127.5 - 1),
      i * size,
    ),
  );
  const model = await openRowModel(embedding.path, embedShape);
  const data = await runRows(model, inputs);
  model.network.close();
  const features = { shape: [portraits.length, featureCount], data };
  await writeTensors(join(work.folder, 'features.safetensors'), { features });
  return { rows: await work.keep('features.safetensors'), people, clips: ids };
}

const noisy = ({ data, ...frame }: Frame, rng: Rng): Frame => ({
  ...frame,
  data: Uint8Array.from(data, (value) =>
    Math.max(0, Math.min(255, Math.round(value + rng.normal(0, noiseLevels)))),
  ),
});

function meanOf(frames: readonly Frame[]): Frame {
  const sum = new Float64Array(portraitPx * portraitPx * 3);
  for (const { data } of frames) data.forEach((value, i) => (sum[i]! += value));
  return {
    width: portraitPx,
    height: portraitPx,
    data: Uint8Array.from(sum, (value) => Math.round(value / frames.length)),
  };
}

import { join } from 'node:path';
import { gmmLfcc, lfcc } from '../src/dsp/lfcc.ts';
import { ItemError, unlessItemError, UserError } from '../src/errors.ts';
import { atomicWrite } from '../src/files.ts';
import { fitGmm, type Gmm } from '../src/learn/gmm.ts';
import { openClip } from '../src/media/open-clip.ts';
import { soundAt } from '../src/media/sound-at.ts';
import { defineJob } from '../src/pipeline/job.ts';
import { createRng } from '../src/random.ts';
import type { Examples, Model, OpenClip, Truth } from '../src/types.ts';

export type LfccGmm = Record<Truth, Gmm>;
type Input = { examples: Examples; components: number; seed: number };

const iterations = 10;

/** A mixture for genuine and one for forged sound, as published from training clips alone. */
export const trainLfccGmm = defineJob<Input, Model>({
  name: 'train-lfcc-gmm',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ examples, components, seed }, work) {
    const rows: Record<Truth, Float32Array[]> = { real: [], fake: [] };
    let leftOut = 0;
    for (const [i, { clip, truth }] of examples.train.entries()) {
      const found = await lfccRows(openClip(clip)).catch(unlessItemError);
      if (found) rows[truth].push(...found);
      else leftOut++;
      work.progress((0.3 * (i + 1)) / examples.train.length, 'listening');
    }
    for (const truth of ['real', 'fake'] as const)
      if (rows[truth].length < components)
        throw new UserError(
          `detector "lfcc-gmm" cannot learn: split "train" has ${rows[truth].length} windows of ${truth} sound, it needs ${components}. Add clips, or leave the detector out`,
        );
    const fit = (truth: Truth): Gmm =>
      fitGmm(rows[truth], components, iterations, createRng(seed, 'lfcc-gmm', truth));
    const real = fit('real');
    work.progress(0.65);
    const model: LfccGmm = { real, fake: fit('fake') };
    await atomicWrite(join(work.folder, 'gmm.json'), JSON.stringify(model));
    return {
      files: { gmm: await work.keep('gmm.json') },
      info: { components, windows: { real: rows.real.length, fake: rows.fake.length }, leftOut },
    };
  },
});

/** Rows of the sound at 16 kHz, as it was published for. Throws ItemError E_NOT_APPLICABLE without sound, E_TOO_SHORT for less than a window. */
export async function lfccRows(open: OpenClip): Promise<Float32Array[]> {
  const { samples, sampleRate } = await soundAt(open, 16000);
  const rows = lfcc(samples, sampleRate, gmmLfcc);
  if (rows.length > 0) return rows;
  throw new ItemError(
    'E_TOO_SHORT',
    `${open.clip.id}: ${samples.length} samples are too few for a window of ${gmmLfcc.windowSeconds} s`,
  );
}

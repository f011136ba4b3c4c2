/** The figures of all judged people with their intervals: thousands of resamples, too long for the main process. */
import { defineJob } from '../../src/pipeline/job.ts';
import type { Measured } from '../../src/types.ts';
import type { Judged, SwapQuality } from './evaluate.job.ts';

/**
 * `psnrDb/…`, `ssim/…`: a person's own face drawn again from held-out frames, inside the box of what is exchanged, beside their mean face.
 * `identityShare/…`: who of the two it is to a linear discriminant, 0 the target and 1 the source; of the swapped frames, of the
 * target's as they are and of the source's. `landmarkPx/…`: how far the landmarks' movement read from the swapped face is from the
 * target's (root mean square, pixels of a crop of 32), beside a face that does not move and the reader's error on filmed frames.
 * `flickerRatio`: second difference over time inside the face, over that of the filmed frames.
 */
const names = {
  psnrDb: 'psnrDb/face-swap',
  psnrDbMean: 'psnrDb/mean-face',
  ssim: 'ssim/face-swap',
  ssimMean: 'ssim/mean-face',
  identity: 'identityShare/face-swap',
  identityTarget: 'identityShare/copy-target',
  identitySource: 'identityShare/filmed-source',
  landmarkPx: 'landmarkPx/face-swap',
  landmarkPxMean: 'landmarkPx/mean-face',
  landmarkPxFilmed: 'landmarkPx/filmed-source',
  flicker: 'flickerRatio/face-swap',
} as const satisfies Record<keyof Judged, string>;

export const summarizeSwaps = defineJob({
  name: 'face-swap-summary',
  module: import.meta.url,
  threads: 1,
  async run({ people, seed }: { people: SwapQuality[]; seed: number }): Promise<Record<string, Measured>> {
    const { meanWithInterval, pairedDifference } = await import('../../src/metrics/bootstrap.ts');
    const { createRng } = await import('../../src/random.ts');
    const persons = people.map(({ person }) => person);
    const rng = createRng(seed, 'face-swap', 'quality');
    const each = (name: keyof Judged): number[] =>
      people.map(({ judged }) => judged[name].reduce((sum, value) => sum + value, 0) / judged[name].length);
    const figures: Record<string, Measured> = {};
    for (const [key, name] of Object.entries(names))
      figures[name] = meanWithInterval(each(key as keyof Judged), persons, { rng: rng.fork('bootstrap') });
    figures['psnrGainDb/mean-face'] = pairedDifference(each('psnrDb'), each('psnrDbMean'), persons, {
      rng: rng.fork('bootstrap'),
    });
    return figures;
  },
});

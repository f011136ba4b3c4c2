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

/** In photos and short films no frame is judged, in still ones no flicker; SSIM needs 11 pixels, which a mouth may not have. */
const nothingJudged = 'no film of a test person is long enough, large enough or moves enough to be judged';

export const summarizeSwaps = defineJob({
  name: 'face-swap-summary',
  module: import.meta.url,
  threads: 1,
  async run({ people, seed }: { people: SwapQuality[]; seed: number }): Promise<Record<string, Measured>> {
    const { meanWithInterval, pairedDifference } = await import('../../src/metrics/resampling.ts');
    const { createRng } = await import('../../src/random.ts');
    const rng = createRng(seed, 'face-swap', 'quality');
    const known = (name: keyof Judged) => people.filter(({ judged }) => judged[name].length > 0);
    const each = (name: keyof Judged): number[] =>
      known(name).map(
        ({ judged }) => judged[name].reduce((sum, value) => sum + value, 0) / judged[name].length,
      );
    const overPeople = (name: keyof Judged, less?: keyof Judged): Measured => {
      const persons = known(name).map(({ person }) => person);
      if (persons.length === 0) return { value: null, reason: nothingJudged };
      const options = { rng: rng.fork('bootstrap') };
      return less
        ? pairedDifference(each(name), each(less), persons, options)
        : meanWithInterval(each(name), persons, options);
    };
    const figures: Record<string, Measured> = {};
    for (const [key, name] of Object.entries(names)) figures[name] = overPeople(key as keyof Judged);
    figures['psnrGainDb/mean-face'] = overPeople('psnrDb', 'psnrDbMean');
    return figures;
  },
});

/** One detector judges one clip. */
import type { Clip } from '../types.ts';
import { defineJob } from './job.ts';
import { type DetectorRef, openForScoring, scoreWith } from './scorer.ts';

export type ScoreInput = DetectorRef & {
  clip: Clip;
  /** What the detectors that it asks say of the clip; null of one that it is no question for. */
  others?: (number | null)[];
};

export const scoreClip = defineJob({
  name: 'score',
  module: import.meta.url,
  threads: 1,
  async run({ clip, others, ...detector }: ScoreInput): Promise<{ score: number }> {
    return { score: await scoreWith(detector, await openForScoring(clip), others) };
  },
});

/** The figures of all judged people with their intervals: thousands of resamples, too long for the main process. */
import type { Measured } from '../../src/types.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { PersonQuality } from './evaluate.job.ts';

export const summarize = defineJob({
  name: 'puppetry-summary',
  module: import.meta.url,
  threads: 1,
  async run({ people, seed }: { people: PersonQuality[]; seed: number }): Promise<Record<string, Measured>> {
    const { createRng } = await import('../../src/random.ts');
    const { figuresOf } = await import('./summary.ts');
    return figuresOf(people, createRng(seed, 'puppetry', 'quality'));
  },
});

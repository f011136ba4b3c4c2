/** The figures of all judged people with their intervals: thousands of resamples, too long for the main process. */
import { defineJob } from '../../src/pipeline/job.ts';
import type { PersonQuality } from './evaluate.job.ts';
import type { Figures } from './summary.ts';

export const summarize = defineJob({
  name: 'puppetry-summary',
  module: import.meta.url,
  threads: 1,
  async run({ people, seed }: { people: PersonQuality[]; seed: number }): Promise<Figures> {
    const { createRng } = await import('../../src/random.ts');
    const { figuresOf } = await import('./summary.ts');
    return figuresOf(people, createRng(seed, 'puppetry', 'quality'));
  },
});

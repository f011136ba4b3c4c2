/** The metrics of one detector against one generator: thousands of resamples, too long for the main process. */
import type { DetectionMetrics, ScoredItem } from '../metrics/detection.ts';
import { defineJob } from './job.ts';

export type MeasureInput = {
  items: ScoredItem[];
  seed: number;
  generator: string;
  replicates: number;
  /** Chosen elsewhere. */
  threshold?: number;
};

export const measureItems = defineJob({
  name: 'measure',
  module: import.meta.url,
  threads: 1,
  async run({ items, seed, generator, replicates, threshold }: MeasureInput): Promise<DetectionMetrics> {
    const { measureScores } = await import('../metrics/detection.ts');
    const { createRng } = await import('../random.ts');
    // The same resamples for every detector of a generator, so that their intervals can be compared.
    return measureScores(items, {
      rng: createRng(seed, 'bootstrap', generator),
      replicates,
      ...(threshold === undefined ? {} : { threshold }),
    });
  },
});

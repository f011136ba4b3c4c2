/** The slices of one detector against one generator, in a worker for the same reason as `measure`. */
import type { AttributedItem, Slice } from '../metrics/slices.ts';
import { defineJob } from './job.ts';

type SlicesInput = { items: AttributedItem[]; seed: number; generator: string; replicates: number };

export const measureSlicesJob = defineJob({
  name: 'slices',
  module: import.meta.url,
  threads: 1,
  async run({ items, seed, generator, replicates }: SlicesInput): Promise<Slice[]> {
    const { measureSlices } = await import('../metrics/slices.ts');
    const { createRng } = await import('../random.ts');
    return measureSlices(items, () => ({ rng: createRng(seed, 'slices', generator), replicates }));
  },
});

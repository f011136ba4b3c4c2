/** A model that somebody brings along is opened and run once, in a worker process, before anything rests on it. */
import { defineJob } from '../pipeline/job.ts';
import type { Model } from '../types.ts';

export const tryModel = defineJob({
  name: 'try-model',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ model }: { model: Model }): Promise<{ runs: true }> {
    const { tryOut } = await import('./network.ts');
    await tryOut(model, model.files['network']!.path);
    return { runs: true };
  },
});

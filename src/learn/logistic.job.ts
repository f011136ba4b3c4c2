import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineJob } from '../pipeline/job.ts';
import type { Model } from '../types.ts';
import { chooseLogistic, type FeatureSet } from './logistic.ts';

/** Penalties to choose from on validation, from hardly any to one that leaves next to nothing of the weights. */
const regularisations = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

/** Fits logistic regression and chooses its regularisation on validation. */
export const fitLogisticJob = defineJob({
  name: 'fit-logistic',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ train, validation }: { train: FeatureSet; validation: FeatureSet }, work): Promise<Model> {
    const { model, regularisation, validationLoss } = chooseLogistic(train, validation, regularisations);
    await writeFile(join(work.folder, 'logistic.json'), JSON.stringify(model));
    const examples = { train: train.rows.length, validation: validation.rows.length };
    return {
      files: { logistic: await work.keep('logistic.json') },
      info: { regularisation, validationLoss, examples },
    };
  },
});

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { logLikelihood } from '../src/learn/gmm.ts';
import type { Detector } from '../src/types.ts';
import { type LfccGmm, lfccRows, trainLfccGmm } from './lfcc-gmm.job.ts';

/** Gaussians of each of the two mixtures; `paper`: as published. */
const components = { smoke: 4, cpu: 32, paper: 512 };
const options = z.strictObject({ preset: z.enum(['smoke', 'cpu', 'paper']).default('cpu') });

/** Is the sound a machine's? The mean log-likelihood of its cepstra under forged speech less that under genuine speech. */
export const lfccGmm: Detector<z.infer<typeof options>> = {
  name: 'lfcc-gmm',
  cite: 'Yamagishi et al.: ASVspoof 2021 (baseline LFCC-GMM: Sahidullah, Kinnunen, Hanilçi, Interspeech 2015)',
  family: 'audio',
  judges: 'audio',
  needs: 'audio',
  options,
  label: ({ preset }) => `lfcc-gmm@${preset}-${components[preset]}`,
  train: (examples, { preset }, context) =>
    context.run(trainLfccGmm, { examples, components: components[preset], seed: context.seed }),
  async load(model) {
    const file = model?.files['gmm'];
    if (!file) throw new Error('lfcc-gmm must be trained before it can score');
    const { real, fake } = JSON.parse(await readFile(file.path, 'utf8')) as LfccGmm;
    return {
      async score(clip) {
        const rows = await lfccRows(clip);
        const sum = rows.reduce(
          (total, row) => total + logLikelihood(fake, row) - logLikelihood(real, row),
          0,
        );
        return sum / rows.length;
      },
    };
  },
};

import { z } from 'zod';
import { loadLogistic, trainLogistic } from '../src/learn/train-logistic.ts';
import type { Detector } from '../src/types.ts';
import { sizePx, spectrumFeatures, spectrumFeaturesJob } from './spectrum.job.ts';

const options = z.strictObject({});

/** Upsampling layers and blending leave their trace in how the power of a picture falls with frequency. */
export const spectrum: Detector<z.infer<typeof options>> = {
  name: 'spectrum',
  cite: 'Durall, Keuper, Pfreundt, Keuper: Unmasking DeepFakes with simple Features, arXiv 1911.00686, 2019 (logistic regression on 179 azimuthal means)',
  family: 'frequency',
  judges: 'video',
  needs: 'frames',
  options,
  label: () => `spectrum@${sizePx}`,
  train: (examples, _options, context) =>
    trainLogistic('spectrum', examples, ({ clip }) => context.run(spectrumFeaturesJob, { clip }), context),
  async load(model) {
    const decide = await loadLogistic(model);
    return { score: async (clip) => decide(await spectrumFeatures(clip)) };
  },
};

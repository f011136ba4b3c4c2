import { trainFrameNet } from '../../src/frame-net/train.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Examples, Model } from '../../src/types.ts';
import { type Dropout, featureCount, type Form, hiddenCount, mesoNet } from './network.ts';
import { presets } from './presets.ts';

type Input = { examples: Examples; preset: keyof typeof presets; form: Form; seed: number };

/** As published, but by cross-entropy, as DeepfakeBench does: the squared error of the authors' code needs far more steps. */
export const trainMesoInception = defineJob<Input, Model>({
  name: 'train-meso-inception',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run: ({ preset, form, ...given }, work) => {
    const settings = presets[preset];
    const drops = {
      features: { count: featureCount(settings.sizePx), rate: settings.featureDropRate },
      hidden: { count: hiddenCount, rate: 0.5 },
    };
    return trainFrameNet(
      {
        name: 'meso-inception',
        settings,
        drops,
        logit: (p, frames, masks) => mesoNet(p, form, frames, masks as Dropout | undefined),
      },
      given,
      work,
    );
  },
});

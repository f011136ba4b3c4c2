import { trainFrameNet } from '../../src/frame-net/train.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Examples, Model } from '../../src/types.ts';
import { featureCount, srmNet } from './network.ts';
import { presets } from './presets.ts';

type Input = { examples: Examples; preset: keyof typeof presets; seed: number };

export const trainSrm = defineJob<Input, Model>({
  name: 'train-srm',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run: ({ preset, ...given }, work) => {
    const settings = presets[preset];
    const { trunk } = settings;
    return trainFrameNet(
      {
        name: 'srm',
        settings,
        drops: { features: { count: featureCount(trunk), rate: 0.2 } },
        logit: (p, frames, drops) => srmNet(p, frames, trunk, drops?.['features']),
      },
      given,
      work,
    );
  },
});

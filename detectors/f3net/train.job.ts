import { trainFrameNet } from '../../src/frame-net/train.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Examples, Model } from '../../src/types.ts';
import { featureCount, f3Net } from './network.ts';
import { presets } from './presets.ts';

type Input = { examples: Examples; preset: keyof typeof presets; phase: boolean; seed: number };

export const trainF3Net = defineJob<Input, Model>({
  name: 'train-f3net',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run: ({ preset, phase, ...given }, work) => {
    const settings = presets[preset];
    const form = { trunk: settings.trunk, phase };
    return trainFrameNet(
      {
        name: 'f3net',
        settings,
        drops: { features: { count: featureCount(form), rate: 0.2 } },
        logit: (p, frames, drops) => f3Net(p, frames, form, drops?.['features']),
      },
      given,
      work,
    );
  },
});

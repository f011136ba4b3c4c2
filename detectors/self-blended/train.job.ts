import { resNetLogit } from '../../src/frame-net/resnet.ts';
import { trainFrameNet } from '../../src/frame-net/train.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Examples, Model } from '../../src/types.ts';
import { selfBlendedLessons } from './lessons.ts';
import { presets } from './presets.ts';

type Input = { examples: Examples; preset: keyof typeof presets; seed: number };

export const trainSelfBlended = defineJob<Input, Model>({
  name: 'train-self-blended',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run: ({ preset, ...given }, work) => {
    const settings = presets[preset];
    return trainFrameNet(
      {
        name: 'self-blended',
        settings,
        logit: (p, frames, drops) => resNetLogit(p, frames, settings.net, drops !== undefined),
        lessonsOf: selfBlendedLessons(given.seed),
      },
      given,
      work,
    );
  },
});

import type * as Tf from '@tensorflow/tfjs';
import { dense } from '../../src/compute/layers.ts';
import { resNetFeatures } from '../../src/frame-net/resnet.ts';
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
        logit(p, frames, drops) {
          const centred: Tf.Tensor4D = p.tf.sub(p.tf.mul(frames, 2), 1);
          const features = resNetFeatures(p, centred, settings.net, drops !== undefined);
          return dense(p, 'out', features, { units: 1, kernelInit: 'zeros' });
        },
        lessonsOf: selfBlendedLessons(given.seed),
      },
      given,
      work,
    );
  },
});

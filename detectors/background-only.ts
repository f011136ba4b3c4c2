import { z } from 'zod';
import { loadLogistic, trainLogistic } from '../src/learn/train-logistic.ts';
import type { Detector } from '../src/types.ts';
import { backgroundFeatures, backgroundFeaturesJob } from './background-only.job.ts';

const options = z.strictObject({});

/** Control: sees the frame outside the dilated face box alone. What it finds is a confound, because nothing there was faked. */
export const backgroundOnly: Detector<z.infer<typeof options>> = {
  name: 'background-only',
  cite: 'control: statistics of the frame outside the dilated face box, logistic regression',
  family: 'control',
  judges: 'video',
  needs: 'faces',
  options,
  label: () => 'background-only',
  train: (examples, _options, context) =>
    trainLogistic(
      'background-only',
      examples,
      ({ clip }) => context.run(backgroundFeaturesJob, { clip }),
      context,
    ),
  async load(model) {
    const decide = await loadLogistic(model);
    return { score: async (clip) => decide(await backgroundFeatures(clip)) };
  },
};

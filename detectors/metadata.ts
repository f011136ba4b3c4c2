import { z } from 'zod';
import { loadLogistic, trainLogistic } from '../src/learn/train-logistic.ts';
import type { Detector } from '../src/types.ts';
import { metadataFeatures, metadataFeaturesJob } from './metadata.job.ts';

const options = z.strictObject({});

/**
 * Control: sees how the file is packed (container, codecs, resolution, rates, frame and sample counts; not its size) and
 * no pixel. Where real and fake clips are packed alike every score is 0; any AUC other than ½ is a leak.
 */
export const metadata: Detector<z.infer<typeof options>> = {
  name: 'metadata',
  cite: 'control: container, codecs, resolution, duration, frame and sample counts, logistic regression',
  family: 'control',
  judges: 'any',
  needs: 'container',
  options,
  label: () => 'metadata',
  train: (examples, _options, context) =>
    trainLogistic(
      'metadata',
      examples,
      ({ clip: { media } }) => context.run(metadataFeaturesJob, { media }),
      context,
    ),
  async load(model) {
    const decide = await loadLogistic(model);
    return { score: async ({ clip }) => decide(await metadataFeatures(clip.media)) };
  },
};

import { z } from 'zod';
import { loadLogistic, trainLogistic } from '../src/learn/train-logistic.ts';
import type { Detector } from '../src/types.ts';
import { audioFeatures, audioFeaturesJob } from './audio-stats.job.ts';

const options = z.strictObject({});

/**
 * Control: hears how much silence there is, how loud the sound is and how far its spectrum reaches, and sees no picture. Where the
 * sound of fakes is genuine it has nothing to find; what it finds elsewhere is a confound to name, not a forged voice.
 */
export const audioStats: Detector<z.infer<typeof options>> = {
  name: 'audio-stats',
  cite: 'control: silence, loudness, bandwidth and flatness of the sound (meyda), logistic regression',
  family: 'control',
  judges: 'any',
  needs: 'audio',
  options,
  label: () => 'audio-stats',
  train: (examples, _options, context) =>
    trainLogistic('audio-stats', examples, ({ clip }) => context.run(audioFeaturesJob, { clip }), context),
  async load(model) {
    const decide = await loadLogistic(model);
    return { score: async (clip) => decide(await audioFeatures(clip)) };
  },
};

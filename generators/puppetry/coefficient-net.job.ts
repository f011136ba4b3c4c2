/** Trains the audio net on a corpus of coefficients. Nobody is held out to choose by, so the last weights stand. */
import { defineJob } from '../../src/pipeline/job.ts';
import type { Clip } from '../../src/types.ts';
import { firstPart, readCoefficients } from './coefficients.ts';
import type { Settings } from './options.ts';
import { trainNets, type TrainedNets } from './train-nets.ts';

type Input = { clips: Clip[]; settings: Settings['audio']; seed: number };

export const trainCoefficientNet = defineJob<Input, TrainedNets>({
  name: 'puppetry-coefficient-net',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ clips, settings, seed }, work) {
    return trainNets({ corpus: firstPart(await readCoefficients(clips)), settings, seed }, work);
  },
});

/** Trains the audio net on people with a face track (A2–A6). */
import { defineJob } from '../../src/pipeline/job.ts';
import { personOf } from '../../src/pairs.ts';
import type { Clip, FileRef } from '../../src/types.ts';
import { readCorpus } from './corpus.ts';
import type { Settings } from './options.ts';
import { trainNets, type TrainedNets } from './train-nets.ts';
import { publishedAudio } from './variants.ts';

/** `train`: clips with a track of the training people. `validation`: those of the validation people, `use` says which fit their maps. */
type Input = {
  train: Clip[];
  validation: Clip[];
  phoneNet: FileRef;
  settings: Settings['audio'];
  seed: number;
};

export const trainAudioNet = defineJob<Input, TrainedNets>({
  name: 'puppetry-audio-net',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ train, validation, phoneNet, settings, seed }, work) {
    const variant = settings.variant ?? publishedAudio;
    const corpus = await readCorpus(train, phoneNet, variant);
    // Whatever it learns by, it is judged on the mesh.
    const held = await readCorpus(validation.filter(hasBothUses), phoneNet, {
      ...variant,
      space: 'vertices',
    });
    return trainNets({ corpus, held, settings, seed }, work);
  },
});

/** Only people with clips of both uses can be held out: on one their map is fitted, on the other it is judged. */
function hasBothUses(clip: Clip, _: number, clips: Clip[]): boolean {
  const uses = clips.filter((other) => personOf(other) === personOf(clip)).map(({ use }) => use);
  return uses.includes('fit') && uses.includes('score');
}

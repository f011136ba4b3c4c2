import { z } from 'zod';
import type { Detector, LabelledClip } from '../../src/types.ts';
import { loadReader, readMouth, shareClosed } from './reader.ts';
import { trainLipClosure } from './train.job.ts';

const options = z.strictObject({});

/**
 * Do the lips meet where the sound says that they must? The score is the share of /p b m/ at which they are read as open. It learns
 * from genuine clips alone how open lips look, and must know when which phone is spoken, as after forced alignment.
 */
export const lipClosure: Detector<z.infer<typeof options>> = {
  name: 'lip-closure',
  cite: 'Agarwal, Farid, Fried, Agrawala: Detecting Deep-Fake Videos from Phoneme-Viseme Mismatches, CVPR workshops 2020 (M, B and P; lips read by ridge regression)',
  family: 'audio-visual',
  judges: 'pairing',
  needs: 'audio-visual',
  learnsFrom: 'real',
  options,
  label: () => 'lip-closure',
  train(examples, _options, context) {
    const clips = (labelled: LabelledClip[]) => labelled.map(({ clip }) => clip);
    return context.run(trainLipClosure, {
      train: clips(examples.train),
      validation: clips(examples.validation),
    });
  },
  async load(model) {
    const reader = await loadReader(model);
    return { score: async (clip) => 1 - shareClosed(reader, await readMouth(clip)) };
  },
};

import { z } from 'zod';
import type { Detector, LabelledClip } from '../../src/types.ts';
import { openLook, openMotion, readMouth, scoreSeen } from './mouths.ts';
import { presets } from './presets.ts';
import { learnToRead } from './read.job.ts';
import { trainLipMotion } from './train.job.ts';

const options = z.strictObject({ preset: z.enum(['smoke', 'cpu', 'paper']).default('cpu') });

/** How mouths move: a network that learned to read lips, and then which of their movements are made up. */
export const lipMotion: Detector<z.infer<typeof options>> = {
  name: 'lip-motion',
  cite: "Haliassos, Vougioukas, Petridis, Pantic: Lips Don't Lie: A Generalisable and Robust Approach to Face Forgery Detection, CVPR 2021 (LipForensics)",
  family: 'temporal',
  judges: 'video',
  needs: 'faces',
  options,
  label: ({ preset }) => `lip-motion@${preset}`,
  async train(examples, { preset }, context) {
    const genuine = (labelled: LabelledClip[]) =>
      labelled.filter(({ truth }) => truth === 'real').map(({ clip }) => clip);
    const given = { preset, seed: context.seed };
    const { info, ...reader } = await context.run(learnToRead, {
      train: genuine(examples.train),
      validation: genuine(examples.validation),
      ...given,
    });
    const model = await context.run(trainLipMotion, { examples, reader, ...given });
    return { ...model, info: { ...model.info, reading: info } };
  },
  async load(model, { preset }) {
    const [look, motion] = [model?.files['look'], model?.files['motion']];
    if (!look || !motion) throw new Error('lip-motion must be trained before it can score');
    const { net, frames } = presets[preset];
    const [first, second] = [await openLook(look.path, net), await openMotion(motion.path, net, frames)];
    return {
      score: async (clip) => scoreSeen(second, await first.look(await readMouth(clip, net, frames))),
    };
  },
};

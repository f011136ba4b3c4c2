import { z } from 'zod';
import { openModel } from '../../src/compute/model.ts';
import type { Detector } from '../../src/types.ts';
import { squareFrames } from './frames.ts';
import { judgeFrames } from './judge.ts';
import { presets } from './presets.ts';
import { trainMesoInception } from './train.job.ts';

const options = z.strictObject({ preset: z.enum(['smoke', 'cpu', 'gpu']).default('cpu') });

/** Frames judged per clip, evenly spaced. */
const framesPerClip = 16;

/** A small network on single frames. A clip's score is the mean of its frames' logits. */
export const mesoInception: Detector<z.infer<typeof options>> = {
  name: 'meso-inception',
  cite: 'Afchar, Nozick, Yamagishi, Echizen: MesoNet: a Compact Facial Video Forgery Detection Network, WIFS 2018 (MesoInception4)',
  family: 'spatial',
  judges: 'video',
  needs: 'frames',
  options,
  label: ({ preset }) => `meso-inception@${preset}-${presets[preset].sizePx}`,
  train: (examples, { preset }, context) =>
    context.run(trainMesoInception, { examples, preset, seed: context.seed }),
  async load(model, { preset }) {
    const file = model?.files['network'];
    if (!file) throw new Error('meso-inception must be trained before it can score');
    const network = await openModel(file.path, { threads: 1 });
    const { sizePx } = presets[preset];
    return {
      async score(clip) {
        const logits = await judgeFrames(network, squareFrames(clip, framesPerClip, presets[preset]), sizePx);
        return logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
      },
    };
  },
};

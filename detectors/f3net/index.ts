import { z } from 'zod';
import { frameScorer } from '../../src/frame-net/score.ts';
import type { Detector } from '../../src/types.ts';
import { presets } from './presets.ts';
import { trainF3Net } from './train.job.ts';

const options = z.strictObject({ preset: z.enum(['smoke', 'cpu']).default('cpu') });

/** Frequencies that a network learns to look at, over the whole picture and from place to place. */
export const f3net: Detector<z.infer<typeof options>> = {
  name: 'f3net',
  cite: 'Qian, Yin, Sheng, Chen, Shao: Thinking in Frequency: Face Forgery Detection by Mining Frequency-Aware Clues, ECCV 2020 (small)',
  family: 'frequency',
  judges: 'video',
  needs: 'frames',
  options,
  label: ({ preset }) => `f3net@${preset}-${presets[preset].sizePx}`,
  train: (examples, { preset }, context) => context.run(trainF3Net, { examples, preset, seed: context.seed }),
  load: (model, { preset }) => frameScorer('f3net', model, presets[preset]),
};

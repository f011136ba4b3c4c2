import { z } from 'zod';
import { frameAttack } from '../../src/frame-net/attack.ts';
import { frameScorer } from '../../src/frame-net/score.ts';
import type { Detector } from '../../src/types.ts';
import { presets } from './presets.ts';
import { trainF3Net } from './train.job.ts';

const options = z.strictObject({
  preset: z.enum(['smoke', 'cpu', 'paper']).default('cpu'),
  /** The picture and its phase (SPSL) in place of bands and local statistics. */
  phase: z.boolean().default(false),
});

/** Frequencies that a network learns to look at, over the whole picture and from place to place. */
export const f3net: Detector<z.infer<typeof options>> = {
  name: 'f3net',
  cite: 'Qian, Yin, Sheng, Chen, Shao: Thinking in Frequency: Face Forgery Detection by Mining Frequency-Aware Clues, ECCV 2020 (phase: Liu et al.: Spatial-Phase Shallow Learning, CVPR 2021)',
  family: 'frequency',
  judges: 'video',
  needs: 'frames',
  options,
  label: ({ preset, phase }) => `f3net@${phase ? 'phase-' : ''}${preset}-${presets[preset].sizePx}`,
  train: (examples, chosen, context) => context.run(trainF3Net, { examples, ...chosen, seed: context.seed }),
  load: (model, { preset }) => frameScorer('f3net', model, presets[preset]),
  attack: (model, { preset }) => frameAttack('f3net', model, presets[preset]),
};

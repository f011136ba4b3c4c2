import { z } from 'zod';
import { frameAttack } from '../../src/frame-net/attack.ts';
import { frameScorer } from '../../src/frame-net/score.ts';
import type { Detector } from '../../src/types.ts';
import { presets } from './presets.ts';
import { trainCnnAug } from './train.job.ts';

const options = z.strictObject({ preset: z.enum(['smoke', 'cpu', 'paper']).default('cpu') });

/** A residual network that learned from blurred and recompressed pictures, so that it must do without the finest traces. */
export const cnnAug: Detector<z.infer<typeof options>> = {
  name: 'cnn-aug',
  cite: 'Wang, Wang, Zhang, Owens, Efros: CNN-generated Images are Surprisingly Easy to Spot… for Now, CVPR 2020',
  family: 'spatial',
  judges: 'video',
  needs: 'frames',
  options,
  label: ({ preset }) => `cnn-aug@${preset}-${presets[preset].sizePx}`,
  train: (examples, { preset }, context) =>
    context.run(trainCnnAug, { examples, preset, seed: context.seed }),
  load: (model, { preset }) => frameScorer('cnn-aug', model, presets[preset]),
  attack: (model, { preset }) => frameAttack('cnn-aug', model, presets[preset]),
};

import { z } from 'zod';
import { frameAttack } from '../../src/frame-net/attack.ts';
import { frameScorer } from '../../src/frame-net/score.ts';
import type { Detector } from '../../src/types.ts';
import { presets } from './presets.ts';
import { trainSrm } from './train.job.ts';

const options = z.strictObject({ preset: z.enum(['smoke', 'cpu', 'paper']).default('cpu') });

/** Noise residuals beside the picture: a forged region has the noise of another camera, or none. */
export const srm: Detector<z.infer<typeof options>> = {
  name: 'srm',
  cite: 'Luo, Zhang, Yan, Liu: Generalizing Face Forgery Detection with High-Frequency Features, CVPR 2021 (two streams)',
  family: 'noise',
  judges: 'video',
  needs: 'frames',
  options,
  label: ({ preset }) => `srm@${preset}-${presets[preset].sizePx}`,
  train: (examples, { preset }, context) => context.run(trainSrm, { examples, preset, seed: context.seed }),
  load: (model, { preset }) => frameScorer('srm', model, presets[preset]),
  attack: (model, { preset }) => frameAttack('srm', model, presets[preset]),
};

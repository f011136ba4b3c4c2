import { z } from 'zod';
import { frameAttack } from '../../src/frame-net/attack.ts';
import { frameScorer } from '../../src/frame-net/score.ts';
import type { Detector } from '../../src/types.ts';
import { presets } from './presets.ts';
import { trainSelfBlended } from './train.job.ts';

const options = z.strictObject({ preset: z.enum(['smoke', 'cpu']).default('cpu') });

/**
 * Looks for the border between two pictures. It learned from genuine frames and from the same blended with themselves; no generator's
 * fakes were shown to it.
 */
export const selfBlended: Detector<z.infer<typeof options>> = {
  name: 'self-blended',
  cite: 'Shiohara, Yamasaki: Detecting Deepfakes with Self-Blended Images, CVPR 2022 (small residual network)',
  family: 'blending',
  judges: 'video',
  needs: 'frames',
  learnsFrom: 'real',
  options,
  label: ({ preset }) => `self-blended@${preset}-${presets[preset].sizePx}`,
  train: (examples, { preset }, context) =>
    context.run(trainSelfBlended, { examples, preset, seed: context.seed }),
  load: (model, { preset }) => frameScorer('self-blended', model, presets[preset]),
  attack: (model, { preset }) => frameAttack('self-blended', model, presets[preset]),
};

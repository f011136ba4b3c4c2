import { z } from 'zod';
import { frameAttack } from '../../src/frame-net/attack.ts';
import { frameScorer } from '../../src/frame-net/score.ts';
import type { Detector } from '../../src/types.ts';
import { forms } from './network.ts';
import { presets } from './presets.ts';
import { trainMesoInception } from './train.job.ts';

const options = z.strictObject({
  preset: z.enum(['smoke', 'cpu', 'paper']).default('cpu'),
  form: z.enum(forms).default('meso-inception4'),
});

/** A small network on single frames. */
export const mesoInception: Detector<z.infer<typeof options>> = {
  name: 'meso-inception',
  cite: 'Afchar, Nozick, Yamagishi, Echizen: MesoNet: a Compact Facial Video Forgery Detection Network, WIFS 2018 (MesoInception4; form: Meso4)',
  family: 'spatial',
  judges: 'video',
  needs: 'frames',
  options,
  label: ({ preset, form }) =>
    `meso-inception@${form === 'meso4' ? 'meso4-' : ''}${preset}-${presets[preset].sizePx}`,
  train: (examples, chosen, context) =>
    context.run(trainMesoInception, { examples, ...chosen, seed: context.seed }),
  load: (model, { preset }) => frameScorer('meso-inception', model, presets[preset]),
  attack: (model, { preset }) => frameAttack('meso-inception', model, presets[preset]),
};

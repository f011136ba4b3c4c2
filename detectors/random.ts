import { z } from 'zod';
import { createRng } from '../src/random.ts';
import type { Detector } from '../src/types.ts';

const options = z.strictObject({});

/** Control: a number drawn from the seed and the item's name. Its AUC is ½ up to chance; a table where it is not is wrong. */
export const random: Detector<z.infer<typeof options>> = {
  name: 'random',
  cite: 'control: uniform scores, AUC 1/2 by construction',
  family: 'control',
  judges: 'any',
  needs: 'nothing',
  options,
  label: () => 'random',
  load: async (_model, _options, seed) => ({
    score: async ({ clip }) => createRng(seed, 'random', clip.id).uniform(),
  }),
};

import { z } from 'zod';
import { openModel } from '../../src/compute/model.ts';
import type { Detector } from '../../src/types.ts';
import { judgeRows } from './judge.ts';
import { lcnnRows } from './maps.ts';
import { presets } from './presets.ts';
import { trainLfccLcnn } from './train.job.ts';

const options = z.strictObject({
  preset: z.enum(['smoke', 'cpu', 'paper']).default('cpu'),
  /** In place of the preset's, for who has less time than its authors; the label says so. */
  steps: z.int().min(1).optional(),
});

/** Is the sound a machine's? A network that looks at cepstra over time as at a picture. */
export const lfccLcnn: Detector<z.infer<typeof options>> = {
  name: 'lfcc-lcnn',
  cite: 'Wang, Yamagishi: A Comparative Study on Recent Neural Spoofing Countermeasures, Interspeech 2021 (ASVspoof 2021 baseline LFCC-LCNN)',
  family: 'audio',
  judges: 'audio',
  needs: 'audio',
  options,
  label: ({ preset, steps }) =>
    `lfcc-lcnn@${preset}-${presets[preset].rows}${steps ? `-steps-${steps}` : ''}`,
  train: (examples, { preset, steps }, context) =>
    context.run(trainLfccLcnn, { examples, preset, ...(steps ? { steps } : {}), seed: context.seed }),
  async load(model, { preset }) {
    const file = model?.files['network'];
    if (!file) throw new Error('lfcc-lcnn must be trained before it can score');
    const network = await openModel(file.path, { threads: 1 });
    return { score: async (clip) => judgeRows(network, await lcnnRows(clip), presets[preset]) };
  },
};

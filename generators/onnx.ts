import { z } from 'zod';
import { bringModel } from '../src/brought/bring.ts';
import { ownNetwork } from '../src/brought/options.ts';
import type { Generator } from '../src/types.ts';
import { repaintClip } from './onnx.job.ts';

const options = z.strictObject(ownNetwork);

/** A network of the user's that repaints the middle of every frame; the sound stays as it is. */
export const onnx: Generator<z.infer<typeof options>> = {
  name: 'onnx',
  cite: 'bring your own: a network from picture to picture, as an ONNX file with its entry in a manifest',
  options,
  label: ({ model }) => (model === '' ? 'onnx' : `onnx@${model}`),
  plan: (clips) =>
    clips
      .filter((clip) => clip.use === 'score' && clip.media.video)
      .map((target) => ({
        id: target.id,
        target,
        labels: { video: 'fake', audio: 'real', pairing: 'real' },
      })),
  bring: (chosen, context) => bringModel(chosen, 'picture', context),
  async make({ target }, model, chosen, context) {
    if (!model) throw new Error('onnx: the model was not looked for');
    return context.run(repaintClip, { target, model, label: onnx.label(chosen) });
  },
};

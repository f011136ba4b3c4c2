import { z } from 'zod';
import { bringModel } from '../src/brought/bring.ts';
import { ownNetwork } from '../src/brought/options.ts';
import { ItemError } from '../src/errors.ts';
import { partLabel, partOption, repaintedLabels } from '../src/pipeline/part.ts';
import { besideTarget } from '../src/quality/beside-target.ts';
import type { Generator } from '../src/types.ts';
import { repaintClip } from './onnx.job.ts';

/** `region`: the middle of the picture, or the mouth alone, for clips with a face track. `part`: when. */
const options = z.strictObject({
  ...ownNetwork,
  region: z.enum(['middle', 'mouth']).default('middle'),
  part: partOption,
});

/** A network of the user's that repaints the middle of every frame, or the mouth; the sound stays as it is. */
export const onnx: Generator<z.infer<typeof options>> = {
  name: 'onnx',
  cite: 'bring your own: a network from picture to picture, as an ONNX file with its entry in a manifest',
  options,
  label: ({ model, region, part }) =>
    model === '' ? 'onnx' : `onnx@${model}${region === 'mouth' ? '-mouth' : ''}${partLabel(part)}`,
  plan: (clips, { part }, context) =>
    clips
      .filter((clip) => clip.use === 'score' && clip.media.video)
      .map((target) => ({ id: target.id, target, labels: repaintedLabels(target, part, context) })),
  bring: (chosen, context) => bringModel(chosen, 'picture', context),
  async make({ target, labels: { spans } }, model, chosen, context) {
    if (!model) throw new Error('onnx: the model was not looked for');
    if (chosen.region === 'mouth' && !target.track)
      throw new ItemError(
        'E_NOT_APPLICABLE',
        `${target.id}: has no face track, so its mouth cannot be found`,
      );
    return context.run(repaintClip, {
      target,
      model,
      label: onnx.label(chosen),
      ...(chosen.region === 'mouth' ? { region: chosen.region } : {}),
      ...(spans ? { spans } : {}),
    });
  },
  /** Its pictures beside the target's own, encoded once more. */
  evaluate: (clips, model, chosen, context) => besideTarget(onnx, clips, model, chosen, context),
};

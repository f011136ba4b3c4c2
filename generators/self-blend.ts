/**
 * The target's own face laid over itself, a little moved, recoloured and made coarser or sharper: no other person and no network. What finds it
 * finds the traces of blending, the border among them.
 */
import { z } from 'zod';
import { ItemError } from '../src/errors.ts';
import { partOption, repaintedLabels } from '../src/pipeline/part.ts';
import { besideTarget } from '../src/quality/beside-target.ts';
import type { Generator } from '../src/types.ts';
import { selfBlendClip } from './self-blend.job.ts';

const options = z.strictObject({
  /** What is blended: the face, or the mouth alone. */
  region: z.enum(['face', 'mouth']).default('face'),
  /** When. */
  part: partOption,
});

export const selfBlend: Generator<z.infer<typeof options>> = {
  name: 'self-blend',
  cite: 'Shiohara, Yamasaki: Detecting Deepfakes with Self-Blended Images, CVPR 2022 (the images, as clips)',
  options,
  label({ region, part }) {
    const chosen = [...(region === 'mouth' ? [region] : []), ...(part === 'all' ? [] : [part])];
    return ['self-blend', ...(chosen.length > 0 ? [chosen.join('-')] : [])].join('@');
  },
  plan: (clips, { part }, context) =>
    clips
      .filter((clip) => clip.use === 'score' && clip.media.video)
      .map((target) => ({ id: target.id, target, labels: repaintedLabels(target, part, context) })),
  async make({ target, labels: { spans } }, _model, chosen, context) {
    if (!target.track)
      throw new ItemError('E_NOT_APPLICABLE', `${target.id}: has no face track, so its face cannot be found`);
    return context.run(selfBlendClip, {
      target,
      label: selfBlend.label(chosen),
      seed: context.seed,
      ...(chosen.region === 'mouth' ? { region: chosen.region } : {}),
      ...(spans ? { spans } : {}),
    });
  },
  /** Its pictures beside the target's own, encoded once more. */
  evaluate: (clips, model, chosen, context) => besideTarget(selfBlend, clips, model, chosen, context),
};

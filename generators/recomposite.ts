/**
 * Control: the true face pixels through a puppet's own path (decode, cut out, mask, blend, lay back, encode). It differs from
 * the published real clip by that path alone, so whatever tells the two apart is a trace of the path and not of a forgery.
 */
import { z } from 'zod';
import { ItemError } from '../src/errors.ts';
import type { Generator } from '../src/types.ts';
import { recompositeClip } from './recomposite.job.ts';

const options = z.strictObject({
  /** `mouth`: the window and mask of `puppetry`, for clips with a face track. `frame`: the whole picture. */
  region: z.enum(['mouth', 'frame']).default('mouth'),
  /** Side of the mouth window; that of `puppetry`. */
  windowPx: z.int().min(32).max(512).default(96),
});
type Options = z.infer<typeof options>;

export const recomposite: Generator<Options> = {
  name: 'recomposite',
  control: true,
  cite: 'control of this project: the true pixels through the path of a fake',
  options,
  label: ({ region }) => (region === 'mouth' ? 'recomposite' : 'recomposite@frame'),
  plan: (clips) =>
    clips
      .filter((clip) => clip.use === 'score' && clip.media.video)
      .map((target) => ({
        id: target.id,
        target,
        labels: { video: 'fake', audio: 'real', pairing: 'real' },
      })),
  async make({ target }, _model, { region, windowPx }, context) {
    if (region === 'mouth' && !target.track) {
      throw new ItemError(
        'E_NOT_APPLICABLE',
        `${target.id}: has no face track, so its mouth cannot be found. Use region: frame`,
      );
    }
    return context.run(recompositeClip, {
      target,
      region,
      windowPx,
      label: recomposite.label({ region, windowPx }),
    });
  },
};

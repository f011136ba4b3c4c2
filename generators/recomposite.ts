/**
 * Control: the true face pixels through a fake's own path (decode, cut out, mask, blend, lay back, encode). It differs from
 * the published real clip by that path alone, so whatever tells the two apart is a trace of the path and not of a forgery. With the region
 * `face` it also passes real clips through the resolution of a face swap, with `frame` and `framePx` through that of a GAN: a detector that finds the
 * fakes no better has found the scaling.
 */
import { z } from 'zod';
import { ItemError } from '../src/errors.ts';
import type { Generator } from '../src/types.ts';
import { recompositeClip } from './recomposite.job.ts';

const options = z
  .strictObject({
    /**
     * For clips with a face track: `mouth`, the window and mask of `puppetry`, which scales nothing; `face`, the crop and mask of `face-swap`,
     * scaled to `facePx` and back. For others too `frame`: the whole picture, scaled to `framePx` and back where that is given.
     */
    region: z.enum(['mouth', 'face', 'frame']).default('mouth'),
    /** Side of the mouth window; that of `puppetry`. */
    windowPx: z.int().min(32).max(512).default(96),
    /** Side of the face's crop; that of `face-swap@cpu`. */
    facePx: z.int().min(32).max(512).default(64),
    /** Side of the whole picture; 64 is that of `gan@cpu`. */
    framePx: z.int().min(16).max(512).optional(),
  })
  .refine(({ region, framePx }) => framePx === undefined || region === 'frame', {
    path: ['framePx'],
    message: 'expected only with region: frame, whose size it is',
  });
type Options = z.infer<typeof options>;

export const recomposite: Generator<Options> = {
  name: 'recomposite',
  control: true,
  cite: 'control of this project: the true pixels through the path of a fake',
  options,
  label: ({ region, facePx, framePx }) =>
    ({
      mouth: 'recomposite',
      face: `recomposite@face-${facePx}`,
      frame: `recomposite@frame${framePx === undefined ? '' : `-${framePx}`}`,
    })[region],
  plan: (clips) =>
    clips
      .filter((clip) => clip.use === 'score' && clip.media.video)
      .map((target) => ({
        id: target.id,
        target,
        labels: { video: 'fake', audio: 'real', pairing: 'real' },
      })),
  async make({ target }, _model, options, context) {
    const { region, windowPx, facePx, framePx } = options;
    if (region !== 'frame' && !target.track) {
      throw new ItemError(
        'E_NOT_APPLICABLE',
        `${target.id}: has no face track, so its ${region} cannot be found. Use region: frame`,
      );
    }
    const sizePx = { mouth: windowPx, face: facePx, frame: framePx }[region];
    const label = recomposite.label(options);
    return context.run(recompositeClip, { target, region, label, ...(sizePx ? { sizePx } : {}) });
  },
};

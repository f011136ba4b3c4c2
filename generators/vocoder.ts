/**
 * The speaker's own words in a machine's voice: the sound is forged, the picture and how the two belong together are not. What is
 * said, when, and by whom stays; a detector of sound has only the vocoder's traces to find.
 */
import { z } from 'zod';
import type { Generator } from '../src/types.ts';
import { vocodeClip } from './vocoder.job.ts';

const options = z.strictObject({
  /** `griffin-lim`: from 80 mel bands, phases by 60 iterations. `lpc`: pulses and noise through a vocal tract of order 18. */
  method: z.enum(['griffin-lim', 'lpc']).default('griffin-lim'),
});
type Options = z.infer<typeof options>;

export const vocoder: Generator<Options> = {
  name: 'vocoder',
  cite: 'Griffin, Lim: Signal Estimation from Modified Short-Time Fourier Transform, 1984; Atal, Hanauer: Speech Analysis and Synthesis by Linear Prediction, 1971',
  options,
  label: ({ method }) => `vocoder@${method}`,
  plan: (clips) =>
    clips
      .filter((clip) => clip.use === 'score' && clip.media.video && clip.media.audio)
      .map((target) => ({
        id: target.id,
        target,
        labels: { video: 'real', audio: 'fake', pairing: 'real' },
      })),
  make: ({ target }, _model, chosen, context) =>
    context.run(vocodeClip, { target, ...chosen, label: vocoder.label(chosen), seed: context.seed }),
};

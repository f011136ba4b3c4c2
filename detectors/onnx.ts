import { z } from 'zod';
import { bringModel } from '../src/brought/bring.ts';
import { ownNetwork } from '../src/brought/options.ts';
import { squareFrames } from '../src/frame-net/frames.ts';
import { framesPerClip } from '../src/frame-net/score.ts';
import type { Detector } from '../src/types.ts';

const options = z.strictObject(ownNetwork);

/** A network of the user's that judges single frames, with its own preprocessing (`src/brought/manifest.ts`). A clip's score is the mean of its frames'. */
export const onnx: Detector<z.infer<typeof options>> = {
  name: 'onnx',
  cite: 'bring your own: a network that judges frames, as an ONNX file with its entry in a manifest',
  family: 'own',
  judges: 'video',
  needs: 'frames',
  options,
  label: ({ model }) => (model === '' ? 'onnx' : `onnx@${model}`),
  bring: (chosen, context) => bringModel(chosen, 'score', context),
  async load(model) {
    const { openScorer } = await import('../src/brought/network.ts');
    const { score, square } = await openScorer(model);
    return {
      async score(clip) {
        const scores: number[] = [];
        for await (const rgb of squareFrames(clip, framesPerClip, square))
          scores.push(await score(rgb, clip.clip.id));
        return scores.reduce((sum, value) => sum + value, 0) / scores.length;
      },
    };
  },
};

/** Scores clips by a trained network that judges single frames. */
import { openModel } from '../compute/model.ts';
import type { Model, Scorer } from '../types.ts';
import { squareFrames } from './frames.ts';
import { judgeFrames } from './judge.ts';
import type { FrameSettings } from './settings.ts';

/** Frames judged per clip, evenly spaced. */
export const framesPerClip = 16;

/** A clip's score is the mean of its frames' logits. */
export async function frameScorer(
  name: string,
  model: Model | undefined,
  settings: FrameSettings,
): Promise<Scorer> {
  const file = model?.files['network'];
  if (!file) throw new Error(`${name} must be trained before it can score`);
  const network = await openModel(file.path, { threads: 1 });
  return {
    async score(clip) {
      const logits = await judgeFrames(network, squareFrames(clip, framesPerClip, settings), settings.sizePx);
      return logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
    },
  };
}

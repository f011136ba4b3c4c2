import type { Network } from '../../src/compute/model.ts';
import { putFrame } from './frames.ts';
import { scoringBatch } from './presets.ts';

/** The network's logits, one per frame, each frame given as RGB bytes of a square of `sizePx`. */
export async function judgeFrames(
  network: Network,
  frames: AsyncIterable<Uint8Array>,
  sizePx: number,
): Promise<number[]> {
  const frameValues = sizePx * sizePx * 3;
  const data = new Float32Array(scoringBatch * frameValues);
  const logits: number[] = [];
  let filled = 0;
  const flush = async (): Promise<void> => {
    const { logit } = await network.run({ frames: { shape: [scoringBatch, sizePx, sizePx, 3], data } });
    logits.push(...logit!.data.slice(0, filled));
    filled = 0;
  };
  for await (const rgb of frames) {
    putFrame(data, filled++ * frameValues, rgb, sizePx);
    if (filled === scoringBatch) await flush();
  }
  // What fills up the last batch is left over from the one before and not read: frames do not influence each other.
  if (filled > 0) await flush();
  return logits;
}

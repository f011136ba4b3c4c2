import type * as Tf from '@tensorflow/tfjs';
import type { Network } from '../compute/model.ts';
import type { Parameters } from '../compute/parameters.ts';

/** The logit of being fake, [batch, 1], of frames [batch, size, size, 3] in [0, 1]. */
export type FrameLogit = (p: Parameters, frames: Tf.Tensor4D) => Tf.Tensor2D;

/** What is exported: the logits of frames as they are decoded, 0 to 255. Dividing in the graph is faster than in JavaScript. */
export const logitOfBytes = (logit: FrameLogit, p: Parameters, frames: Tf.Tensor4D): Tf.Tensor2D =>
  logit(p, p.tf.div(frames, 255));

/**
 * The network's logits, one per frame, each frame given as RGB bytes of a square of `sizePx`. One frame per run: what the
 * layers of one frame hold stays in the processor's cache, what those of eight hold does not.
 */
export async function judgeFrames(
  network: Network,
  frames: AsyncIterable<Uint8Array>,
  sizePx: number,
): Promise<number[]> {
  const shape = frameShape(sizePx);
  const data = new Float32Array(sizePx * sizePx * 3);
  const logits: number[] = [];
  for await (const rgb of frames) {
    data.set(rgb);
    const { logit } = await network.run({ frames: { shape, data } });
    logits.push(logit!.data[0]!);
  }
  return logits;
}

/** Shape of the exported network's input `frames`. */
export const frameShape = (sizePx: number): [number, number, number, number] => [1, sizePx, sizePx, 3];

import type { Network } from '../../src/compute/model.ts';

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

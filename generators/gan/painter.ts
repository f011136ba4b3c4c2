/** A trained generator, opened. */
import { openModel } from '../../src/compute/model.ts';
import type { FileRef, Frame } from '../../src/types.ts';

/** `paint`: the portrait of one latent. */
export type Painter = { paint(latent: Float32Array): Promise<Frame>; close(): void };

/** Opens the network that `train.job.ts` leaves: `latents` [1, latent] → `portraits` [1, S, S, 3] in [-1, 1]. */
export async function openPainter(generator: FileRef): Promise<Painter> {
  const network = await openModel(generator.path, { threads: 1 });
  return {
    async paint(latent) {
      const { portraits } = await network.run({ latents: { shape: [1, latent.length], data: latent } });
      const [, height, width] = portraits!.shape as [number, number, number];
      const data = Uint8Array.from(portraits!.data, (value) =>
        Math.max(0, Math.min(255, Math.round(127.5 * (value + 1)))),
      );
      return { width, height, data };
    },
    close: network.close,
  };
}

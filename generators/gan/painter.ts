/** A trained generator, opened. */
import { openModel } from '../../src/compute/model.ts';
import type { FileRef, Frame } from '../../src/types.ts';

/** `paint`: the portrait of one latent. `realism`: how real the discriminator finds it; higher is better. */
export type Painter = {
  paint(latent: Float32Array): Promise<Frame>;
  realism(latent: Float32Array): Promise<number>;
  close(): void;
};

/** Opens the network that `train.job.ts` leaves: `latents` [1, latent] → `portraits` [1, S, S, 3] in [-1, 1] and `realism` [1]. */
export async function openPainter(generator: FileRef): Promise<Painter> {
  const network = await openModel(generator.path, { threads: 1 });
  const draw = (latent: Float32Array) =>
    network.run({ latents: { shape: [1, latent.length], data: latent } });
  return {
    async realism(latent) {
      return (await draw(latent))['realism']!.data[0]!;
    },
    async paint(latent) {
      const { portraits } = await draw(latent);
      const [, height, width] = portraits!.shape as [number, number, number];
      const data = Uint8Array.from(portraits!.data, (value) =>
        Math.max(0, Math.min(255, Math.round(127.5 * (value + 1)))),
      );
      return { width, height, data };
    },
    close: network.close,
  };
}

/** Of so many walks the best is shown. */
const candidates = 12;
/** Looked at of each. */
const looks = 4;

/**
 * Of several walks the one whose worst portrait the discriminator finds most real: what lies between two of the people learned
 * from is often a ghost of both (after Azadi et al., Discriminator Rejection Sampling, ICLR 2019).
 */
export async function bestWalk(painter: Painter, draw: () => Float32Array[]): Promise<Float32Array[]> {
  let best: { walk: Float32Array[]; worst: number } | undefined;
  for (let i = 0; i < candidates; i++) {
    const walk = draw();
    let worst = Number.POSITIVE_INFINITY;
    for (let look = 0; look < Math.min(looks, walk.length); look++)
      worst = Math.min(worst, await painter.realism(walk[Math.floor((look * walk.length) / looks)]!));
    if (!best || worst > best.worst) best = { walk, worst };
  }
  return best!.walk;
}

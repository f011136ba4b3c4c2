/** The augmentation of Wang et al. (CVPR 2020): blur and JPEG, each with probability ½. */
import type { FramePair } from '../../src/frame-net/train.ts';
import { blurFrame, throughJpeg } from '../../src/media/images.ts';
import type { Rng } from '../../src/random.ts';

const probability = 0.5;
/** Standard deviation of the blur in pixels, and JPEG qualities, drawn evenly. */
const mostBlurPx = 3;
const [leastQuality, mostQuality] = [30, 100];

/** Both of a pair alike, so that only what was forged tells them apart. */
export async function augment({ real, fake }: FramePair, sizePx: number, rng: Rng): Promise<FramePair> {
  const sigmaPx = rng.uniform() < probability ? rng.uniform(0, mostBlurPx) : 0;
  const quality =
    rng.uniform() < probability ? leastQuality + rng.int(mostQuality - leastQuality + 1) : undefined;
  const change = async (data: Uint8Array): Promise<Uint8Array> => {
    let frame = { width: sizePx, height: sizePx, data };
    frame = await blurFrame(frame, sigmaPx);
    if (quality !== undefined) frame = await throughJpeg(frame, quality);
    return frame.data;
  };
  return { real: await change(real), fake: await change(fake) };
}

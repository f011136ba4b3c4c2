/**
 * A white-box attack on a network that judges single frames: projected gradient descent in the ball of the largest change per value (Madry,
 * Makelov, Schmidt, Tsipras, Vladu: Towards Deep Learning Models Resistant to Adversarial Attacks, ICLR 2018, §2.1).
 */
import { type Network, openModel } from '../compute/model.ts';
import { numbered } from '../media/sample-frames.ts';
import type { Rng } from '../random.ts';
import type { Attack, Model } from '../types.ts';
import { squareFrames } from './frames.ts';
import { frameShape } from './judge.ts';
import { framesPerClip } from './score.ts';
import type { FrameSettings } from './settings.ts';

/** All steps together are as long as so many radii, so that every corner of the ball can be reached. */
const radiiTogether = 2.5;

/** The attack on a detector's network. What is attacked is what the network sees, the squares of frames, in whole bytes. */
export async function frameAttack(
  name: string,
  model: Model | undefined,
  settings: FrameSettings,
): Promise<Attack> {
  const file = model?.files['gradient'];
  if (!file) throw new Error(`${name} must be trained before it can be attacked`);
  const network = await openModel(file.path, { threads: 1 });
  return async (clip, { towards, radius, steps }, draw) => {
    const sign = towards === 'fake' ? 1 : -1;
    let sum = 0;
    let count = 0;
    for await (const [i, rgb] of numbered(squareFrames(clip, framesPerClip, settings))) {
      const attacked = await attackSquare(
        network,
        rgb,
        { sign, radius, steps },
        settings.sizePx,
        draw.fork(i),
      );
      const { logit } = await network.run({ frames: { shape: frameShape(settings.sizePx), data: attacked } });
      sum += logit!.data[0]!;
      count++;
    }
    return sum / count;
  };
}

/**
 * The square with no value further than `radius` (bytes) from what it was, such that the logit rises (`sign` 1) or falls (−1).
 * @returns Whole numbers of 0 to 255.
 */
export async function attackSquare(
  network: Network,
  rgb: Uint8Array,
  { sign, radius, steps }: { sign: 1 | -1; radius: number; steps: number },
  sizePx: number,
  draw: Rng,
): Promise<Float32Array> {
  const within = (value: number, i: number): number =>
    Math.max(0, rgb[i]! - radius, Math.min(255, rgb[i]! + radius, value));
  const x = Float32Array.from(rgb, (value, i) => within(value + draw.uniform(-radius, radius), i));
  const step = (sign * radiiTogether * radius) / steps;
  for (let taken = 0; taken < steps; taken++) {
    const { gradient } = await network.run({ frames: { shape: frameShape(sizePx), data: x } });
    for (let i = 0; i < x.length; i++) x[i] = within(x[i]! + step * Math.sign(gradient!.data[i]!), i);
  }
  return x.map((value, i) => within(Math.round(value), i));
}

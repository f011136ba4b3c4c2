import { beforeAll, describe, expect, test } from 'vitest';
import { presets as cnnPresets } from '../../detectors/cnn-aug/presets.ts';
import { f3Net } from '../../detectors/f3net/network.ts';
import { presets as f3Presets } from '../../detectors/f3net/presets.ts';
import { mesoNet } from '../../detectors/meso-inception/network.ts';
import { srmNet } from '../../detectors/srm/network.ts';
import { presets as srmPresets } from '../../detectors/srm/presets.ts';
import { openEngine } from '../../src/compute/engine.ts';
import { type Network, openModel } from '../../src/compute/model.ts';
import { attackSquare } from '../../src/frame-net/attack.ts';
import type { FrameLogit } from '../../src/frame-net/judge.ts';
import { resNetLogit } from '../../src/frame-net/resnet.ts';
import { exportGradient } from '../../src/frame-net/train.ts';
import { createRng } from '../../src/random.ts';
import { noisy } from '../support/clips.ts';
import { parametersOf } from '../support/networks.ts';

const sizePx = 64;
const shape: [number, number, number, number] = [1, sizePx, sizePx, 3];
const logits: Record<string, FrameLogit> = {
  'meso-inception': (p, x) => mesoNet(p, 'meso-inception4', x),
  'cnn-aug': (p, x) => resNetLogit(p, x, cnnPresets.smoke.net, false),
  f3net: (p, x) => f3Net(p, x, { trunk: f3Presets.smoke.trunk, phase: false }),
  'f3net with phase': (p, x) => f3Net(p, x, { trunk: f3Presets.smoke.trunk, phase: true }),
  srm: (p, x) => srmNet(p, x, srmPresets.smoke.trunk),
};

/** A network whose weights are none that training begins with: the last layer is zero then, and so would be all gradients. */
async function networkOf(logit: FrameLogit): Promise<Network> {
  const engine = await openEngine({ threads: 1, backend: 'onnx' });
  const p = await parametersOf(shape, (q, x) => logit(q, x));
  const rng = createRng(3);
  for (const variable of p.trainable().values())
    if (variable.size < 400)
      variable.assign(
        engine.tf.tensor(
          Float32Array.from({ length: variable.size }, () => rng.normal(0.1, 0.3)),
          variable.shape,
        ),
      );
  return openModel(await exportGradient(engine, p, { settings: { sizePx }, logit }), { threads: 1 });
}

describe.each(Object.entries(logits))('%s', (name, logit) => {
  let network: Network;
  beforeAll(async () => {
    network = await networkOf(logit);
  });
  const rgb = noisy('square', sizePx, sizePx, 12).data;
  const logitOf = async (data: Float32Array): Promise<number> =>
    (await network.run({ frames: { shape, data } })).logit!.data[0]!;

  // F3-Net takes logarithms of coefficients that may be nearly zero: its gradient there is right for changes too small for single precision.
  test.skipIf(name === 'f3net')('the gradient is what the logit does along it', async () => {
    const x = Float32Array.from(rgb);
    const gradient = (await network.run({ frames: { shape, data: x } })).gradient!.data as Float32Array;
    const length = Math.hypot(...gradient);
    expect(length).toBeGreaterThan(0);
    const by = (share: number): Float32Array => x.map((value, i) => value + (share * gradient[i]!) / length);
    const numeric = ((await logitOf(by(2))) - (await logitOf(by(-2)))) / 4;
    expect(numeric / length).toBeGreaterThan(0.8);
    expect(numeric / length).toBeLessThan(1.2);
  });

  test.each([1, 4])(
    'an attack of radius %i stays in its ball and moves the logit further than chance',
    async (radius) => {
      const before = await logitOf(Float32Array.from(rgb));
      for (const sign of [1, -1] as const) {
        const attacked = await attackSquare(network, rgb, { sign, radius, steps: 5 }, sizePx, createRng(1));
        expect(
          attacked.every(
            (value, i) =>
              Number.isInteger(value) && value >= 0 && value <= 255 && Math.abs(value - rgb[i]!) <= radius,
          ),
        ).toBe(true);
        const noise = createRng(2);
        const random = Float32Array.from(rgb, (value) =>
          Math.max(0, Math.min(255, value + (noise.uniform() < 0.5 ? -radius : radius))),
        );
        const moved = sign * ((await logitOf(attacked)) - before);
        expect(moved).toBeGreaterThan(0);
        expect(moved).toBeGreaterThan(2 * Math.abs((await logitOf(random)) - before));
      }
    },
  );
});

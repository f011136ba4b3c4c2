import type * as Tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { residualFilters, residuals, srmNet, type Trunk } from '../../detectors/srm/network.ts';
import { presets } from '../../detectors/srm/presets.ts';
import { openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';
import { noisy } from '../support/clips.ts';
import { parametersOf, runNetwork, trainableCount } from '../support/networks.ts';

it('the filters take nothing from flat pictures and their weights are those of the paper', () => {
  for (const { rows, divisor } of residualFilters) {
    expect(rows.flat().reduce((sum, weight) => sum + weight, 0)).toBe(0);
    expect(Math.min(...rows.flat()) / divisor).toBe(-1);
  }
});

it('residuals are those of the definition, colour by colour, clipped at three grey levels', async () => {
  const { tf, export: exportModel } = await openEngine({ threads: 1, backend: 'onnx' });
  const size = 9;
  const shape = [1, size, size, 3] as const;
  const rng = createRng(1, 'srm');
  const bytes = Float32Array.from({ length: size * size * 3 }, () => 100 + rng.int(6));
  bytes[(4 * size + 4) * 3] = 250;
  const model = await openModel(
    await exportModel({
      inputs: { frames: { shape } },
      outputs: ({ frames }) => ({ y: residuals(tf, tf.div(frames, 255)) }),
      parameters: createParameters(tf, rng.fork('none')),
    }),
    { threads: 1 },
  );
  const found = (await model.run({ frames: { shape, data: bytes } })).y!.data as Float32Array;
  model.close();
  const at = (y: number, x: number, colour: number): number =>
    y < 0 || x < 0 || y >= size || x >= size ? 0 : bytes[(y * size + x) * 3 + colour]!;
  let clipped = 0;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let colour = 0; colour < 3; colour++)
        for (const [f, { rows, divisor }] of residualFilters.entries()) {
          let sum = 0;
          for (let dy = -2; dy <= 2; dy++)
            for (let dx = -2; dx <= 2; dx++) sum += rows[dy + 2]![dx + 2]! * at(y + dy, x + dx, colour);
          const expected = Math.max(-3, Math.min(3, sum / divisor)) / 3;
          if (Math.abs(expected) === 1) clipped++;
          expect(found[(y * size + x) * 9 + colour * 3 + f]).toBeCloseTo(expected, 4);
        }
  expect(clipped).toBeGreaterThan(0);
});

const build =
  (trunk: Trunk) =>
  (p: Parameters, x: Tf.Tensor4D, training: boolean): Tf.Tensor =>
    srmNet(p, x, trunk, training ? p.tf.ones([1, 1]) : undefined);

it('has two streams of four layers', async () => {
  const p = await parametersOf([2, 32, 32, 3], build('small'));
  const shapes = Object.fromEntries([...p.trainable()].map(([name, { shape }]) => [name, shape]));
  expect(shapes).toMatchObject({
    'picture/0/kernel': [3, 3, 3, 16],
    'residual/0/kernel': [3, 3, 9, 16],
    'picture/3/kernel': [3, 3, 64, 64],
    'residual/3/kernel': [3, 3, 64, 64],
    'out/kernel': [128, 1],
  });
});

it('at preset paper has two Xceptions with what joins them, and judges a frame', async () => {
  const { sizePx, trunk } = presets.paper;
  const shape: [number, number, number, number] = [1, sizePx, sizePx, 3];
  const p = await parametersOf([1, 32, 32, 3], build(trunk));
  /** Without a last layer, behind three channels: test/detectors/xception.test.ts. */
  const xception = 22_855_952 - 2049 * 1000;
  const moreChannels = (9 - 3) * 3 * 3 * 32;
  const where = 7 * 7 * 2 + 1;
  const attention = 2 * (729 * 91 + 729 * 728 + 1);
  const join = 4096 * 2048 + 2 * 2048;
  const weigh = 2049 * 128 + 129 * 2048;
  expect(trainableCount(p)).toBe(
    2 * xception + moreChannels + where + 2 * attention + join + weigh + 2048 + 1,
  );
  p.load({ 'out/kernel': { shape: [2048, 1], data: new Float32Array(2048).fill(0.01) } });
  const data = Float32Array.from(noisy('whole', sizePx, sizePx, 40).data, (value) => value / 255);
  const [logit] = (await runNetwork(p, shape, build(trunk), data)).data;
  expect(Number.isFinite(logit) && logit !== 0).toBe(true);
});

import { expect, it } from 'vitest';
import { residualFilters, residuals, srmNet } from '../../detectors/srm/network.ts';
import { openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';

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

it('has two streams of four layers', async () => {
  const { tf, compile } = await openEngine({ threads: 1, backend: 'onnx' });
  const p = createParameters(tf, createRng(1, 'srm'));
  const trainer = await compile({
    parameters: p,
    inputs: {
      x: { shape: [2, 32, 32, 3] },
      hide: { shape: [2, 128] },
      learningRate: { shape: [] },
    },
    loss: ({ x, hide }) => ({ loss: tf.mean(srmNet(p, x, hide)) }),
    optimizer: { kind: 'sgd' },
  });
  trainer.dispose();
  const shapes = Object.fromEntries([...p.trainable()].map(([name, { shape }]) => [name, shape]));
  expect(shapes).toMatchObject({
    'picture/0/kernel': [3, 3, 3, 16],
    'residual/0/kernel': [3, 3, 9, 16],
    'picture/3/kernel': [3, 3, 64, 64],
    'residual/3/kernel': [3, 3, 64, 64],
    'out/kernel': [128, 1],
  });
});

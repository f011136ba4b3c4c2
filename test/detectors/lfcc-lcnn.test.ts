import { expect, it } from 'vitest';
import { mapsOver } from '../../detectors/lfcc-lcnn/maps.ts';
import { featureShape, lcnn, mapShape } from '../../detectors/lfcc-lcnn/network.ts';
import { presets } from '../../detectors/lfcc-lcnn/presets.ts';
import { openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters } from '../../src/compute/parameters.ts';
import { lfccWidth } from '../../src/dsp/lfcc.ts';
import { createRng } from '../../src/random.ts';

const standard = { mean: new Float32Array(lfccWidth), spread: new Float32Array(lfccWidth).fill(1) };

/** Trainable parameters by name, from one recorded step of a batch of two. */
async function parametersOf(preset: keyof typeof presets) {
  const shape = presets[preset];
  const { tf, compile, export: exportModel } = await openEngine({ threads: 1, backend: 'onnx' });
  const p = createParameters(tf, createRng(1, 'lcnn'));
  const trainer = await compile({
    parameters: p,
    inputs: {
      x: { shape: mapShape(shape, 2) },
      drops: { shape: [2, ...featureShape(shape)] },
      learningRate: { shape: [] },
    },
    loss: ({ x, drops }) => ({ loss: tf.mean(lcnn(p, x, standard, shape, drops)) }),
    optimizer: { kind: 'sgd' },
  });
  trainer.dispose();
  const network = await exportModel({
    inputs: { maps: { shape: mapShape(shape, 1) } },
    outputs: ({ maps }) => ({ logit: lcnn(p, maps, standard, shape) }),
    parameters: p,
  });
  return { shapes: Object.fromEntries([...p.trainable()].map(([name, { shape: s }]) => [name, s])), network };
}

const count = (shapes: Record<string, number[]>): number =>
  Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);

it('the preset "paper" has the published layers, and judges a map', async () => {
  const { shapes, network } = await parametersOf('paper');
  expect(shapes).toMatchObject({
    'conv0/kernel': [5, 5, 1, 64],
    'conv1/kernel': [1, 1, 32, 64],
    'conv2/kernel': [3, 3, 32, 96],
    'conv3/kernel': [1, 1, 48, 96],
    'conv4/kernel': [3, 3, 48, 128],
    'conv5/kernel': [1, 1, 64, 128],
    'conv6/kernel': [3, 3, 64, 64],
    'conv7/kernel': [1, 1, 32, 64],
    'conv8/kernel': [3, 3, 32, 64],
    'lstm0/forwards/kernel': [96, 4 * 48],
    'lstm0/forwards/recurrent': [48, 4 * 48],
    'lstm1/backwards/bias': [4 * 48],
    'out/kernel': [96, 1],
  });
  // 157,504 of the convolutions, 4 · (4 · 48 · (96 + 48 + 1)) of the recurrent layers, 97 of the last: no norm learns anything.
  expect(count(shapes)).toBe(157_504 + 111_360 + 97);
  const model = await openModel(network, { threads: 1 });
  const { rows } = presets.paper;
  const rng = createRng(2, 'lcnn');
  const data = Float32Array.from({ length: rows * lfccWidth }, () => rng.normal());
  const { logit } = await model.run({ maps: { shape: mapShape(presets.paper, 1), data } });
  model.close();
  expect(logit!.shape).toEqual([1, 1]);
  expect(Number.isFinite(logit!.data[0])).toBe(true);
});

it('the preset "cpu" has a quarter of the feature maps and no recurrence', async () => {
  const { shapes } = await parametersOf('cpu');
  expect(shapes).toMatchObject({
    'conv0/kernel': [5, 5, 1, 16],
    'conv4/kernel': [3, 3, 12, 32],
    'out/kernel': [24, 1],
  });
  expect(Object.keys(shapes).some((name) => name.startsWith('lstm'))).toBe(false);
});

it('maps hold every row, a short sound again and again', () => {
  const rowsOf = (given: number): Float32Array =>
    Float32Array.from({ length: given * lfccWidth }, (_, i) => Math.floor(i / lfccWidth));
  const held = (given: number, length: number): number[][] =>
    mapsOver(rowsOf(given), length).map((map) => Array.from({ length }, (_, i) => map[i * lfccWidth]!));
  expect(held(3, 8)).toEqual([[0, 1, 2, 0, 1, 2, 0, 1]]);
  expect(held(8, 8)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7]]);
  expect(held(6, 4)).toEqual([
    [0, 1, 2, 3],
    [2, 3, 4, 5],
  ]);
  for (const given of [9, 15, 16, 17, 40])
    expect(new Set(held(given, 8).flat())).toEqual(new Set(Array.from({ length: given }, (_, i) => i)));
});

/**
 * Shapes and sizes of the face-swap networks. Those of pairs were never trained: they are made, counted and run once. 69.7 and 6.2 million
 * parameters are what the first deepfakes' encoder and decoder have; the other counts follow from the layers as published.
 */
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { shuffle } from '../../generators/face-swap/blocks.ts';
import { meanLandmarks } from '../../src/faces/crop.ts';
import { meanSsim, pixelWeights, swapLoss } from '../../generators/face-swap/loss.ts';
import { faceSwapOptions, labelOf, settingsOf } from '../../generators/face-swap/options.ts';
import { decodePair, encodePair, type PairNet } from '../../generators/face-swap/pair-nets.ts';
import { centred, decodeShared, encodeShared } from '../../generators/face-swap/shared-net.ts';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import type { Feed } from '../../src/compute/session.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';
import { ssim } from '../../src/metrics/image.ts';
import { paint } from '../support/clips.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1, backend: 'onnx', device: 'cpu' });
});

const count = (p: Parameters, prefix: string): number =>
  [...p.trainable()].reduce((sum, [name, { size }]) => (name.startsWith(prefix) ? sum + size : sum), 0);

/** Exports (a first time to make the parameters), runs once on random numbers, and gives the outputs. */
async function runOnce(
  p: Parameters,
  shapes: Record<string, number[]>,
  net: (inputs: Record<string, Tf.Tensor>) => Record<string, Tf.Tensor>,
) {
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
  const made = { inputs, outputs: net, parameters: p };
  await engine.export(made).catch((error: Error) => expect(error.message).toContain('did not exist yet'));
  const model = await openModel(await engine.export(made), { threads: 2, device: 'cpu' });
  const rng = createRng(4);
  const feeds = Object.entries(shapes).map(([name, shape]) => [
    name,
    { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.uniform()) },
  ]);
  const outputs = await model.run(Object.fromEntries(feeds) as Record<string, Feed>);
  model.close();
  return outputs;
}

describe('pairs', () => {
  const cases = [
    {
      preset: 'original',
      label: 'face-swap@original-64',
      counts: { 'encoder/': 69_662_976, decoder0: 6_199_747, decoder1: 6_199_747 },
      output: [1, 64, 64, 3],
    },
    {
      preset: 'df',
      label: 'face-swap@df-128',
      counts: { 'encoder/': 4_306_560, 'inter/': 14_959_872, decoder0: 19_136_000, decoder1: 19_136_000 },
      output: [1, 128, 128, 4],
    },
    {
      preset: 'liae',
      label: 'face-swap@liae-128',
      counts: {
        'encoder/': 4_306_560,
        'interBoth/': 26_249_472,
        'interOne/': 26_249_472,
        'decoder/': 38_157_824,
      },
      output: [1, 128, 128, 4],
    },
  ] as const;

  test.each(cases)('$preset: layers as published', async ({ preset, label, counts, output }) => {
    const options = faceSwapOptions.parse({ preset });
    expect(labelOf(options)).toBe(label);
    const net = settingsOf(options).net as PairNet;
    const p = createParameters(engine.tf, createRng(1, preset));
    const { first, second } = await runOnce(p, { faces: [1, net.sizePx, net.sizePx, 3] }, ({ faces }) => {
      const found = encodePair(p, net, faces as Tf.Tensor4D);
      return { first: decodePair(p, net, found, 0), second: decodePair(p, net, found, 1) };
    });
    expect(Object.fromEntries(Object.keys(counts).map((prefix) => [prefix, count(p, prefix)]))).toEqual(
      counts,
    );
    expect(count(p, '')).toBe(Object.values(counts).reduce((sum, n) => sum + n, 0));
    expect([first!.shape, second!.shape]).toEqual([output, output]);
    expect(first!.data).not.toEqual(second!.data);
  });
});

describe('the shared network', () => {
  const { net } = settingsOf(faceSwapOptions.parse({}));
  if (net.form !== 'shared') throw new Error('cpu is not shared');

  test('is the original at an eighth of its width, and 20,592 values a person', async () => {
    const p = createParameters(engine.tf, createRng(1, 'shared'));
    const { face } = await runOnce(p, { faces: [2, 64, 64, 3], who: [2, 5] }, ({ faces, who }) => ({
      face: decodeShared(p, net, encodeShared(p, net, faces as Tf.Tensor4D), who as Tf.Tensor2D),
    }));
    expect(face!.shape).toEqual([2, 64, 64, 4]);
    expect(['encoder/', 'decoder/', 'person/'].map((prefix) => count(p, prefix))).toEqual([
      532_512,
      657_156,
      5 * 20_592,
    ]);
  });

  test('a code counts from the mean of its person', async () => {
    const { tf } = engine;
    const p = createParameters(tf, createRng(1));
    const { less } = await runOnce(p, { codes: [6, 3] }, ({ codes }) => ({
      less: centred(tf, codes as Tf.Tensor2D, 2),
    }));
    for (let person = 0; person < 2; person++)
      for (let k = 0; k < 3; k++) {
        const values = [0, 1, 2].map((i) => (less!.data as Float32Array)[(person * 3 + i) * 3 + k]!);
        expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
        expect(Math.max(...values)).toBeGreaterThan(0.01);
      }
  });
});

test('depth to space: four channels become four pixels, row by row', async () => {
  const { tf } = engine;
  const p = createParameters(tf, createRng(1));
  const { y, same } = await runOnce(p, { x: [1, 2, 3, 8] }, ({ x }) => ({
    y: shuffle(tf, x as Tf.Tensor4D),
    same: tf.mul(x!, 1),
  }));
  expect(y!.shape).toEqual([1, 4, 6, 2]);
  for (let row = 0; row < 4; row++)
    for (let column = 0; column < 6; column++)
      for (let c = 0; c < 2; c++) {
        const block = (row % 2) * 2 + (column % 2);
        const from = ((row >> 1) * 3 + (column >> 1)) * 8 + block * 2 + c;
        expect(y!.data[(row * 6 + column) * 2 + c]).toBe(same!.data[from]);
      }
});

describe('the loss', () => {
  const rng = createRng(2, 'loss');
  const [a, b] = ['a', 'b'].map((name) => {
    const phase = rng.fork(name).uniform(0, 3);
    return paint(32, 32, (x, y) => [
      120 + 60 * Math.sin(x / 3 + phase),
      100 + 4 * y,
      90 + 30 * Math.cos((x + y) / 5),
    ]);
  });

  test('its SSIM is that of src/metrics', async () => {
    const { tf } = engine;
    const p = createParameters(tf, createRng(1));
    const made = {
      inputs: { a: { shape: [1, 32, 32, 3] }, b: { shape: [1, 32, 32, 3] } },
      outputs: ({ a, b }: Record<string, Tf.Tensor>) => ({
        value: meanSsim(tf, a as Tf.Tensor4D, b as Tf.Tensor4D),
      }),
      parameters: p,
    };
    const model = await openModel(await engine.export(made), { threads: 1, device: 'cpu' });
    const feed = (frame: typeof a) => ({
      shape: [1, 32, 32, 3],
      data: Float32Array.from(frame!.data, (value) => value / 255),
    });
    const { value } = await model.run({ a: feed(a), b: feed(b) });
    model.close();
    expect(value!.data[0]).toBeCloseTo(ssim(a!, b!).value!, 4);
  });

  test('does not see what lies outside the mask, and is 0 for the same face', async () => {
    const { tf } = engine;
    const p = createParameters(tf, createRng(1));
    const lossOf = async (change: number, inside: boolean): Promise<number> => {
      const pixels = 32 * 32;
      const truth = Float32Array.from(a!.data, (value) => 0.1 + (0.8 * value) / 255);
      const mask = Float32Array.from({ length: pixels }, (_, i) => (i % 32 < 16 ? 1 : 0));
      const drawn = new Float32Array(pixels * 4);
      for (let i = 0; i < pixels; i++) {
        const moved = i % 32 < 16 === inside ? change : 0;
        for (let c = 0; c < 3; c++) {
          const value = truth[i * 3 + c]!;
          drawn[i * 4 + c] = Math.log(value / (1 - value)) + moved;
        }
        drawn[i * 4 + 3] = mask[i] === 1 ? 20 : -20;
      }
      const shape = (channels: number): number[] => [1, 32, 32, channels];
      const model = await openModel(
        await engine.export({
          inputs: { drawn: { shape: shape(4) }, truth: { shape: shape(3) }, mask: { shape: shape(1) } },
          outputs: ({ drawn, truth, mask }) => ({
            loss: swapLoss(tf, drawn as Tf.Tensor4D, {
              truth: truth as Tf.Tensor4D,
              mask: mask as Tf.Tensor4D,
            }).loss,
          }),
          parameters: p,
        }),
        { threads: 1, device: 'cpu' },
      );
      const { loss } = await model.run({
        drawn: { shape: shape(4), data: drawn },
        truth: { shape: shape(3), data: truth },
        mask: { shape: shape(1), data: mask },
      });
      model.close();
      return loss!.data[0]!;
    };
    expect(await lossOf(0, true)).toBeCloseTo(0, 4);
    expect(await lossOf(1, false)).toBeCloseTo(0, 4);
    expect(await lossOf(1, true)).toBeGreaterThan(0.1);
  });

  test('eyes count three times and the mouth twice, where the mean face has them; cheeks and corners once', () => {
    const weights = pixelWeights(64);
    const points = meanLandmarks(64);
    const at = (from: number, to: number): number => {
      const own = Array.from({ length: to - from }, (_, i) => [
        points[2 * (from + i)]!,
        points[2 * (from + i) + 1]!,
      ]);
      const middle = [0, 1].map((c) => own.reduce((sum, point) => sum + point[c]!, 0) / own.length);
      return weights[Math.floor(middle[1]!) * 64 + Math.floor(middle[0]!)]!;
    };
    expect(at(36 - 17, 42 - 17)).toBeCloseTo(3, 5);
    expect(at(42 - 17, 48 - 17)).toBeCloseTo(3, 5);
    expect(at(48 - 17, 68 - 17)).toBeCloseTo(2, 5);
    expect([weights[0], weights[63], weights.at(-1)]).toEqual([1, 1, 1]);
    expect(Math.max(...weights)).toBeLessThanOrEqual(3);
    expect(Math.min(...weights)).toBe(1);
  });
});

import type * as Tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { f3net } from '../../detectors/f3net/index.ts';
import { decompose, f3Net, fadBands, type Form, localStatistics } from '../../detectors/f3net/network.ts';
import { phasePicture } from '../../detectors/f3net/phase.ts';
import { presets } from '../../detectors/f3net/presets.ts';
import { openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { dctMatrix, diagonalBand } from '../../src/dsp/dct.ts';
import { createRng } from '../../src/random.ts';
import { noisy } from '../support/clips.ts';
import { parametersOf, runNetwork, trainableCount } from '../support/networks.ts';

const size = 16;
const shape = [1, size, size, 3] as const;
const rng = createRng(1, 'f3net');
const frames = Float32Array.from({ length: size * size * 3 }, () => rng.uniform());
const at = (y: number, x: number, colour: number): number => frames[(y * size + x) * 3 + colour]!;

/** c(k) · cos(π (2n + 1) k / 2N), the definition. */
const cosine = (k: number, n: number, N: number): number =>
  Math.sqrt((k === 0 ? 1 : 2) / N) * Math.cos((Math.PI * (2 * n + 1) * k) / (2 * N));

it('bands hold as many coefficients as counted for the paper', () => {
  const counts = (n: number): number[] =>
    fadBands(n).map(([first, last]) => diagonalBand(n, first, last).reduce((sum, value) => sum + value, 0));
  expect(counts(299)).toEqual([5778, 5654, 78_226, 89_401]);
  expect(counts(64)).toEqual([276, 308, 3568, 4096]);
});

it('the transform is orthonormal', () => {
  const d = dctMatrix(12);
  for (let i = 0; i < 12; i++)
    for (let j = 0; j < 12; j++) {
      let dot = 0;
      for (let n = 0; n < 12; n++) dot += d[i * 12 + n]! * d[j * 12 + n]!;
      expect(dot).toBeCloseTo(i === j ? 1 : 0, 6);
    }
});

it('decomposes a picture into bands: each is that of the slow transform, the last the picture itself', async () => {
  const { tf, export: exportModel } = await openEngine({ threads: 1, backend: 'onnx' });
  const p = createParameters(tf, rng.fork('weights'));
  for (const i of [0, 1, 2, 3]) p.get(`fad/${i}`, [size, size], 'zeros');
  const model = await openModel(
    await exportModel({
      inputs: { frames: { shape } },
      outputs: ({ frames: x }) => ({ y: decompose(p, x) }),
      parameters: p,
    }),
    { threads: 1 },
  );
  const found = (await model.run({ frames: { shape, data: frames } })).y!.data as Float32Array;
  model.close();
  const spectrum = (i: number, j: number, colour: number): number => {
    let sum = 0;
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) sum += cosine(i, y, size) * cosine(j, x, size) * at(y, x, colour);
    return sum;
  };
  const coefficients = [0, 1, 2].map((colour) =>
    Array.from({ length: size * size }, (_, k) => spectrum(Math.floor(k / size), k % size, colour)),
  );
  for (const [b, [first, last]] of fadBands(size).entries())
    for (const [y, x] of [
      [0, 0],
      [3, 11],
      [15, 7],
    ] as const)
      for (let colour = 0; colour < 3; colour++) {
        let sum = 0;
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++)
            if (i + j >= first && i + j <= last)
              sum += cosine(i, y, size) * cosine(j, x, size) * coefficients[colour]![i * size + j]!;
        const value = found[(y * size + x) * 12 + b * 3 + colour]!;
        expect(value).toBeCloseTo(sum, 4);
        if (b === 3) expect(value).toBeCloseTo(at(y, x, colour), 4);
      }
});

it('local statistics are those of the slow transform of each window', async () => {
  const { tf, export: exportModel } = await openEngine({ threads: 1, backend: 'onnx' });
  const model = await openModel(
    await exportModel({
      inputs: { frames: { shape } },
      outputs: ({ frames: x }) => ({ y: localStatistics(tf, x) }),
      parameters: createParameters(tf, rng.fork('none')),
    }),
    { threads: 1 },
  );
  const { y } = await model.run({ frames: { shape, data: frames } });
  model.close();
  expect(y!.shape).toEqual([1, size / 2, size / 2, 6]);
  const grey = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= size || column >= size
      ? 0
      : ((at(row, column, 0) + at(row, column, 1) + at(row, column, 2)) / 3) * 245;
  for (const [wy, wx] of [
    [0, 0],
    [3, 5],
    [7, 7],
  ] as const) {
    const sums = new Float64Array(6);
    const counts = new Float64Array(6);
    for (let i = 0; i < 10; i++)
      for (let j = 0; j < 10; j++) {
        let value = 0;
        for (let r = 0; r < 10; r++)
          for (let c = 0; c < 10; c++)
            value += cosine(i, r, 10) * cosine(j, c, 10) * grey(wy * 2 - 4 + r, wx * 2 - 4 + c);
        for (let b = 0; b < 6; b++)
          if (i + j >= (20 * b) / 6 && i + j <= (20 * (b + 1)) / 6) {
            sums[b]! += Math.log10(Math.abs(value) + 1e-15);
            counts[b]!++;
          }
      }
    for (let b = 0; b < 6; b++)
      expect((y!.data as Float32Array)[(wy * 8 + wx) * 6 + b]).toBeCloseTo(sums[b]! / counts[b]!, 2);
  }
});

it('the phase picture is the slow inverse transform of what has every amplitude 1', async () => {
  const p = createParameters((await openEngine({ threads: 1, backend: 'onnx' })).tf, rng.fork('none'));
  const [height, width] = [6, 10];
  const picture = Float32Array.from({ length: height * width * 3 }, () => rng.int(256) / 255);
  const build = (_: Parameters, x: Tf.Tensor4D) => phasePicture(_.tf, x);
  const found = await runNetwork(p, [1, height, width, 3], build, picture);
  expect(found.shape).toEqual([1, height, width, 1]);
  const grey = (y: number, x: number): number =>
    [0, 1, 2].reduce((sum, colour) => sum + picture[(y * width + x) * 3 + colour]! / 3, -0.5);
  const spectrum = (k: number, l: number): [number, number] => {
    let [real, imaginary] = [0, 0];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const angle = -2 * Math.PI * ((k * y) / height + (l * x) / width);
        real += grey(y, x) * Math.cos(angle);
        imaginary += grey(y, x) * Math.sin(angle);
      }
    const size = Math.hypot(real, imaginary);
    return [real / size, imaginary / size];
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < height; k++)
        for (let l = 0; l < width; l++) {
          const angle = 2 * Math.PI * ((k * y) / height + (l * x) / width);
          const [real, imaginary] = spectrum(k, l);
          sum += real * Math.cos(angle) - imaginary * Math.sin(angle);
        }
      expect(found.data[y * width + x]).toBeCloseTo(sum / Math.sqrt(height * width), 3);
    }
});

/** Without a last layer, behind three channels: test/detectors/xception.test.ts. */
const xception = 22_855_952 - 2049 * 1000;
/** Of the first convolution for one channel more. */
const perChannel = 3 * 3 * 32;
/** 1×1 convolutions to an eighth and to all channels, and a share, of both streams. */
const attention = (channels: number): number =>
  2 * ((channels + 1) * Math.floor(channels / 8) + (channels + 1) * channels + 1);
/** Three separable convolutions of 728 with their normalisation. */
const middleBlock = 3 * (9 * 728 + 728 ** 2 + 2 * 728);

it.each([
  {
    phase: false,
    count: 2 * xception + (9 + 3) * perChannel + 4 * 299 ** 2 + attention(728) + attention(1024) + 4096 + 1,
    label: 'f3net@paper-299',
  },
  { phase: true, count: xception - 8 * middleBlock + perChannel + 2048 + 1, label: 'f3net@phase-paper-299' },
])(
  'at preset paper has the published layers (phase: $phase), and judges a frame',
  async (expected) => {
    const { phase, count, label } = expected;
    const { sizePx, trunk } = presets.paper;
    const form: Form = { trunk, phase };
    const build = (p: Parameters, x: Tf.Tensor4D, training: boolean): Tf.Tensor =>
      f3Net(p, x, form, training ? p.tf.ones([1, 1]) : undefined);
    const shape: [number, number, number, number] = [1, sizePx, sizePx, 3];
    const p = await parametersOf(shape, build);
    expect(trainableCount(p)).toBe(count);
    expect(f3net.label({ preset: 'paper', phase })).toBe(label);
    const features = p.trainable().get('out/kernel')!.size;
    p.load({ 'out/kernel': { shape: [features, 1], data: new Float32Array(features).fill(0.01) } });
    const data = Float32Array.from(noisy('whole', sizePx, sizePx, 40).data, (value) => value / 255);
    const [logit] = (await runNetwork(p, shape, build, data)).data;
    expect(Number.isFinite(logit) && logit !== 0).toBe(true);
  },
  180_000,
);

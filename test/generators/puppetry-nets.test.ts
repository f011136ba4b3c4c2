import { beforeAll, expect, test } from 'vitest';
import {
  audioWindows,
  phoneColumns,
  phoneInputs,
  phoneWindows,
} from '../../generators/puppetry/speech-features.ts';
import { expressionLoss, temporalFilter, windowNet } from '../../generators/puppetry/audio-net.ts';
import { expressionGram, gramDistance, mouthGram } from '../../generators/puppetry/expression.ts';
import { openEngine } from '../../src/compute/engine.ts';
import type { Engine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters } from '../../src/compute/parameters.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import type { Mesh } from '../../src/head/mesh.ts';
import { createRng } from '../../src/random.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
});
const rng = createRng(6, 'nets');

/** Runs a network on one input. */
async function evaluate(
  shape: number[],
  data: Float32Array,
  net: (p: ReturnType<typeof createParameters>, x: never) => never,
) {
  const p = createParameters(engine.tf, rng.fork('weights'));
  // The layers make their weights when they first run.
  engine.tf.tidy(() => void net(p, engine.tf.zeros(shape) as never));
  const bytes = await engine.export({
    inputs: { x: { shape } },
    outputs: ({ x }) => ({ y: net(p, x as never) }),
    parameters: p,
  });
  const model = await openModel(bytes, { threads: 1 });
  const { y } = await model.run({ x: { shape, data } });
  model.close();
  const count = [...p.trainable().values()].reduce((sum, { size }) => sum + size, 0);
  return { y: y!.data as Float32Array, count, weights: p.toTensors() };
}

test('window net and filter have the published sizes', async () => {
  const windows = Float32Array.from({ length: 2 * 16 * 29 }, () => rng.normal());
  const window = await evaluate([2, 16, 29], windows, (p, x) => windowNet(engine.tf, p, x) as never);
  expect(window.count).toBe(43_136);
  expect(window.y.length).toBe(2 * 32);
  expect(window.y.every((value) => Math.abs(value) < 1)).toBe(true);
  const latents = Float32Array.from({ length: 3 * 8 * 32 }, () => rng.normal());
  const filter = await evaluate([3, 8, 32], latents, (p, x) => temporalFilter(engine.tf, p, x) as never);
  expect(filter.count).toBe(2_149);
});

test('the first convolution is that of the definition: three rows, stride 2, one zero row before', async () => {
  const windows = Float32Array.from({ length: 16 * 29 }, () => rng.normal());
  const { weights } = await evaluate([1, 16, 29], windows, (p, x) => windowNet(engine.tf, p, x) as never);
  const kernel = weights['window/conv1/kernel']!;
  expect(kernel.shape).toEqual([3, 29, 32]);
  // The same layers by hand on plain arrays.
  let rows = Array.from({ length: 16 }, (_, t) => Array.from(windows.subarray(t * 29, (t + 1) * 29)));
  const named = (name: string) => weights[`window/${name}`]!.data;
  const leaky = (value: number, slope: number) => (value > 0 ? value : slope * value);
  for (const [name, slope] of [
    ['conv1', 0.02],
    ['conv2', 0.02],
    ['conv3', 0.2],
    ['conv4', 0.2],
  ] as const) {
    const [k, b] = [named(`${name}/kernel`), named(`${name}/bias`)];
    const [inputs, outputs] = [rows[0]!.length, b.length];
    rows = Array.from({ length: rows.length / 2 }, (_, t) =>
      Array.from({ length: outputs }, (__, o) => {
        let sum = b[o]!;
        for (let tap = 0; tap < 3; tap++) {
          const row = rows[2 * t + tap - 1];
          for (let i = 0; row && i < inputs; i++) sum += row[i]! * k[(tap * inputs + i) * outputs + o]!;
        }
        return leaky(sum, slope);
      }),
    );
  }
  let x = rows[0]!;
  for (const name of ['fc1', 'fc2', 'fc3']) {
    const [k, b] = [named(`${name}/kernel`), named(`${name}/bias`)];
    x = Array.from(b, (bias, o) => {
      const sum = x.reduce((total, value, i) => total + value * k[i * b.length + o]!, bias);
      return name === 'fc3' ? Math.tanh(sum) : leaky(sum, 0.02);
    });
  }
  const { y } = await evaluate([1, 16, 29], windows, (p, input) => windowNet(engine.tf, p, input) as never);
  x.forEach((value, i) => expect(y[i]).toBeCloseTo(value, 4));
});

test('the filter gives a convex mean of its eight neighbours', async () => {
  const latents = Float32Array.from({ length: 8 * 32 }, () => rng.normal());
  const { y } = await evaluate([1, 8, 32], latents, (p, x) => temporalFilter(engine.tf, p, x) as never);
  for (let i = 0; i < 32; i++) {
    const column = Array.from({ length: 8 }, (_, t) => latents[t * 32 + i]!);
    expect(y[i]).toBeGreaterThanOrEqual(Math.min(...column) - 1e-5);
    expect(y[i]).toBeLessThanOrEqual(Math.max(...column) + 1e-5);
  }
  const same = Float32Array.from({ length: 8 * 32 }, (_, i) => Math.sin(i % 32));
  const kept = await evaluate([1, 8, 32], same, (p, x) => temporalFilter(engine.tf, p, x) as never);
  kept.y.forEach((value, i) => expect(value).toBeCloseTo(Math.sin(i), 5));
});

const vertexCount = 7;
const mesh = {
  vertexCount,
  basis: Float32Array.from({ length: expressionCount * vertexCount * 3 }, () => rng.normal()),
  mouth: Uint8Array.from([0, 1, 1, 0, 0, 1, 0]),
} as unknown as Mesh;
const [a, b] = [0, 1].map(() => Float32Array.from({ length: expressionCount }, () => rng.normal())) as [
  Float32Array,
  Float32Array,
];

function displacement(difference: ArrayLike<number>): number[] {
  return Array.from({ length: vertexCount * 3 }, (_, i) =>
    Array.from(difference).reduce((sum, e, k) => sum + e * mesh.basis[k * vertexCount * 3 + i]!, 0),
  );
}

test('the Gram matrices give what the vertices give', () => {
  const moved = displacement(a.map((value, k) => value - b[k]!));
  const weighted = moved.map((value, i) => (mesh.mouth[Math.floor(i / 3)]! + 0.1) * value * value);
  const mean = weighted.reduce((sum, value) => sum + value, 0) / (3 * vertexCount);
  expect(gramDistance(expressionGram(mesh), a, b)).toBeCloseTo(mean, 3);
  const mouth = moved.reduce((sum, value, i) => sum + mesh.mouth[Math.floor(i / 3)]! * value * value, 0) / 3;
  expect(gramDistance(mouthGram(mesh), a, b)).toBeCloseTo(mouth, 3);
});

test('the loss is that of the definition, on vertices', async () => {
  const { tf } = engine;
  const [batch, length, k] = [2, 5, expressionCount];
  const rows = (count: number) => Float32Array.from({ length: batch * count * k }, () => rng.normal(0, 0.2));
  const [predicted, truth, unfiltered] = [rows(length + 2), rows(length + 2), rows(length)];
  const gram = expressionGram(mesh);
  const bytes = await engine.export({
    inputs: {
      predicted: { shape: [batch, length + 2, k] },
      truth: { shape: [batch, length + 2, k] },
      unfiltered: { shape: [batch, length, k] },
      gram: { shape: [batch, k, k] },
    },
    outputs: (inputs) => ({ y: tf.stack(Object.values(expressionLoss(tf, inputs))) }),
    parameters: createParameters(tf, rng),
  });
  const model = await openModel(bytes, { threads: 1 });
  const { y } = await model.run({
    predicted: { shape: [batch, length + 2, k], data: predicted },
    truth: { shape: [batch, length + 2, k], data: truth },
    unfiltered: { shape: [batch, length, k], data: unfiltered },
    gram: { shape: [batch, k, k], data: Float32Array.from([...gram, ...gram]) },
  });
  model.close();

  const row = (values: Float32Array, count: number, i: number, t: number) =>
    values.subarray((i * count + t) * k, (i * count + t + 1) * k);
  const error = (i: number, t: number) =>
    row(predicted, length + 2, i, t).map((value, c) => value - row(truth, length + 2, i, t)[c]!);
  const rms = (of: (i: number, t: number) => ArrayLike<number>): number => {
    let sum = 0;
    for (let i = 0; i < batch; i++) {
      for (let t = 1; t <= length; t++) {
        displacement(of(i, t)).forEach((value, at) => {
          sum += (mesh.mouth[Math.floor(at / 3)]! + 0.1) * value * value;
        });
      }
    }
    return Math.sqrt(sum / (batch * length * 3 * vertexCount));
  };
  const minus = (x: Float32Array, z: Float32Array) => x.map((value, c) => value - z[c]!);
  const raw = (i: number, t: number) =>
    minus(row(unfiltered, length, i, t - 1), row(truth, length + 2, i, t));
  const absolute =
    rms(error) + rms((i, t) => error(i, t - 1)) + rms((i, t) => error(i, t + 1)) + 3 * rms(raw);
  const step = (from: number, to: number) => rms((i, t) => minus(error(i, t + from), error(i, t + to)));
  const relative = 20 * (step(0, 1) + step(-1, 0) + step(1, -1));
  [absolute + relative, absolute, relative].forEach((value, i) =>
    expect(y!.data[i]! / value).toBeCloseTo(1, 4),
  );
});

test('windows are t − 8 … t + 7 with zeros beyond the ends, frames beyond the clip those at its ends', () => {
  const features = Float32Array.from({ length: 20 * 29 }, (_, i) => 1 + Math.floor(i / 29));
  const windows = audioWindows(features, [-3, 0, 10, 19, 25]);
  const rowsOf = (i: number) => Array.from({ length: 16 }, (_, r) => windows[(i * 16 + r) * 29]!);
  expect(rowsOf(1)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(rowsOf(0)).toEqual(rowsOf(1));
  expect(rowsOf(2)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
  expect(rowsOf(3)).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20, 0, 0, 0, 0, 0, 0, 0]);
  expect(rowsOf(4)).toEqual(rowsOf(3));
});

test('a phone window holds nine rows on each side and is normalised over the utterance', () => {
  const samples = Float32Array.from({ length: 16000 }, () => rng.normal(0, 0.1));
  const windows = phoneWindows({ sampleRate: 16000, samples });
  const count = windows.length / phoneInputs;
  const mean = windows.reduce((sum, value) => sum + value, 0) / windows.length;
  expect(mean).toBeCloseTo(0, 4);
  expect(windows.reduce((sum, value) => sum + value * value, 0) / windows.length).toBeCloseTo(1, 3);
  const row = (window: number, r: number) =>
    Array.from(windows.subarray(window * phoneInputs + r * 26, window * phoneInputs + (r + 1) * 26));
  expect(row(20, 9)).toEqual(row(12, 17));
  expect(new Set(row(0, 3)).size).toBe(1);
  const columns = phoneColumns([{ phone: 'iy1', start: 0.1, end: 0.2 }], count);
  expect(columns[2]).toBe(28);
  expect(columns[7]).toBe(0);
  expect(columns[11]).toBe(28);
});

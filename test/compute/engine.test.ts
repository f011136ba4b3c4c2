/** What the engine promises besides numbers: traps refused, inputs checked, models safe to open. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import type * as OnnxProto from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseBackend } from '../../src/compute/backends.ts';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { conv2d, dense } from '../../src/compute/layers.ts';
import { openModel } from '../../src/compute/model.ts';
import { decodeModel, emptyGraph, encodeModel } from '../../src/compute/onnx.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { UserError } from '../../src/errors.ts';
import { createRng } from '../../src/random.ts';

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openEngine({ threads: 1, backend: 'onnx' });
  folder = await mkdtemp(join(tmpdir(), 'masque-compute-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parameters = (): Parameters => createParameters(engine.tf, createRng(1));
const inputs = { x: { shape: [2, 3] }, learningRate: { shape: [] } } as const;
const x = Float32Array.of(1, 2, 3, 4, 5, 6);

function linear(p: Parameters, more: (loss: Tf.Tensor) => Tf.Tensor = (loss) => loss) {
  return engine.compile({
    parameters: p,
    inputs,
    loss: (given) => ({ loss: more(engine.tf.mean(dense(p, 'fc', given.x, { units: 2 }))) }),
    optimizer: { kind: 'sgd' },
  });
}

describe('compiling', () => {
  test('random numbers drawn inside the step are refused, not frozen', async () => {
    const { tf } = engine;
    await expect(linear(parameters(), (loss) => tf.add(loss, tf.randomNormal([])))).rejects.toThrow(/frozen/);
    await expect(
      linear(parameters(), (loss) => tf.mean(tf.dropout(tf.fill([50], 2).mul(loss), 0.5))),
    ).rejects.toThrow(/frozen/);
  });

  test('reading a value inside the step is refused', async () => {
    await expect(linear(parameters(), (loss) => engine.tf.scalar(loss.dataSync()[0]!))).rejects.toThrow(
      /no values while it is recorded/,
    );
  });

  test('a kernel without an ONNX form is named', async () => {
    await expect(
      linear(parameters(), (loss) => engine.tf.add(loss, engine.tf.topk(loss.reshape([1])).values)),
    ).rejects.toThrow(/TopK/);
  });

  test('a learning rate and something to train are needed', async () => {
    const p = parameters();
    const loss = (given: { x: Tf.Tensor }): { loss: Tf.Tensor } => ({
      loss: engine.tf.mean(dense(p, 'fc', given.x as Tf.Tensor2D, { units: 1 })),
    });
    await expect(
      engine.compile({ parameters: p, inputs: { x: inputs.x }, loss, optimizer: { kind: 'sgd' } }),
    ).rejects.toThrow(/learningRate/);
    await expect(
      engine.compile({ parameters: p, inputs, loss, optimizer: { kind: 'sgd' }, trainable: ['other'] }),
    ).rejects.toThrow(/nothing to train/);
  });
});

describe('a step', () => {
  test('inputs must have the declared size and type', async () => {
    const trainer = await linear(parameters());
    await expect(trainer.step({ x: x.subarray(1), learningRate: 1 })).rejects.toThrow(
      /"x" \[2, 3\] needs 6 values/,
    );
    await expect(trainer.step({ x: Int32Array.from(x), learningRate: 1 })).rejects.toThrow(/Int32Array/);
    await expect(trainer.step({ learningRate: 1 })).rejects.toThrow(/got nothing/);
    trainer.dispose();
  });

  test('a loss that is not finite stops the training', async () => {
    const trainer = await linear(parameters(), (loss) =>
      engine.tf.log(engine.tf.neg(engine.tf.square(loss))),
    );
    await expect(trainer.step({ x, learningRate: 1 })).rejects.toThrow(/diverged/);
    trainer.dispose();
  });

  test('only the chosen parameters change, and weights come back on sync', async () => {
    const p = parameters();
    const { tf } = engine;
    const trainer = await engine.compile({
      parameters: p,
      inputs,
      loss: (given) => ({
        loss: tf.mean(dense(p, 'b', tf.tanh(dense(p, 'a', given.x, { units: 2 })), { units: 2 })),
        metrics: { largest: tf.max(given.x) },
      }),
      optimizer: { kind: 'sgd' },
      trainable: ['b/'],
    });
    const before = p.toTensors();
    const { metrics } = await trainer.step({ x, learningRate: 0.1 });
    expect(metrics).toEqual({ largest: 6 });
    expect(p.toTensors()).toEqual(before);
    await trainer.sync();
    trainer.dispose();
    const after = p.toTensors();
    expect(after['a/kernel']).toEqual(before['a/kernel']);
    expect(after['b/kernel']).not.toEqual(before['b/kernel']);
    expect(Array.from(after['b/bias']!.data)).toEqual([-0.05, -0.05].map(Math.fround));
  });

  test.each(['onnx', 'cpu'] as const)('Adam keeps its moments from step to step (%s)', async (backend) => {
    const { tf, compile } = await openEngine({ threads: 1, backend });
    const p = createParameters(tf, createRng(1));
    const trainer = await compile({
      parameters: p,
      inputs: { slope: { shape: [] }, learningRate: { shape: [] } },
      loss: ({ slope }) => ({ loss: tf.mul(slope, tf.sum(p.get('w', [1], 'ones'))) }),
      optimizer: { kind: 'adam', beta1: 0.8, beta2: 0.9, epsilon: 1e-3 },
    });
    let [w, m, v] = [1, 0, 0];
    for (const [i, slope] of [1, -2, 0.5, 3, -1].entries()) {
      await trainer.step({ slope, learningRate: 0.1 });
      m = 0.8 * m + 0.2 * slope;
      v = 0.9 * v + 0.1 * slope ** 2;
      w -= (0.1 * (m / (1 - 0.8 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.9 ** (i + 1))) + 1e-3);
    }
    await trainer.sync();
    trainer.dispose();
    expect(p.toTensors().w!.data[0]).toBeCloseTo(w, 6);
  });
});

describe('parameters', () => {
  test('initial values depend on seed and name, not on the order of asking', () => {
    const [a, b] = [parameters(), parameters()];
    a.get('one', [4], { normal: 1 });
    const late = a.get('two', [3, 4], 'he').dataSync();
    expect(b.get('two', [3, 4], 'he').dataSync()).toEqual(late);
    expect(() => a.get('two', [4, 3], 'he')).toThrow(/\[3, 4\], not \[4, 3\]/);
  });

  test('initial spread: Glorot within ±√(6 / (in + out)), He with standard deviation √(2 / in)', () => {
    const p = parameters();
    const glorot = p.get('g', [3, 3, 20, 30], 'glorot').dataSync();
    const limit = Math.sqrt(6 / (9 * 20 + 9 * 30));
    expect(Math.max(...glorot.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...glorot.map(Math.abs))).toBeGreaterThan(0.99 * limit);
    const he = Array.from(p.get('h', [3, 3, 20, 30], 'he').dataSync());
    const deviation = Math.sqrt(he.reduce((total, value) => total + value * value, 0) / he.length);
    expect(deviation / Math.sqrt(2 / 180)).toBeCloseTo(1, 1);
  });

  test('load sets what exists, waits for what does not, and refuses another shape', () => {
    const [p, q] = [parameters(), parameters()];
    p.get('a', [2], 'ones');
    p.buffer('b', [2], 'ones');
    q.get('a', [2], 'zeros');
    q.load(p.toTensors());
    expect(q.get('a', [2], 'zeros').dataSync()).toEqual(Float32Array.of(1, 1));
    expect(q.buffer('b', [2], 'zeros').dataSync()).toEqual(Float32Array.of(1, 1));
    expect(() => q.load({ a: { shape: [3], data: new Float32Array(3) } })).toThrow(/\[3\], not \[2\]/);
  });

  test('a model of weights that do not exist yet is refused', async () => {
    const p = parameters();
    const model = engine.export({
      inputs: { x: { shape: [2, 3] } },
      outputs: (given) => ({ y: dense(p, 'fc', given.x, { units: 1 }) }),
      parameters: p,
    });
    await expect(model).rejects.toThrow(/did not exist/);
  });
});

describe('opening a model', () => {
  test('weights outside the file are refused', async () => {
    const { default: proto } = (await import('onnx-proto')) as unknown as { default: typeof OnnxProto };
    const graph = emptyGraph();
    graph.constants.push({ name: 'w', shape: [1], data: Float32Array.of(1) });
    graph.nodes.push({ op: 'Identity', inputs: ['w'], outputs: ['y'], attributes: {} });
    graph.outputs.push({ name: 'y', shape: [1], dtype: 'float32' });
    const model = proto.onnx.ModelProto.decode(await encodeModel(graph));
    const [weight] = model.graph!.initializer!;
    weight!.rawData = new Uint8Array();
    weight!.dataLocation = 1;
    weight!.externalData = [{ key: 'location', value: 'weights.bin' }];
    const path = join(folder, 'outside.onnx');
    await writeFile(path, proto.onnx.ModelProto.encode(model).finish());
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(4));
    await expect(openModel(path, { threads: 1 })).rejects.toThrow(/"w" lies in another file/);
  });

  test('what is no model is refused with its name', async () => {
    const path = join(folder, 'text.onnx');
    await writeFile(path, 'this is no model');
    await expect(openModel(path, { threads: 1 })).rejects.toThrow(UserError);
    await expect(openModel(path, { threads: 1 })).rejects.toThrow(/text\.onnx/);
    await expect(openModel(join(folder, 'absent.onnx'), { threads: 1 })).rejects.toThrow(UserError);
  });

  test('a saved model gives the same numbers from a file as from bytes', async () => {
    const p = parameters();
    const given = { x: { shape: [1, 6, 6, 3] } } as const;
    engine.tf.tidy(() => conv2d(p, 'c', engine.tf.zeros([1, 6, 6, 3]), { filters: 2, kernelSize: 3 }));
    const bytes = await engine.export({
      inputs: given,
      outputs: (at) => ({ y: conv2d(p, 'c', at.x, { filters: 2, kernelSize: 3 }) }),
      parameters: p,
    });
    // Filters lie in the file as convolutions read them, so that a reader sees how wide those are.
    expect((await decodeModel(bytes)).convolutionWidths).toEqual([2]);
    const path = join(folder, 'model.onnx');
    await writeFile(path, bytes);
    const feeds = {
      x: { shape: given.x.shape, data: Float32Array.from({ length: 108 }, (_, i) => i / 108) },
    };
    const results = await Promise.all(
      [path, new Uint8Array(await readFile(path))].map(async (source) => {
        const model = await openModel(source, { threads: 1 });
        const { y } = await model.run(feeds);
        model.close();
        return y;
      }),
    );
    expect(results[0]).toEqual(results[1]);
    expect(results[0]!.shape).toEqual([1, 6, 6, 2]);
  });
});

describe('the backend', () => {
  const missing = (what: string) => () => {
    throw new Error(`Cannot find ${what} at path: /somewhere/${what}.node. \nRequire stack: …`);
  };

  test('is the native one where it loads, else compiled ONNX, else wasm; the reason says why', async () => {
    const loads = (): unknown => ({});
    expect(await chooseBackend({ native: loads, onnx: missing('onnx') })).toMatchObject({
      name: 'tfjs-node-gpu',
    });
    const compiled = await chooseBackend({ native: missing('addon'), onnx: loads });
    expect(compiled).toEqual({
      name: 'onnx',
      device: 'cpu',
      reason: 'compiled steps; tfjs-node-gpu does not load: Cannot find addon',
    });
    const last = await chooseBackend({ native: missing('addon'), onnx: missing('onnx') });
    expect(last.name).toBe('wasm');
    expect(last.reason).toMatch(/addon.*onnx/);
  });

  test('here is one of them', async () => {
    expect(['onnx', 'tfjs-node-gpu']).toContain((await chooseBackend()).name);
  });
});

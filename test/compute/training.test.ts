/** Compiled training against eager TensorFlow.js, on three small networks. */
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { size } from '../../src/compute/graph.ts';
import { openModel } from '../../src/compute/model.ts';
import type { OptimizerOptions } from '../../src/compute/optimizer.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';
import { encodeTensors, type NamedTensors } from '../../src/tensors.ts';
import { inferShape, networks, type SmallNetwork } from './networks.ts';

let compiled: Engine;
beforeAll(async () => {
  compiled = await openEngine({ threads: 1, backend: 'onnx' });
});

const weights = (engine: Engine): Parameters => createParameters(engine.tf, createRng(3, 'weights'));

async function train(
  engine: Engine,
  network: SmallNetwork,
  optimizer: OptimizerOptions,
  rate: number,
  p = weights(engine),
) {
  const trainer = await engine.compile({
    parameters: p,
    inputs: network.inputs,
    loss: (inputs) => ({ loss: network.loss(engine.tf, p, inputs as Record<string, Tf.Tensor>) }),
    optimizer,
  });
  const rng = createRng(5, 'batches');
  const losses: number[] = [];
  for (let step = 0; step < 10; step++)
    losses.push((await trainer.step({ ...network.batch(rng), learningRate: rate })).loss);
  await trainer.sync();
  trainer.dispose();
  return { losses, tensors: p.toTensors() };
}

function expectEqualTensors(actual: NamedTensors, expected: NamedTensors, tolerance: number): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, { data }] of Object.entries(expected)) {
    const largest = Math.max(...Array.from(data, Math.abs));
    const worst = Math.max(...Array.from(data, (value, i) => Math.abs(value - actual[name]!.data[i]!)));
    expect(worst / largest, name).toBeLessThan(tolerance);
  }
}

/** Loss and gradients at the first weights, as tensors by name; the recorded ones run as an exported model. */
async function gradients(engine: Engine, network: SmallNetwork, record: boolean): Promise<NamedTensors> {
  const { tf } = engine;
  const p = weights(engine);
  const batch = { ...network.batch(createRng(5, 'batches')), learningRate: Float32Array.of(0) } as Record<
    string,
    Float32Array | Int32Array
  >;
  const tensors = Object.entries(network.inputs).map(
    ([name, { shape }]) => [name, tf.tensor(batch[name]!, [...shape])] as const,
  );
  network.loss(tf, p, Object.fromEntries(tensors));
  const names = [...p.trainable().keys()];
  const compute = (inputs: Record<string, Tf.Tensor>): Record<string, Tf.Tensor> => {
    const { value, grads } = tf.variableGrads(
      () => network.loss(tf, p, inputs) as Tf.Scalar,
      [...p.trainable().values()],
    );
    return {
      loss: value,
      ...Object.fromEntries(names.map((name) => [name, grads[p.trainable().get(name)!.name]!])),
    };
  };
  if (!record) {
    const results = Object.entries(compute(Object.fromEntries(tensors)));
    return Object.fromEntries(
      results.map(([name, t]) => [name, { shape: t.shape, data: t.dataSync() as Float32Array }]),
    );
  }
  const model = await openModel(
    await engine.export({
      inputs: network.inputs,
      outputs: (x) => compute(x as Record<string, Tf.Tensor>),
      parameters: p,
    }),
    { threads: 1 },
  );
  const feeds = model.inputNames.map(
    (name) => [name, { shape: network.inputs[name]!.shape, data: batch[name]! }] as const,
  );
  const results = await model.run(Object.fromEntries(feeds));
  model.close();
  return results as NamedTensors;
}

describe.each(networks)('$name', (network) => {
  let eager: Engine;
  beforeAll(async () => {
    eager = await openEngine({ threads: 1, backend: network.eager });
  });

  test('loss and gradients equal the eager ones', async () => {
    expectEqualTensors(
      await gradients(compiled, network, true),
      await gradients(eager, network, false),
      1e-5,
    );
  });

  test('weights after ten steps of gradient descent equal the eager ones', async () => {
    const a = await train(compiled, network, { kind: 'sgd' }, network.rate);
    const b = await train(eager, network, { kind: 'sgd' }, network.rate);
    expectEqualTensors(a.tensors, b.tensors, 1e-5);
    expect(a.tensors).not.toEqual(weights(compiled).toTensors());
  });

  test('losses over ten steps of Adam equal the eager ones', async () => {
    const a = await train(compiled, network, { kind: 'adam' }, 1e-3);
    const b = await train(eager, network, { kind: 'adam' }, 1e-3);
    for (const [i, loss] of b.losses.entries()) expect(Math.abs(a.losses[i]! / loss - 1)).toBeLessThan(1e-3);
  });

  test('the exported model equals the eager one', async () => {
    const { tf } = compiled;
    const { tensors } = await train(compiled, network, { kind: 'adam', beta1: 0.5 }, 1e-3);
    const p = weights(compiled);
    p.load(tensors);
    const shape = inferShape(network);
    const rng = createRng(8);
    const data = Float32Array.from({ length: size(shape) }, () => rng.uniform(-1, 1));
    const expected = network.infer.output(tf, p, tf.tensor(data, [...shape]));
    const bytes = await compiled.export({
      inputs: { [network.infer.input]: { shape } },
      outputs: (inputs) => ({ y: network.infer.output(tf, p, inputs[network.infer.input] as Tf.Tensor) }),
      parameters: p,
    });
    const model = await openModel(bytes, { threads: 1 });
    const { y } = await model.run({ [network.infer.input]: { shape, data } });
    model.close();
    expect(y!.shape).toEqual(expected.shape);
    expectEqualTensors(
      { y: y as NamedTensors[string] },
      { y: { shape: [...expected.shape], data: expected.dataSync() as Float32Array } },
      1e-5,
    );
  });

  test.each([1, 2] as const)(
    'the same seed gives the same weights, byte for byte, with %i threads',
    async (threads) => {
      const engine = await openEngine({ threads, backend: 'onnx' });
      const [a, b] = [
        await train(engine, network, { kind: 'adam' }, 1e-3),
        await train(engine, network, { kind: 'adam' }, 1e-3),
      ];
      expect(Buffer.from(encodeTensors(a.tensors)).equals(encodeTensors(b.tensors))).toBe(true);
    },
  );
});

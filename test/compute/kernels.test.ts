/** Every lowered kernel beside its definition: values directly, gradients by central differences in double precision. */
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { size } from '../../src/compute/graph.ts';
import { openModel } from '../../src/compute/model.ts';
import { kernels } from '../../src/compute/kernels/index.ts';
import { createRng } from '../../src/random.ts';
import type { Case } from './case.ts';
import { cases } from './cases.ts';
import { expectClose, numericGradient } from './numeric.ts';
import type { Nd } from './reference.ts';

let engine: Engine;
const lowered = new Set<string>();
beforeAll(async () => {
  for (const [name, kernel] of Object.entries(kernels)) {
    kernels[name] = {
      ...kernel,
      lower(...call) {
        lowered.add(name);
        return kernel.lower(...call);
      },
    };
  }
  engine = await openEngine({ threads: 1, backend: 'onnx' });
});

/** Values and, weighted with `weights`, the gradient for every input, through a compiled graph. */
async function compiled(
  { shapes, tf: body, forwardOnly }: Case,
  inputs: Nd[],
  weights: Float32Array,
  shape: number[],
) {
  const names = shapes.map((_, i) => `x${i}`);
  const bytes = await engine.export({
    inputs: Object.fromEntries(names.map((name, i) => [name, { shape: shapes[i]! }])),
    outputs: (given) => {
      const { tf } = engine;
      const tensors = names.map((name) => given[name] as Tf.Tensor);
      const y = body(tf, tensors);
      if (forwardOnly) return { y };
      const gradients = tf.grads((...xs) => tf.sum(tf.mul(body(tf, xs), tf.tensor(weights, shape))))(tensors);
      return { y, ...Object.fromEntries(gradients.map((gradient, i) => [`d${i}`, gradient])) };
    },
  });
  const model = await openModel(bytes, { threads: 1 });
  const feeds = names.map(
    (name, i) => [name, { shape: shapes[i]!, data: Float32Array.from(inputs[i]!.data) }] as const,
  );
  const results = await model.run(Object.fromEntries(feeds));
  model.close();
  return results;
}

describe('every kernel equals its definition', () => {
  test.each(cases)('$name', async (one) => {
    const rng = createRng(7, one.name);
    const [low, high] = one.range ?? [-1.5, 1.5];
    // Inputs are floats, so that both sides see the same numbers.
    const inputs = one.shapes.map((shape) => ({
      shape,
      data: Float64Array.from({ length: size(shape) }, () => Math.fround(rng.uniform(low, high))),
    }));
    const expected = one.reference(inputs);
    const weights = Float32Array.from(expected.data, () => rng.uniform(-1, 1));
    const results = await compiled(one, inputs, weights, expected.shape);
    expect(results.y!.shape).toEqual(expected.shape);
    expectClose(results.y!.data, expected.data, 1e-5);
    if (one.forwardOnly) return;
    for (const k of inputs.keys())
      expectClose(results[`d${k}`]!.data, numericGradient(one, inputs, k, weights), 2e-5);
  });
});

test('every kernel was lowered in some case', () => {
  expect(Object.keys(kernels).filter((name) => !lowered.has(name))).toEqual([]);
});

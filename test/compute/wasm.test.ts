/** The kernels that masque gives the wasm backend: gradients beside the definition. */
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { size } from '../../src/compute/graph.ts';
import { createRng } from '../../src/random.ts';
import { cases } from './cases.ts';
import { expectClose, numericGradient } from './numeric.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1, backend: 'wasm' });
});

const replaced = cases.filter(({ name }) =>
  /^(narrow |conv2d (7×7|with)|depthwise|conv1d|gather|sampleTexture)/.test(name),
);

test.each(replaced)('$name', (one) => {
  const { tf } = engine;
  const rng = createRng(7, one.name);
  const inputs = one.shapes.map((shape) => ({
    shape,
    data: Float64Array.from({ length: size(shape) }, () => Math.fround(rng.uniform(-1.5, 1.5))),
  }));
  const expected = one.reference(inputs);
  const weights = Float32Array.from(expected.data, () => rng.uniform(-1, 1));
  const tensors = inputs.map(({ shape, data }) => tf.tensor(Float32Array.from(data), shape));
  expectClose(one.tf(tf, tensors).dataSync(), expected.data, 1e-5);
  const loss = (...xs: Tf.Tensor[]): Tf.Tensor =>
    tf.sum(tf.mul(one.tf(tf, xs), tf.tensor(weights, expected.shape)));
  for (const [k, gradient] of tf.grads(loss)(tensors).entries()) {
    expectClose(gradient.dataSync(), numericGradient(one, inputs, k, weights), 2e-5);
  }
});

import { expect, it } from 'vitest';
import { openEngine } from '../../src/compute/engine.ts';
import { bidirectionalLstm } from '../../src/compute/lstm.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';

const [batch, time, features, units] = [2, 5, 3, 4];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

it('both directions are those of the definition', async () => {
  const { tf, export: exportModel } = await openEngine({ threads: 1, backend: 'onnx' });
  const rng = createRng(1, 'lstm');
  const p = createParameters(tf, rng.fork('weights'));
  const x = Float32Array.from({ length: batch * time * features }, () => rng.normal());
  const bias = Float32Array.from({ length: 4 * units }, () => rng.normal());
  p.load({ 'l/forwards/bias': { shape: [4 * units], data: bias } });
  tf.tidy(() => void bidirectionalLstm(p, 'l', tf.tensor3d(x, [batch, time, features]), units));
  const model = await openModel(
    await exportModel({
      inputs: { x: { shape: [batch, time, features] } },
      outputs: (given) => ({ y: bidirectionalLstm(p, 'l', given.x, units) }),
      parameters: p,
    }),
    { threads: 1 },
  );
  const found = (await model.run({ x: { shape: [batch, time, features], data: x } })).y!;
  model.close();
  expect(found.shape).toEqual([batch, time, 2 * units]);
  const weights = p.toTensors();
  for (const [d, way] of ['forwards', 'backwards'].entries())
    for (let b = 0; b < batch; b++) {
      let [h, c] = [Array.from({ length: units }, () => 0), Array.from({ length: units }, () => 0)];
      for (let step = 0; step < time; step++) {
        const t = d === 0 ? step : time - 1 - step;
        const z = Array.from({ length: 4 * units }, (_, j) => {
          let sum = weights[`l/${way}/bias`]!.data[j]!;
          for (let i = 0; i < features; i++)
            sum += x[(b * time + t) * features + i]! * weights[`l/${way}/kernel`]!.data[i * 4 * units + j]!;
          for (let i = 0; i < units; i++)
            sum += h[i]! * weights[`l/${way}/recurrent`]!.data[i * 4 * units + j]!;
          return sum;
        });
        c = c.map(
          (value, u) => sigmoid(z[units + u]!) * value + sigmoid(z[u]!) * Math.tanh(z[2 * units + u]!),
        );
        h = c.map((value, u) => sigmoid(z[3 * units + u]!) * Math.tanh(value));
        for (let u = 0; u < units; u++)
          expect(found.data[((b * time + t) * 2 + d) * units + u]).toBeCloseTo(h[u]!, 5);
      }
    }
});

import { expect, test } from 'vitest';
import { openEngine } from '../../src/compute/engine.ts';
import { createParameters } from '../../src/compute/parameters.ts';
import { sampleTexture } from '../../src/compute/texture.ts';
import { createRng } from '../../src/random.ts';

const [height, width, channels, count] = [6, 5, 3, 4000];
const rng = createRng(5, 'scatter');
const texture = Float32Array.from({ length: height * width * channels }, () => rng.normal());
const indices = Int32Array.from({ length: count * 4 }, () => rng.int(height * width));
const weights = Float32Array.from({ length: count * 4 }, () => rng.uniform());
const upstream = Float32Array.from({ length: count * channels }, () => rng.normal());

test.each([1, 2] as const)(
  'the gradient of a texture sums over repeated texels, on %d threads',
  async (threads) => {
    const engine = await openEngine({ threads, backend: 'onnx' });
    const { tf } = engine;
    const p = createParameters(tf, rng);
    p.load({ texture: { shape: [height, width, channels], data: texture } });
    const trainer = await engine.compile({
      parameters: p,
      inputs: {
        indices: { shape: [count, 4], dtype: 'int32' },
        weights: { shape: [count, 4] },
        upstream: { shape: [count, channels] },
        learningRate: { shape: [] },
      },
      loss: (inputs) => {
        const sampled = sampleTexture(
          tf,
          p.get('texture', [height, width, channels], 'zeros'),
          inputs.indices,
          inputs.weights,
        );
        return { loss: tf.sum(tf.mul(sampled, inputs.upstream)) };
      },
      optimizer: { kind: 'sgd' },
    });
    await trainer.step({ indices, weights, upstream, learningRate: 1 });
    await trainer.sync();
    trainer.dispose();
    const expected = Float64Array.from(texture);
    indices.forEach((texel, i) => {
      for (let c = 0; c < channels; c++) {
        expected[texel * channels + c]! -= weights[i]! * upstream[(i >> 2) * channels + c]!;
      }
    });
    const after = p.toTensors()['texture']!.data;
    expected.forEach((value, i) => expect(Math.abs(after[i]! - value)).toBeLessThan(1e-3));
  },
);

/** The converted networks against TensorFlow.js, which runs the package's own graph models. */
import { beforeAll, expect, test } from 'vitest';
import type { TfNamespace } from '../../src/compute/record.ts';
import { openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { convertFaceNetworks, executeByName, loadGraphModel } from '../../src/faces/convert-networks.ts';
import { meshSidePx } from '../../src/faces/dense-landmarks.ts';
import { detectorSidePx } from '../../src/faces/detect.ts';
import { humanFile } from '../../src/faces/human-package.ts';
import type { FaceNetName } from '../../src/faces/networks.ts';
import { createRng } from '../../src/random.ts';

let tf: TfNamespace;
let converted: Record<FaceNetName, Uint8Array>;
beforeAll(async () => {
  converted = await convertFaceNetworks();
  ({ tf } = await openEngine({ threads: 1, backend: 'wasm' }));
});

test.each([
  ['detector', detectorSidePx, -1],
  ['mesh', meshSidePx, 0],
] as const)('%s gives what TensorFlow.js gives', async (name, side, low) => {
  const network = await openModel(converted[name], { threads: 1, device: 'cpu' });
  const model = await loadGraphModel(tf, name);
  const rng = createRng(3, name);
  const noise = Float32Array.from({ length: side * side * 3 }, () => rng.uniform(low, 1));
  const blob = noise.map((_, i) => {
    const [x, y] = [(Math.floor(i / 3) % side) / side - 0.5, Math.floor(i / 3 / side) / side - 0.5];
    return Math.exp(-20 * (x * x + y * y)) - 0.2 * (i % 3);
  });
  for (const data of [noise, blob]) {
    const outputs = await network.run({ picture: { shape: [1, side, side, 3], data } });
    const expected = executeByName(model, name, tf.tensor(data, [1, side, side, 3]));
    expect(Object.keys(outputs).toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const [output, tensor] of Object.entries(expected)) {
      const values = Float32Array.from(tensor.dataSync());
      const largest = Math.max(1, ...values.map(Math.abs));
      const worst = values.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - outputs[output]!.data[i]!)),
        0,
      );
      expect(new Set(values).size, output).toBeGreaterThan(values.length / 2);
      expect(worst / largest, output).toBeLessThan(1e-4);
    }
  }
  network.close();
});

test('files of the package are named, whatever its export map lets through', () => {
  expect(humanFile('models', 'facemesh.bin')).toMatch(/@vladmandic[/\\]human[/\\]models[/\\]facemesh\.bin$/);
});

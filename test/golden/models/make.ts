/**
 * Makes the small networks beside this script, and prints the SHA-256 that the manifest has of each: `npx tsx test/golden/models/make.ts`.
 * `roughness`: the mean difference of neighbours, the same for the same picture. `softener`: each pixel becomes the mean of its nine.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { encodeModel, type OnnxGraph } from '../../../src/compute/onnx.ts';
import { sha256OfFile } from '../../../src/files.ts';

const picture = (name: string, sizePx: number): OnnxGraph['inputs'][number] => ({
  name,
  shape: [1, 3, sizePx, sizePx],
  dtype: 'float32',
});

const networks: Record<string, OnnxGraph> = {
  roughness: {
    inputs: [picture('pixels', 32)],
    outputs: [{ name: 'roughness', shape: [], dtype: 'float32' }],
    constants: [{ name: 'kernel', shape: [1, 3, 1, 2], data: Float32Array.of(1, -1, 1, -1, 1, -1) }],
    nodes: [
      { op: 'Conv', inputs: ['pixels', 'kernel'], outputs: ['steps'], attributes: {} },
      { op: 'Abs', inputs: ['steps'], outputs: ['sizes'], attributes: {} },
      { op: 'ReduceMean', inputs: ['sizes'], outputs: ['roughness'], attributes: { keepdims: 0 } },
    ],
  },
  softener: {
    inputs: [picture('before', 48)],
    outputs: [picture('after', 48)],
    constants: [],
    nodes: [
      {
        op: 'AveragePool',
        inputs: ['before'],
        outputs: ['after'],
        attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] },
      },
    ],
  },
};

for (const [name, graph] of Object.entries(networks)) {
  const path = fileURLToPath(new URL(`${name}.onnx`, import.meta.url));
  await writeFile(path, await encodeModel(graph));
  console.log(`${name} ${await sha256OfFile(path)}`);
}

/** Devices: what is asked for is used or refused aloud; WebGPU computes what the processor computes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { chooseBackend } from '../../src/compute/backends.ts';
import { chosenDevice, cudaProvider, type Device, requireDevice } from '../../src/compute/device.ts';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { size } from '../../src/compute/graph.ts';
import { conv2d } from '../../src/compute/layers.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters } from '../../src/compute/parameters.ts';
import { exitCodes, UserError } from '../../src/errors.ts';
import type { FromWorker } from '../../src/queue/messages.ts';
import { createPool } from '../../src/queue/pool.ts';
import { createRng } from '../../src/random.ts';
import { toyDevice } from '../support/toy.job.ts';
import { findVulkan } from '../support/vulkan.ts';
import { networks } from './networks.ts';

const vulkan = findVulkan();
if (!vulkan && process.env['CI'] === 'true')
  throw new Error('CI must bring a Vulkan device: Chromium has one');
if (!vulkan)
  process.stderr.write('skipped: WebGPU; neither a Vulkan driver nor Chromium’s SwiftShader is here\n');

/** Compared with the processor. What needs no GPU of NVIDIA's is always there in CI; CUDA where its provider was fetched. */
const gpus: Device[] = [
  ...(vulkan ? (['webgpu'] as const) : []),
  ...(existsSync(cudaProvider()) ? (['cuda'] as const) : []),
];
// CUDA would round the factors of a convolution to 11 bits.
process.env['NVIDIA_TF32_OVERRIDE'] = '0';

const without = async (device: Device): Promise<UserError> => {
  const error = await requireDevice(device).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
};

describe('choosing', () => {
  const withDevice = (word: string | undefined): string => {
    const before = process.env['MASQUE_DEVICE'];
    process.env['MASQUE_DEVICE'] = word ?? '';
    try {
      return chosenDevice();
    } finally {
      if (before === undefined) delete process.env['MASQUE_DEVICE'];
      else process.env['MASQUE_DEVICE'] = before;
    }
  };

  test('the variable says which; nothing means auto; another word is refused', () => {
    expect([undefined, 'auto', 'cpu', 'webgpu'].map(withDevice)).toEqual(['auto', 'auto', 'cpu', 'webgpu']);
    expect(() => withDevice('cuba')).toThrow(/MASQUE_DEVICE=cuba: .* did you mean "cuda"/);
  });

  test('auto takes the addon where it loads, cpu never does', async () => {
    const load = { native: () => ({}), onnx: () => ({}) };
    expect(await chooseBackend(load, 'auto')).toMatchObject({ name: 'tfjs-node-gpu', device: 'unknown' });
    expect(await chooseBackend(load, 'cpu')).toMatchObject({ name: 'onnx', device: 'cpu' });
  });

  test.skipIf(existsSync(cudaProvider()))(
    'a GPU that is not here is refused with exit 4, what was looked for, and what to do',
    async () => {
      const { message, exitCode } = await without('cuda');
      expect(exitCode).toBe(exitCodes.environment);
      expect(message).toMatch(/"cuda" cannot be used: .*libonnxruntime_providers_cuda\.so/);
      expect(message).toContain('npm run setup:gpu');
      await expect(chooseBackend(undefined, 'cuda')).rejects.toThrow(/cannot be used/);
    },
  );

  test('workers hear of the device, refuse one that is not here, and end with their pool', async () => {
    const pool = createPool(1, {
      MASQUE_DEVICE: 'webgpu',
      VK_ICD_FILENAMES: 'none',
      VK_DRIVER_FILES: 'none',
    });
    const refused = await pool.run(toyDevice, {}, '.').catch((thrown: unknown) => thrown);
    await pool.close();
    expect(refused).toBeInstanceOf(UserError);
    expect((refused as UserError).exitCode).toBe(exitCodes.environment);
    expect((refused as UserError).message).toMatch(/"webgpu" cannot be used: .*Vulkan driver/);
  });
});

/** Largest difference between two lists of numbers, as a share of the largest of the second. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const list = Array.from(expected);
  return Math.max(...list.map((value, i) => Math.abs(value - actual[i]!))) / Math.max(...list.map(Math.abs));
}

describe.each(gpus)('%s', (gpuDevice) => {
  test('a worker computes on it, and ends by itself with 0 when the main process is gone', async () => {
    const entry = fileURLToPath(new URL('../../src/queue/worker-entry.mjs', import.meta.url));
    const worker = fork(entry, { env: { ...process.env, MASQUE_DEVICE: gpuDevice } });
    const answered = once(worker, 'message');
    const { module, name } = toyDevice;
    worker.send({ module, name, input: {}, folder: '.', checkpoints: '.' });
    const [answer] = (await answered) as [FromWorker];
    expect(answer).toMatchObject({ kind: 'done', output: { name: 'onnx', device: gpuDevice } });
    const ended = once(worker, 'exit');
    worker.disconnect();
    expect(await ended).toEqual([0, null]);
  });

  test.each(networks)('a compiled step: $name', async (network) => {
    const train = async (device: Device) => {
      const engine: Engine = await openEngine({ threads: 1, backend: 'onnx', device });
      const { tf } = engine;
      const parameters = createParameters(tf, createRng(3, 'weights'));
      const trainer = await engine.compile({
        parameters,
        inputs: network.inputs,
        loss: (inputs) => ({ loss: network.loss(tf, parameters, inputs as Record<string, Tf.Tensor>) }),
        optimizer: { kind: 'sgd' },
      });
      const rng = createRng(5, 'batches');
      const losses: number[] = [];
      for (let step = 0; step < 3; step++)
        losses.push((await trainer.step({ ...network.batch(rng), learningRate: network.rate })).loss);
      await trainer.sync();
      trainer.dispose();
      return { losses, tensors: parameters.toTensors() };
    };
    const [gpu, cpu] = [await train(gpuDevice), await train('cpu')];
    expect(distance(gpu.losses, cpu.losses)).toBeLessThan(1e-5);
    for (const [name, { data }] of Object.entries(cpu.tensors))
      expect(distance(gpu.tensors[name]!.data, data), name).toBeLessThan(1e-4);
  });

  // ONNX Runtime 1.30 computes these convolutions wrongly where it keeps images as NHWC; see session.ts.
  test.each([3, 6, 9, 15])('an exported convolution of %i channels', async (channels) => {
    const { tf, export: exportModel } = await openEngine({ threads: 1, backend: 'onnx', device: 'cpu' });
    const parameters = createParameters(tf, createRng(4, 'filter'));
    const shape = [1, 8, 8, channels] as const;
    const layer = (x: Tf.Tensor4D): Tf.Tensor4D =>
      conv2d(parameters, 'layer', x, { filters: 8, kernelSize: 4, strides: 2 });
    tf.tidy(() => void layer(tf.zeros([...shape])));
    const bytes = await exportModel({
      inputs: { x: { shape } },
      outputs: ({ x }) => ({ y: layer(x) }),
      parameters,
    });
    const rng = createRng(9);
    const data = Float32Array.from({ length: size(shape) }, () => rng.uniform(-1, 1));
    const results: ArrayLike<number>[] = [];
    for (const device of [gpuDevice, 'cpu'] as const) {
      const model = await openModel(bytes, { threads: 1, device });
      results.push((await model.run({ x: { shape, data } }))['y']!.data);
      model.close();
    }
    expect(distance(results[0]!, results[1]!)).toBeLessThan(1e-5);
  });
});

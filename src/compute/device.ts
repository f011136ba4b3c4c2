/**
 * Which device ONNX Runtime computes on. `--device` chooses it; worker processes hear of it as `MASQUE_DEVICE`. What a provider
 * has no kernel for, ONNX Runtime computes on the processor, inside the same session.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { didYouMean, exitCodes, UserError, withoutFolders } from '../errors.ts';

export const deviceChoices = ['auto', 'cpu', 'cuda', 'webgpu'] as const;
export type DeviceChoice = (typeof deviceChoices)[number];
export type Device = Exclude<DeviceChoice, 'auto'>;

/** What `MASQUE_DEVICE` asks for; `auto` where it is not set. Throws UserError on another word. */
export function chosenDevice(): DeviceChoice {
  const word = process.env['MASQUE_DEVICE'] || 'auto';
  const choice = deviceChoices.find((known) => known === word);
  if (choice) return choice;
  const meant = didYouMean(word, deviceChoices);
  throw new UserError(
    `MASQUE_DEVICE=${word}: expected ${deviceChoices.join(', ')}${meant ? `; did you mean "${meant}"?` : ''}`,
  );
}

/** The device of sessions that say nothing else. */
export function sessionDevice(): Device {
  const choice = chosenDevice();
  return choice === 'auto' ? 'cpu' : choice;
}

/** What each device needs, for people. */
const needs: Record<Device, string> = {
  cpu: 'onnxruntime-node; run "npm ci" again',
  cuda: 'an NVIDIA GPU with its driver, CUDA 12 with cuDNN 9, and the CUDA provider of ONNX Runtime (linux x64); "npm run setup:gpu" fetches the last and says what else is missing',
  webgpu:
    'a GPU with a Vulkan driver (on macOS Metal, on Windows Direct3D 12); "npm run setup:gpu -- --device webgpu" says what is missing',
};

/** Doubles a number on the device. Throws UserError (exit 4), which says what was looked for and what to do, where that does not work. */
export async function requireDevice(device: Device): Promise<void> {
  const why = await deviceFailure(device);
  if (why === undefined) return;
  throw new UserError(
    `device "${device}" cannot be used: ${why}. It needs ${needs[device]}. "--device auto" computes without it`,
    { exitCode: exitCodes.environment },
  );
}

/** Where the package's own install script puts the CUDA provider. */
export function cudaProvider(): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  return join(root, `bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`);
}

/** Why computing on the device does not work, in one line; undefined when it does. */
export async function deviceFailure(device: Device): Promise<string | undefined> {
  // ONNX Runtime would say the same, but to stderr.
  if (device === 'cuda' && !existsSync(cudaProvider()))
    return 'libonnxruntime_providers_cuda.so is not installed';
  const { emptyGraph, encodeModel } = await import('./onnx.ts');
  const { openSession } = await import('./session.ts');
  const graph = emptyGraph();
  graph.inputs.push({ name: 'x', shape: [1], dtype: 'float32' });
  graph.outputs.push({ name: 'y', shape: [1], dtype: 'float32' });
  graph.nodes.push({ op: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: {} });
  try {
    const session = await openSession(await encodeModel(graph), { threads: 1, device });
    const { y } = await session.run({ x: { shape: [1], data: Float32Array.of(21) } });
    await session.close();
    return y?.data[0] === 42 ? undefined : `it doubles 21 to ${y?.data[0]}`;
  } catch (error) {
    return firstLine((error as Error).message);
  }
}

/** The first line without the folders of this machine and without places in sources, which ONNX Runtime tells first. */
export const firstLine = (message: string): string =>
  withoutFolders(
    (message.trim().split('\n')[0] ?? '')
      .replace(/^.* was false\. /, '')
      .replaceAll(/ at path: ?\/\S+| ?(?<!\S)\/\S+\.\w+:\d+/g, ''),
  ).trim();

/** Which backend computes, chosen once at start. */
import { createRequire } from 'node:module';
import util from 'node:util';
import { chosenDevice, type Device, firstLine, requireDevice } from './device.ts';
import type { TfNamespace } from './record.ts';

export type BackendName = 'onnx' | 'tfjs-node-gpu' | 'wasm' | 'cpu';
/** `device`: `unknown` where TensorFlow chooses it and does not say. */
export type Backend = { name: BackendName; device: Device | 'unknown'; reason: string };

type Loaders = { native(): unknown; onnx(): unknown };
const installed: Loaders = { native: loadNative, onnx: () => import('onnxruntime-node') };

/**
 * For the device `auto` the preferred backend that loads here: tfjs-node-gpu where its native addon is built, else compiled ONNX
 * on the processor, else wasm. For any other the compiled one. Throws UserError (exit 4) when a GPU asked for is not there.
 */
export async function chooseBackend(load: Loaders = installed, choice = chosenDevice()): Promise<Backend> {
  if (choice === 'cuda' || choice === 'webgpu') {
    await requireDevice(choice);
    return { name: 'onnx', device: choice, reason: `compiled steps on ${choice}, as asked for` };
  }
  const native = choice === 'cpu' ? 'the processor was asked for' : await tryLoad(load.native);
  if (native === undefined)
    return { name: 'tfjs-node-gpu', device: 'unknown', reason: 'its native addon loads' };
  const left = choice === 'cpu' ? native : `tfjs-node-gpu does not load: ${native}`;
  const onnx = await tryLoad(load.onnx);
  if (onnx === undefined) return { name: 'onnx', device: 'cpu', reason: `compiled steps; ${left}` };
  return { name: 'wasm', device: 'cpu', reason: `${left}; onnxruntime-node does not load: ${onnx}` };
}

/** Why loading failed, in one line without the paths of this machine; undefined when it did not. */
async function tryLoad(load: () => unknown): Promise<string | undefined> {
  try {
    await load();
    return undefined;
  } catch (error) {
    return firstLine((error as Error).message);
  }
}

/** Loads tfjs-node-gpu, which registers itself as the backend `tensorflow`. It calls two functions that Node 23 removed. */
function loadNative(): unknown {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
  old.isArray ??= Array.isArray;
  return createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu');
}

/** TensorFlow.js with the backend ready that runs what is not compiled. */
export async function loadTensorFlow(name: BackendName): Promise<TfNamespace> {
  if (name === 'tfjs-node-gpu') {
    const tf = loadNative() as TfNamespace;
    await tf.setBackend('tensorflow');
    return tf;
  }
  const tf = (await import('@tensorflow/tfjs')).default as unknown as TfNamespace;
  tf.enableProdMode();
  if (name === 'wasm') {
    await import('@tensorflow/tfjs-backend-wasm');
    await tf.setBackend('wasm');
    await tf.ready();
    const { registerWasmKernels } = await import('./wasm-kernels.ts');
    registerWasmKernels(tf);
  } else await tf.setBackend('cpu');
  await tf.ready();
  return tf;
}

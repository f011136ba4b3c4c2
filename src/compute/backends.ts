/** Which backend computes, chosen once at start. */
import { createRequire } from 'node:module';
import util from 'node:util';
import type { TfNamespace } from './record.ts';

export type BackendName = 'onnx' | 'tfjs-node-gpu' | 'wasm' | 'cpu';
export type Backend = { name: BackendName; reason: string };

/** The preferred backend that loads here: tfjs-node-gpu where its native addon is built, else compiled ONNX, else wasm. */
export async function chooseBackend(): Promise<Backend> {
  const native = await tryLoad(loadNative);
  if (native === undefined) return { name: 'tfjs-node-gpu', reason: 'its native addon loads' };
  const onnx = await tryLoad(() => import('onnxruntime-node'));
  if (onnx === undefined)
    return {
      name: 'onnx',
      reason: `steps are compiled for ONNX Runtime; tfjs-node-gpu is not used: ${native}`,
    };
  return { name: 'wasm', reason: `tfjs-node-gpu: ${native}; onnxruntime-node: ${onnx}` };
}

/** Why loading failed, in one line; undefined when it did not. */
async function tryLoad(load: () => unknown): Promise<string | undefined> {
  try {
    await load();
    return undefined;
  } catch (error) {
    return (error as Error).message.trim().split('\n')[0];
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

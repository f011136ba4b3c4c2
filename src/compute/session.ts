/** ONNX Runtime sessions. Results depend on device and thread count, so the latter is always given. */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { type Device, sessionDevice } from './device.ts';
import type { Dtype } from './graph.ts';

/** `device`: that of `MASQUE_DEVICE` unless given. */
export type Threads = { threads: 1 | 2; device?: Device };
export type Data = Float32Array | Int32Array | Uint8Array;
export type Feed = { shape: readonly number[]; data: Data };
export type Session = {
  inputNames: readonly string[];
  outputNames: readonly string[];
  run(feeds: Record<string, Feed>): Promise<Record<string, { shape: number[]; data: Data }>>;
  close(): Promise<void>;
};

const dtypeOf = (data: Data): Dtype =>
  data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'bool';

/** Opens a model given as bytes. `profile`: prefix of a file for ONNX Runtime's profile, written when the session closes. */
export async function openSession(
  bytes: Uint8Array,
  { threads, device = sessionDevice() }: Threads,
  profile?: string,
): Promise<Session> {
  const ort = await import('onnxruntime-node');
  const options: InferenceSession.SessionOptions = {
    // Where it keeps images as NHWC, its default, ONNX Runtime 1.30 computes convolutions of 6, 9 or 15 channels wrongly on WebGPU.
    executionProviders: [device === 'webgpu' ? { name: device, preferredLayout: 'NCHW' } : device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // A thread that waits must not spin: beside other work on two cores that made a step of two threads three times as long.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
  };
  const session = await ort.InferenceSession.create(bytes, options);
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const tensors: Record<string, OrtTensor> = {};
      for (const [name, { shape, data }] of Object.entries(feeds))
        tensors[name] = new ort.Tensor(dtypeOf(data), data, shape);
      const results = await session.run(tensors);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name,
          { shape: [...tensor.dims], data: tensor.data as Data },
        ]),
      );
    },
    close: async () => {
      if (profile) session.endProfiling();
      await session.release();
    },
  };
}

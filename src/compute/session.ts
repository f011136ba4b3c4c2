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
  /** Outputs named in `into` are written into the arrays given there; the others come in new ones. */
  run(
    feeds: Record<string, Feed>,
    into?: Record<string, Feed>,
  ): Promise<Record<string, { shape: number[]; data: Data }>>;
  close(): Promise<void>;
};

const dtypeOf = (data: Data): Dtype =>
  data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'bool';

/**
 * Opens a model given as bytes. `narrow`: most convolutions have fewer channels than a block of ONNX Runtime's blocked image
 * layout, so that it would compute mostly padding (twice the time for MesoInception4; wider networks gain a sixth by it).
 * `profile`: prefix of a file for ONNX Runtime's profile, written when the session closes.
 */
export async function openSession(
  bytes: Uint8Array,
  { threads, device = sessionDevice(), narrow = false }: Threads & { narrow?: boolean },
  profile?: string,
): Promise<Session> {
  const ort = await import('onnxruntime-node');
  const options: InferenceSession.SessionOptions = {
    // Where it keeps images as NHWC, its default, ONNX Runtime 1.30 computes convolutions of 6, 9 or 15 channels wrongly on WebGPU.
    executionProviders: [device === 'webgpu' ? { name: device, preferredLayout: 'NCHW' } : device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: narrow ? 'extended' : 'all',
    logSeverityLevel: 3,
    // A waiting thread spins no longer than waking it takes. Without a limit, beside other work on two cores, a step of two
    // threads took three times as long; without any spinning it takes a tenth longer than this.
    extra: { session: { intra_op: { spin_duration_us: '20' } } },
    ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
  };
  const session = await ort.InferenceSession.create(bytes, options);
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds, into = {}) {
      const tensor = ({ shape, data }: Feed): OrtTensor => new ort.Tensor(dtypeOf(data), data, shape);
      const inputs = Object.entries(feeds).map(([name, feed]) => [name, tensor(feed)] as const);
      const fetches = session.outputNames.map(
        (name) => [name, into[name] ? tensor(into[name]) : null] as const,
      );
      const results = await session.run(Object.fromEntries(inputs), Object.fromEntries(fetches));
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

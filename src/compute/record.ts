/**
 * A TensorFlow.js backend that does not compute: every kernel call is noted on a tape with its inputs, attributes and the
 * shape of its output. Whatever runs on it (forward pass, gradients) can then be lowered to ONNX.
 */
import type * as Tf from '@tensorflow/tfjs';
import type { Dtype, Spec } from './graph.ts';
import { kernels } from './kernels/index.ts';
import type { Attributes } from './kernels/kernel.ts';

export type TfNamespace = typeof Tf;
type DataId = object;
type Values = Float32Array | Int32Array | Uint8Array;

/** One tensor as it was at the time of a call. A variable changes its `id` when assigned, so the object itself is not kept. */
export type Recorded = Spec & { id: DataId };
export type Call = {
  kernel: string;
  inputs: Record<string, Recorded>;
  attributes: Attributes;
  outputs: Recorded[];
};
export type Tape = {
  calls: Call[];
  /** Values of every tensor that was read but not computed on the tape: constants and variables. */
  constants: Map<DataId, Values>;
  /** What was assigned to variables; they keep their old value while the tape runs. */
  assigned: Map<Tf.Variable, Recorded>;
};

export const recordBackend = 'masque-record';
const storage = new Map<DataId, { refCount: number; values?: Values }>();
let current: Tape | undefined;

/** Registers the recording backend and its kernels; once per process. */
export function registerRecorder(tf: TfNamespace): void {
  if (tf.findBackendFactory(recordBackend)) return;
  class Recorder extends tf.KernelBackend {
    override epsilon = (): number => 1e-7;
    override floatPrecision = (): 32 => 32;
    override numDataIds = (): number => storage.size;
    override memory = (): { unreliable: boolean } => ({ unreliable: true });
    override refCount = (id: DataId): number => storage.get(id)?.refCount ?? 0;
    override dispose(): void {
      storage.clear();
    }
    override incRef(id: DataId): void {
      const entry = storage.get(id);
      if (entry) entry.refCount++;
    }
    override disposeData(id: DataId, force = false): boolean {
      const entry = storage.get(id);
      if (entry && --entry.refCount > 0 && !force) return false;
      storage.delete(id);
      return true;
    }
    override write(values: unknown, shape: number[], dtype: Tf.DataType): DataId {
      const id = {};
      this.move(id, values, shape, dtype, 1);
      return id;
    }
    override move(
      id: DataId,
      values: unknown,
      _shape: number[],
      _dtype: Tf.DataType,
      refCount: number,
    ): void {
      storage.set(id, values ? { refCount, values: values as Values } : { refCount });
    }
    override readSync(id: DataId): Tf.backend_util.BackendValues {
      const values = storage.get(id)?.values;
      if (!values)
        throw new Error(
          'a compiled loss or model has no values while it is recorded: use tf operations instead of data()',
        );
      return values;
    }
    override async read(id: DataId): Promise<Tf.backend_util.BackendValues> {
      return this.readSync(id);
    }
  }
  const backend = new Recorder();
  tf.registerBackend(recordBackend, () => backend, -1);
  for (const [kernelName, { outputs }] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: recordBackend,
      kernelFunc({ inputs, attrs }) {
        if (!current) throw new Error(`${kernelName} ran on the recording backend outside a recording`);
        const named = Object.fromEntries(
          Object.entries(inputs).flatMap(([name, tensor]) =>
            tensor ? [[name, note(tf, current as Tape, tensor)]] : [],
          ),
        );
        const attributes = (attrs ?? {}) as Attributes;
        const made = outputs(named, attributes).map(({ shape, dtype }) => ({
          id: backend.write(null, shape, dtype),
          shape,
          dtype,
        }));
        current.calls.push({
          kernel: kernelName,
          inputs: named,
          attributes: structuredClone(attributes),
          outputs: made,
        });
        const infos = made.map(({ id, shape, dtype }) => ({ dataId: id, shape, dtype }));
        return infos.length === 1 ? (infos[0] as Tf.TensorInfo) : infos;
      },
    });
  }
}

/** What the tape keeps of a tensor; the values of one that is not computed are read now, because it may be disposed afterwards. */
export function note(tf: TfNamespace, tape: Tape, { dataId, shape, dtype }: Tf.TensorInfo): Recorded {
  if (dtype === 'string' || dtype === 'complex64')
    throw new Error(`tensors of type ${dtype} cannot be compiled`);
  const engine = tf.engine() as unknown as {
    state: { tensorInfo: Map<DataId, { backend: Tf.KernelBackend }> };
  };
  const owner = engine.state.tensorInfo.get(dataId)?.backend;
  const values =
    storage.get(dataId)?.values ??
    (storage.has(dataId) ? undefined : (owner?.readSync(dataId) as Values | undefined));
  if (values && !tape.constants.has(dataId)) tape.constants.set(dataId, values);
  return { id: dataId, shape: [...shape], dtype };
}

/** A tensor without values: an input of what is recorded. */
export function placeholder(tf: TfNamespace, { shape, dtype }: Spec): Tf.Tensor {
  const dataId = tf.backend().write(null as unknown as Tf.backend_util.BackendValues, shape, dtype);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
}

let rehearsing = false;

/** Runs `body` while `assign` does nothing: what it makes stays, what it would change does not. */
export function rehearse(body: () => void): void {
  rehearsing = true;
  try {
    body();
  } finally {
    rehearsing = false;
  }
}

/** Assigns to a variable; while recording, notes the new value instead, so that the step can hand it back. */
export function assign(variable: Tf.Variable, value: Tf.Tensor): void {
  if (rehearsing) return;
  if (!current) {
    variable.assign(value);
    return;
  }
  current.assigned.set(variable, { id: value.dataId, shape: [...value.shape], dtype: value.dtype as Dtype });
}

/** Runs `body` on the recording backend and returns what it returned (no tensors) with the tape of everything that happened. */
export async function record<T>(
  tf: TfNamespace,
  body: (tape: Tape) => T,
): Promise<{ tape: Tape; result: T }> {
  const before = tf.getBackend();
  await tf.setBackend(recordBackend);
  const tape: Tape = { calls: [], constants: new Map(), assigned: new Map() };
  current = tape;
  try {
    let result: T | undefined;
    tf.tidy(() => {
      result = body(tape);
    });
    return { result: result as T, tape };
  } catch (error) {
    const missing = /Kernel '(\w+)' not registered/.exec(String(error))?.[1];
    if (missing)
      throw new Error(`the TensorFlow.js kernel ${missing} cannot be compiled to ONNX`, { cause: error });
    throw error;
  } finally {
    current = undefined;
    await tf.setBackend(before);
  }
}

/**
 * Throws when a second recording does not begin like the first: something random was drawn inside and would be frozen.
 * Copies (Identity) are left out, because TensorFlow.js makes them only where gradients are kept.
 */
export function assertRepeatable(first: Tape, second: Tape, variables: ReadonlySet<DataId>): void {
  const essence = (tape: Tape): Call[] => tape.calls.filter(({ kernel }) => kernel !== 'Identity');
  const again = essence(second);
  for (const [i, call] of essence(first).entries()) {
    const other = again[i];
    const alike =
      call.kernel === other?.kernel && JSON.stringify(call.attributes) === JSON.stringify(other.attributes);
    const equal = ([name, { id }]: [string, Recorded]): boolean => {
      const otherId = other?.inputs[name]?.id as DataId;
      const [a, b] = [first.constants.get(id), second.constants.get(otherId)];
      if (variables.has(id) || !a || !b) return true;
      return a.length === b.length && a.every((value, k) => Object.is(value, b[k]));
    };
    if (alike && Object.entries(call.inputs).every(equal)) continue;
    throw new Error(
      `recorded twice, the step differs at ${call.kernel}: random values drawn inside it would be frozen. Pass them as inputs of the step.`,
    );
  }
}

/** What every backend offers: a training step over declared inputs. */
import type * as Tf from '@tensorflow/tfjs';
import { type Dtype, shapeText, type Spec } from './graph.ts';
import type { OptimizerOptions } from './optimizer.ts';
import type { NamedTensors, Tensor } from '../tensors.ts';
import type { Parameters } from './parameters.ts';
import type { Data } from './session.ts';

export type InputSpec = { readonly shape: readonly number[]; readonly dtype?: Dtype };
export type InputSpecs = Record<string, InputSpec>;

type ByRank = [Tf.Scalar, Tf.Tensor1D, Tf.Tensor2D, Tf.Tensor3D, Tf.Tensor4D, Tf.Tensor5D];
/** The tensor type of a declared shape: [16, 64] is a Tensor2D; a shape of unknown length just a Tensor. */
type TensorOf<S extends readonly number[]> = number extends S['length']
  ? Tf.Tensor
  : S['length'] extends keyof ByRank
    ? ByRank[S['length']]
    : Tf.Tensor;
export type TensorsOf<I extends InputSpecs> = { [K in keyof I]: TensorOf<I[K]['shape']> };

export type StepOptions<I extends InputSpecs> = {
  parameters: Parameters;
  /** Everything that changes from step to step, random numbers included. `learningRate` must be among them, with shape []. */
  inputs: I;
  loss(inputs: TensorsOf<I>): { loss: Tf.Tensor; metrics?: Record<string, Tf.Tensor> };
  optimizer: OptimizerOptions;
  /** Prefixes of the names of the parameters to train; all by default. The others are frozen as they are now. */
  trainable?: string[];
};

export type Trainer = {
  /** One step on one batch, given by input name. Throws when an input does not fit its declared shape or the loss is not finite. */
  step(feeds: Record<string, Data | number>): Promise<{ loss: number; metrics: Record<string, number> }>;
  /** Copies the trained weights back into the parameters. */
  sync(): Promise<void>;
  /** Copies of everything the next step depends on: weights, moving averages, the optimiser's moments and its number of steps. */
  save(): NamedTensors;
  /** Goes on from what `save` gave for the same step and backend; what follows is the same to the last byte. Throws when it does not fit. */
  restore(state: NamedTensors): void;
  dispose(): void;
};

/** The values of a saved tensor, which must be there in the expected size. */
export function savedValues(state: NamedTensors, name: string, count: number): Tensor['data'] {
  const data = state[name]?.data;
  if (data?.length === count) return data;
  throw new Error(`saved training: "${name}" should have ${count} values and has ${data?.length ?? 'none'}`);
}

export const specOf = ({ shape, dtype = 'float32' }: InputSpec): Spec => ({ shape: [...shape], dtype });

/** The fed values as the declared type and size say. */
export function checkedFeed(
  name: string,
  spec: Spec,
  value: Data | number | undefined,
): { shape: number[]; data: Data } {
  const kinds = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
  const kind = kinds[spec.dtype];
  const data = typeof value === 'number' ? kind.of(value) : value;
  const count = spec.shape.reduce((product, n) => product * n, 1);
  if (!(data instanceof kind) || data.length !== count) {
    const found = data === undefined ? 'nothing' : `${data.length} values in a ${data.constructor.name}`;
    throw new Error(
      `input "${name}" ${shapeText(spec.shape)} needs ${count} values in a ${kind.name}, got ${found}`,
    );
  }
  return { shape: spec.shape, data };
}

/** Names and variables to train. */
export function selectTrainable({
  parameters,
  trainable,
}: {
  parameters: Parameters;
  trainable?: string[];
}): [string, Tf.Variable][] {
  const chosen = [...parameters.trainable()].filter(
    ([name]) => !trainable || trainable.some((prefix) => name.startsWith(prefix)),
  );
  if (chosen.length === 0)
    throw new Error(`nothing to train: no parameter begins with ${JSON.stringify(trainable ?? '')}`);
  return chosen;
}

export function assertFinite(loss: number, step: number): void {
  if (!Number.isFinite(loss))
    throw new Error(`the loss is ${loss} at step ${step}: the training has diverged`);
}

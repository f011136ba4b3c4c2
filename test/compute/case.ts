import type * as Tf from '@tensorflow/tfjs';
import type { Nd } from './reference.ts';

/** An operation in TensorFlow.js beside its definition. */
export type Case = {
  name: string;
  /** Shapes of the inputs that gradients are taken for. */
  shapes: number[][];
  /** Inputs are drawn from [low, high). */
  range?: [number, number];
  tf(tf: typeof Tf, inputs: Tf.Tensor[]): Tf.Tensor;
  reference(inputs: Nd[]): Nd;
  forwardOnly?: boolean;
};

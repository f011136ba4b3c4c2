import type * as Tf from '@tensorflow/tfjs';
import type { TfNamespace } from './record.ts';

const binary = [
  'Equal',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
  'NotEqual',
];

/** Comparisons are constant almost everywhere, yet TensorFlow.js throws where a gradient passes one: their gradient is zero. */
export function registerMissingGradients(tf: TfNamespace): void {
  const zeros = (inputs: string[]): Tf.GradFunc => {
    return (_dy, saved) =>
      Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros((saved[i] as Tf.Tensor).shape)]));
  };
  for (const [kernelName, inputs] of [
    ...binary.map((name) => [name, ['a', 'b']] as const),
    ['LogicalNot', ['x']] as const,
  ]) {
    if (!tf.getGradient(kernelName))
      tf.registerGradient({ kernelName, inputsToSave: [...inputs], gradFunc: zeros([...inputs]) });
  }
}

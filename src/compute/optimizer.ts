/**
 * Optimisers outside the compiled graph: one pass over parameter, gradient and moments takes a fraction of what a dozen
 * element-wise ONNX nodes take, and no weight leaves the process' memory.
 */
import { createAdam, type Update } from './adam.ts';

export type OptimizerOptions =
  | { kind: 'sgd' }
  | { kind: 'adam'; beta1?: number; beta2?: number; epsilon?: number };

export const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Adam or plain gradient descent on copies of the given parameters; `values` are the live ones. */
export function createOptimizer(options: OptimizerOptions, initial: Float32Array[]): Update {
  if (options.kind === 'adam') return createAdam({ ...adamDefaults, ...options }, initial);
  const values = initial.map((given) => given.slice());
  const gradients = initial.map(({ length }) => new Float32Array(length));
  return {
    values,
    gradients,
    moments: [],
    steps: 0,
    update(learningRate) {
      this.steps++;
      for (const [i, value] of values.entries()) {
        const gradient = gradients[i]!;
        for (let j = 0; j < value.length; j++) value[j]! -= learningRate * gradient[j]!;
      }
    },
  };
}

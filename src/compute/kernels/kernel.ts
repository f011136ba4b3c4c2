import type { Graph, Spec, Value } from '../graph.ts';

export type Attributes = Readonly<Record<string, unknown>>;

/**
 * What the engine knows of one TensorFlow.js kernel: the shapes of its outputs, needed while recording, and the ONNX nodes
 * that compute it. Inputs are named as in `kernel_names.ts` of TensorFlow.js; lists (Concat, Pack, AddN) are named 0, 1, ….
 */
export type Kernel = {
  outputs(inputs: Record<string, Spec>, attributes: Attributes): Spec[];
  lower(graph: Graph, inputs: Record<string, Value>, attributes: Attributes, outputs: Spec[]): Value[];
};
export type Kernels = Record<string, Kernel>;

/** The named input; a kernel never lacks one that TensorFlow.js declares. */
export function need<T>(inputs: Record<string, T>, name: string): T {
  const input = inputs[name];
  if (input === undefined) throw new Error(`kernel input "${name}" is missing`);
  return input;
}

/** A kernel with one output. */
export function kernel(
  output: (inputs: Record<string, Spec>, attributes: Attributes) => Spec,
  lower: (graph: Graph, inputs: Record<string, Value>, attributes: Attributes, output: Spec) => Value,
): Kernel {
  return {
    outputs: (inputs, attributes) => [output(inputs, attributes)],
    lower: (graph, inputs, attributes, outputs) => [lower(graph, inputs, attributes, outputs[0] as Spec)],
  };
}

/**
 * Builds an ONNX graph out of *values*. A value knows its logical shape (the one TensorFlow.js sees, NHWC for images) and
 * how it lies in memory: in which order its axes are stored, and which axes are held once and repeated (broadcast) only in
 * thought. So a transposition costs nothing until an operator needs another order, convolutions hand their NCHW results
 * to each other directly, and the ones and expansions of gradients never exist as arrays.
 */
import type { OnnxAttributes, OnnxGraph } from './onnx.ts';

export type Dtype = 'float32' | 'int32' | 'bool';
export type Spec = { shape: number[]; dtype: Dtype };

export type Value = Spec & {
  name: string;
  /** The stored axis `i` is the logical axis `order[i]`. */
  order: number[];
  /** Stored size of each logical axis: its size, or 1 where it is repeated. */
  extent: number[];
  /** All elements equal this number; then nothing is stored until an operator asks. */
  uniform?: number;
  /** A parameter or constant that no operator has read yet: the first reader decides the order in which it is kept. */
  undecided?: boolean;
};

export type Graph = {
  onnx: OnnxGraph;
  /** The graph runs on one thread for sure, so operators that race between threads may be used. */
  oneThread: boolean;
  /** Adds a node (or finds the equal one) and returns the names of its outputs. */
  nodes(op: string, inputs: string[], attributes?: OnnxAttributes, outputCount?: number): string[];
  node(op: string, inputs: string[], attributes?: OnnxAttributes): string;
  constant(data: Float32Array | Int32Array | BigInt64Array | Uint8Array, shape: number[]): string;
  /** A constant that equal calls share. */
  matrix(data: Float32Array, shape: number[]): string;
  ints(values: number[]): string;
  scalar(value: number, dtype: Dtype): string;
};

export function createGraph(onnx: OnnxGraph, { oneThread = false } = {}): Graph {
  const seen = new Map<string, string[]>();
  let count = 0;
  const once = (key: string, make: () => string[]): string[] => {
    const found = seen.get(key) ?? make();
    seen.set(key, found);
    return found;
  };
  const graph: Graph = {
    onnx,
    oneThread,
    nodes: (op, inputs, attributes = {}, outputCount = 1) =>
      once(JSON.stringify([op, inputs, attributes, outputCount]), () => {
        const outputs = Array.from({ length: outputCount }, () => `v${count++}`);
        onnx.nodes.push({ op, inputs, outputs, attributes });
        return outputs;
      }),
    node: (op, inputs, attributes) => graph.nodes(op, inputs, attributes)[0] as string,
    constant: (data, shape) => {
      const name = `c${count++}`;
      onnx.constants.push({ name, shape, data });
      return name;
    },
    matrix: (data, shape) =>
      once(`matrix ${shape.join()} ${data.join()}`, () => [graph.constant(data, shape)])[0] as string,
    ints: (values) =>
      once(`ints ${values.join()}`, () => [
        graph.constant(BigInt64Array.from(values, BigInt), [values.length]),
      ])[0] as string,
    scalar: (value, dtype) =>
      once(`scalar ${dtype} ${Object.is(value, -0) ? '-0' : value}`, () => [
        graph.constant(typed([value], dtype), []),
      ])[0] as string,
  };
  return graph;
}

/** The numbers as ONNX holds them. */
export function typed(values: ArrayLike<number>, dtype: Dtype): Float32Array | Int32Array | Uint8Array {
  const kinds = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
  return kinds[dtype].from(values);
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
export const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
export const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** A freshly computed value that lies in `order`, nothing repeated. */
export function stored(name: string, spec: Spec, order = range(spec.shape.length)): Value {
  return { name, shape: spec.shape, dtype: spec.dtype, order, extent: [...spec.shape] };
}

export function uniform(number: number, { shape, dtype }: Spec): Value {
  return { name: '', shape, dtype, order: range(shape.length), extent: shape.map(() => 1), uniform: number };
}

/** Name of the value with its axes stored in `order`; repeated axes stay size 1. Moves data only if two real axes change places. */
export function arrange(graph: Graph, value: Value, order: readonly number[]): string {
  if (value.undecided) {
    value.undecided = false;
    value.order = [...order];
  }
  const sizes = order.map((axis) => value.extent[axis] as number);
  if (value.uniform !== undefined) {
    const scalar = graph.scalar(value.uniform, value.dtype);
    return order.length === 0 ? scalar : graph.node('Reshape', [scalar, graph.ints(sizes)]);
  }
  if (same(order, value.order)) return value.name;
  const real = (axis: number): boolean => (value.extent[axis] as number) > 1;
  if (same(order.filter(real), value.order.filter(real)))
    return graph.node('Reshape', [value.name, graph.ints(sizes)]);
  return graph.node('Transpose', [value.name], { perm: order.map((axis) => value.order.indexOf(axis)) });
}

/** Name of the value with its axes stored in `order` and every repetition written out. */
export function dense(
  graph: Graph,
  value: Value,
  order: readonly number[] = range(value.shape.length),
): string {
  const name = arrange(graph, value, order);
  if (same(value.extent, value.shape)) return name;
  return graph.node('Expand', [name, graph.ints(order.map((axis) => value.shape[axis] as number))]);
}

/** Fixes the order of a parameter that nobody has read yet, for operators that take any order. */
export function settle(graph: Graph, value: Value): Value {
  if (value.undecided) arrange(graph, value, range(value.shape.length));
  return value;
}

/** The value with leading axes of size 1 added up to `rank`, as broadcasting does. */
export function raise(graph: Graph, value: Value, rank: number): Value {
  const added = rank - value.shape.length;
  if (added === 0) return value;
  const { name, dtype, order, extent, shape, uniform: number } = settle(graph, value);
  const ones = range(added).map(() => 1);
  const raised = {
    name:
      name &&
      graph.node('Reshape', [name, graph.ints([...ones, ...order.map((axis) => extent[axis] as number)])]),
    shape: [...ones, ...shape],
    dtype,
    order: [...range(added), ...order.map((axis) => axis + added)],
    extent: [...ones, ...extent],
  };
  return number === undefined ? raised : { ...raised, uniform: number };
}

/** Shape of an element-wise result. Throws when the shapes do not broadcast. */
export function broadcastShape(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return range(rank).map((axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const longest = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== longest))
      throw new Error(`shapes ${shapes.map(shapeText).join(' and ')} do not broadcast`);
    return longest;
  });
}

/**
 * The order that spares most work: that of the largest value of full rank. But pixels that meet a mask [N, H, W, 1] go plane by
 * plane (NCHW), because repeating one number for every three is far slower than the transposition.
 */
export function commonOrder(values: readonly Value[], rank: number): number[] {
  const full = values.filter((value) => value.shape.length === rank && !value.undecided);
  const best = full.reduce<Value | undefined>(
    (a, b) => (a && size(a.extent) >= size(b.extent) ? a : b),
    undefined,
  );
  if (!best) return range(rank);
  const isMask = ({ extent }: Value): boolean => extent[3] === 1 && (extent[1]! > 1 || extent[2]! > 1);
  const pixels = rank === 4 && same(best.order, range(4)) && values.some(({ extent }) => extent.at(-1)! > 1);
  return pixels && full.some(isMask) ? [0, 3, 1, 2] : best.order;
}

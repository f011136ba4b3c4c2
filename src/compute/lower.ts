/** Turns a tape into an ONNX graph: only what the wanted outputs need, simplified, in the order it was recorded. */
import {
  arrange,
  createGraph,
  dense,
  type Dtype,
  type Graph,
  range,
  shapeText,
  type Spec,
  stored,
  typed,
  uniform,
  type Value,
} from './graph.ts';
import { kernels } from './kernels/index.ts';
import { emptyGraph, type OnnxGraph } from './onnx.ts';
import type { Call, Recorded, Tape } from './record.ts';
import { simplify } from './simplify.ts';

export type Lowering = {
  graph: OnnxGraph;
  /** The order in which each parameter's axes lie, by name. */
  orders: Map<string, number[]>;
};
export type Port = Recorded & { name: string };
export type Wanted = Recorded & {
  name: string /** Lies as this parameter does; else in logical order. */;
  like?: string;
};

/**
 * `inputs` come with every run in logical order; `parameters` come with every run in the order that the graph reads them
 * in (see `orders`); every other tensor becomes a constant. `oneThread`: see `Graph`.
 */
export function lower(
  tape: Tape,
  inputs: Port[],
  parameters: Port[],
  outputs: Wanted[],
  options: { oneThread?: boolean } = {},
): Lowering {
  const onnx = emptyGraph();
  const graph = createGraph(onnx, options);
  const values = new Map<object, Value>();
  for (const port of inputs) {
    values.set(port.id, stored(port.name, port));
    onnx.inputs.push({ name: port.name, shape: port.shape, dtype: port.dtype });
  }
  const held = parameters.map((port) => ({ port, value: { ...stored(port.name, port), undecided: true } }));
  for (const { port, value } of held) values.set(port.id, value);
  const constants: Constant[] = [];
  const find = (tensor: Recorded): Value => {
    const known = values.get(tensor.id) ?? constantValue(tape, tensor, constants);
    values.set(tensor.id, known);
    return known;
  };
  for (const call of liveCalls(simplify(tape.calls), outputs)) {
    const named = Object.fromEntries(
      Object.entries(call.inputs).map(([name, tensor]) => [name, find(tensor)]),
    );
    const made = lowerCall(graph, call, named);
    for (const [i, output] of call.outputs.entries()) values.set(output.id, made[i] as Value);
  }
  const orderOf = (name: string | undefined, rank: number): number[] => {
    const value = held.find(({ port }) => port.name === name)?.value;
    return value
      ? (arrange(graph, value, value.undecided ? range(rank) : value.order), value.order)
      : range(rank);
  };
  for (const wanted of outputs) {
    const order = orderOf(wanted.like, wanted.shape.length);
    graph.onnx.nodes.push({
      op: 'Identity',
      inputs: [dense(graph, find(wanted), order)],
      outputs: [wanted.name],
      attributes: {},
    });
    onnx.outputs.push({
      name: wanted.name,
      shape: order.map((axis) => wanted.shape[axis] as number),
      dtype: wanted.dtype,
    });
  }
  for (const { value, data } of constants) {
    const shape = value.order.map((axis) => value.shape[axis] as number);
    onnx.constants.push({ name: value.name, shape, data: permute(data, value.shape, value.order) });
  }
  const orders = new Map(held.map(({ port, value }) => [port.name, value.order]));
  const used = new Set(onnx.nodes.flatMap((node) => node.inputs));
  for (const { port, value } of held) {
    if (!used.has(port.name)) continue;
    onnx.inputs.push({
      name: port.name,
      shape: value.order.map((axis) => port.shape[axis] as number),
      dtype: port.dtype,
    });
  }
  return { graph: onnx, orders };
}

function lowerCall(graph: Graph, call: Call, inputs: Record<string, Value>): Value[] {
  try {
    return kernels[call.kernel]!.lower(graph, inputs, call.attributes, call.outputs);
  } catch (error) {
    const shapes = Object.entries(call.inputs).map(([name, { shape }]) => `${name} ${shapeText(shape)}`);
    throw new Error(`${call.kernel}(${shapes.join(', ')}) cannot be compiled: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The calls that some output depends on. */
function liveCalls(all: Call[], outputs: Recorded[]): Call[] {
  const live = new Set(outputs.map(({ id }) => id));
  const calls: Call[] = [];
  for (const call of all.toReversed()) {
    if (!call.outputs.some(({ id }) => live.has(id))) continue;
    for (const { id } of Object.values(call.inputs)) live.add(id);
    calls.push(call);
  }
  return calls.reverse();
}

type Constant = { value: Value; data: Float32Array | Int32Array | Uint8Array };

/** A constant is written last, in the order of axes that its first reader wants: filters lie in the file as convolutions read them. */
function constantValue(tape: Tape, tensor: Recorded, constants: Constant[]): Value {
  const values = tape.constants.get(tensor.id);
  if (!values)
    throw new Error(
      `a tensor of shape ${shapeText(tensor.shape)} was neither computed, nor an input, nor a constant`,
    );
  const spec: Spec = { shape: tensor.shape, dtype: tensor.dtype };
  const first = values[0];
  if (first !== undefined && values.every((value) => value === first)) return uniform(Number(first), spec);
  const value = { ...stored(`constant${constants.length}`, spec), undecided: true };
  constants.push({ value, data: typed(values, tensor.dtype as Dtype) });
  return value;
}

/** Rearranges an array from logical order to the order in which the axes lie, or back. */
export function permute<T extends Float32Array | Int32Array | Uint8Array>(
  data: T,
  shape: readonly number[],
  order: readonly number[],
  back = false,
): T {
  if (order.every((axis, i) => axis === i)) return data.slice() as T;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const sizes = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const result = new (data.constructor as new (length: number) => T)(data.length);
  const index = sizes.map(() => 0);
  let at = 0;
  for (let i = 0; i < data.length; i++) {
    if (back) result[at] = data[i]!;
    else result[i] = data[at]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      at += steps[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      at -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** Kernels that reduce over axes, and softmax. */
import {
  arrange,
  dense,
  range,
  settle,
  size,
  type Spec,
  stored,
  uniform,
  type Graph,
  type Value,
} from '../graph.ts';
import { arithmetic, constant, map } from './elementwise.ts';
import { type Attributes, kernel, type Kernel, type Kernels, need } from './kernel.ts';

/** The reduced axes, ascending; TensorFlow.js says `null` for all and calls them `reductionIndices` in Max. */
function reducedAxes(rank: number, attributes: Attributes): number[] {
  const axis = (attributes.axis ?? attributes.reductionIndices) as number | number[] | null | undefined;
  const axes = axis === null || axis === undefined ? range(rank) : Array.isArray(axis) ? axis : [axis];
  return axes.map((a) => (a < 0 ? a + rank : a)).toSorted((a, b) => a - b);
}

function reducedShape(shape: number[], axes: number[], keepDims: boolean): number[] {
  return keepDims
    ? shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Reduces the stored axes; repeated ones count only for a sum. */
function reduce(
  graph: Graph,
  op: 'Sum' | 'Mean' | 'Max' | 'Min' | 'Prod',
  x: Value,
  axes: number[],
  keepDims: boolean,
): Value {
  settle(graph, x);
  const shape = reducedShape(x.shape, axes, keepDims);
  const repeats = size(axes.filter((axis) => x.extent[axis] === 1).map((axis) => x.shape[axis] as number));
  if (x.uniform !== undefined && op !== 'Prod') {
    const factor = op === 'Sum' ? size(axes.map((axis) => x.shape[axis] as number)) : 1;
    return uniform(x.uniform * factor, { shape, dtype: x.dtype });
  }
  const stays = x.order.filter((axis) => !axes.includes(axis));
  const renumber = (axis: number): number => axis - axes.filter((a) => a < axis).length;
  const order = keepDims ? x.order : stays.map(renumber);
  const extent = keepDims
    ? x.extent.map((n, axis) => (axes.includes(axis) ? 1 : n))
    : x.extent.filter((_, axis) => !axes.includes(axis));
  const positions = axes.map((axis) => x.order.indexOf(axis)).toSorted((a, b) => a - b);
  const name = x.uniform === undefined ? x.name : arrange(graph, x, x.order);
  const reduced =
    axes.length === 0
      ? name
      : graph.node(`Reduce${op}`, [name, graph.ints(positions)], { keepdims: keepDims ? 1 : 0 });
  const value: Value = { name: reduced, shape, dtype: x.dtype, order, extent };
  return op === 'Sum' && repeats > 1
    ? arithmetic(graph, 'Multiply', value, constant(repeats, x.dtype))
    : value;
}

const reduction = (op: 'Sum' | 'Mean' | 'Max' | 'Min' | 'Prod'): Kernel =>
  kernel(
    (inputs, attributes) => {
      const x = need(inputs, 'x');
      const dtype = op !== 'Max' && op !== 'Min' && x.dtype === 'bool' ? 'int32' : x.dtype;
      return {
        shape: reducedShape(x.shape, reducedAxes(x.shape.length, attributes), attributes.keepDims === true),
        dtype,
      };
    },
    (graph, inputs, attributes, output) => {
      const x = need(inputs, 'x');
      const input = x.dtype === output.dtype ? x : map(graph, 'Cast', [x], output.dtype, { to: 6 });
      return reduce(graph, op, input, reducedAxes(x.shape.length, attributes), attributes.keepDims === true);
    },
  );

const arg = (op: 'ArgMax' | 'ArgMin'): Kernel =>
  kernel(
    (inputs, attributes) => {
      const { shape } = need(inputs, 'x');
      return { shape: reducedShape(shape, reducedAxes(shape.length, attributes), false), dtype: 'int32' };
    },
    (graph, inputs, attributes, output) => {
      const x = need(inputs, 'x');
      const axis = reducedAxes(x.shape.length, attributes)[0] as number;
      return stored(
        graph.node('Cast', [graph.node(op, [dense(graph, x)], { axis, keepdims: 0 })], { to: 6 }),
        output,
      );
    },
  );

const softmax: Kernel = kernel(
  (inputs) => need(inputs, 'logits'),
  (graph, inputs, attributes, output) => {
    const x = settle(graph, need(inputs, 'logits'));
    const axis = (attributes.dim as number | undefined) ?? -1;
    const position = x.order.indexOf(axis < 0 ? axis + x.shape.length : axis);
    return stored(graph.node('Softmax', [dense(graph, x, x.order)], { axis: position }), output, x.order);
  },
);

export const reductions: Kernels = {
  Sum: reduction('Sum'),
  Mean: reduction('Mean'),
  Max: reduction('Max'),
  Min: reduction('Min'),
  Prod: reduction('Prod'),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),
  Softmax: softmax,
  Cumsum: kernel(
    (inputs) => need(inputs, 'x'),
    (graph, inputs, attributes, output: Spec) => {
      const { axis, exclusive, reverse } = attributes as {
        axis: number;
        exclusive: boolean;
        reverse: boolean;
      };
      const at = graph.constant(BigInt64Array.of(BigInt(axis)), []);
      const flags = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
      return stored(graph.node('CumSum', [dense(graph, need(inputs, 'x')), at], flags), output);
    },
  ),
};

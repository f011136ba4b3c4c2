/** Kernels that move or repeat elements without computing. */
import {
  commonOrder,
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
import { cast, repeatTo } from './elementwise.ts';
import { kernel, type Kernel, type Kernels, need } from './kernel.ts';
import { relayout } from './reshape.ts';

export function transpose(value: Value, perm: readonly number[]): Value {
  return {
    ...value,
    shape: perm.map((axis) => value.shape[axis] as number),
    extent: perm.map((axis) => value.extent[axis] as number),
    order: value.order.map((axis) => perm.indexOf(axis)),
  };
}

/** `sizes[i]` elements from `begin[i]` on, every `strides[i]`-th. */
function slice(graph: Graph, x: Value, begin: number[], sizes: number[], strides: number[]): Value {
  settle(graph, x);
  const shape = [...sizes];
  const cut = range(shape.length).filter(
    (axis) =>
      (x.extent[axis] as number) > 1 &&
      (begin[axis] !== 0 || strides[axis] !== 1 || shape[axis] !== x.shape[axis]),
  );
  const extent = x.extent.map((n, axis) => (n > 1 ? (shape[axis] as number) : n));
  if (cut.length === 0) return { ...x, shape, extent };
  const last = (axis: number): number =>
    begin[axis]! + (sizes[axis]! - 1) * strides[axis]! + Math.sign(strides[axis]!);
  const end = (axis: number): number => (last(axis) < 0 ? -1 - x.shape[axis]! : last(axis));
  const positions = cut.map((axis) => x.order.indexOf(axis));
  const parts = [cut.map((axis) => begin[axis]!), cut.map(end), positions, cut.map((axis) => strides[axis]!)];
  return { ...x, name: graph.node('Slice', [x.name, ...parts.map(graph.ints)]), shape, extent };
}

function concat(graph: Graph, values: Value[], axis: number, output: Spec): Value {
  const order = commonOrder(values, output.shape.length);
  const present = values.filter((value) => size(value.shape) > 0);
  const names = present.map((value) => dense(graph, value, order));
  return stored(
    names.length === 1 ? (names[0] as string) : graph.node('Concat', names, { axis: order.indexOf(axis) }),
    output,
    order,
  );
}

const wrap = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** TensorFlow.js resolves the masks of StridedSlice before the kernel only in part; the common case without masks is enough here. */
const concatKernel: Kernel = kernel(
  (inputs, attributes) => {
    const all = Object.values(inputs);
    const { shape, dtype } = all[0] as Spec;
    const axis = wrap(attributes.axis as number, shape.length);
    const total = all.reduce((sum, x) => sum + x.shape[axis]!, 0);
    return { shape: shape.with(axis, total), dtype };
  },
  (graph, inputs, attributes, output) =>
    concat(graph, Object.values(inputs), wrap(attributes.axis as number, output.shape.length), output),
);

const pack: Kernel = kernel(
  (inputs, attributes) => {
    const all = Object.values(inputs);
    const { shape, dtype } = all[0] as Spec;
    return {
      shape: shape.toSpliced(wrap(attributes.axis as number, shape.length + 1), 0, all.length),
      dtype,
    };
  },
  (graph, inputs, attributes, output) => {
    const axis = wrap(attributes.axis as number, output.shape.length);
    const raised = Object.values(inputs).map((x) => relayout(graph, x, x.shape.toSpliced(axis, 0, 1)));
    return concat(graph, raised, axis, output);
  },
);

const splitSizes = (length: number, parts: number | number[]): number[] => {
  if (typeof parts === 'number') return range(parts).map(() => length / parts);
  const rest = length - parts.reduce((sum, n) => sum + Math.max(n, 0), 0);
  return parts.map((n) => (n < 0 ? rest : n));
};

const split: Kernel = {
  outputs(inputs, attributes) {
    const { shape, dtype } = need(inputs, 'x');
    const axis = wrap(attributes.axis as number, shape.length);
    return splitSizes(shape[axis]!, attributes.numOrSizeSplits as number | number[]).map((n) => ({
      shape: shape.with(axis, n),
      dtype,
    }));
  },
  lower(graph, inputs, attributes, outputs) {
    const x = need(inputs, 'x');
    const axis = wrap(attributes.axis as number, x.shape.length);
    let from = 0;
    return outputs.map(({ shape }) => {
      const begin = x.shape.map(() => 0).with(axis, from);
      from += shape[axis]!;
      return slice(
        graph,
        x,
        begin,
        shape,
        shape.map(() => 1),
      );
    });
  },
};

const unpack: Kernel = {
  outputs(inputs, attributes) {
    const { shape, dtype } = need(inputs, 'value');
    const axis = wrap(attributes.axis as number, shape.length);
    return range(shape[axis]!).map(() => ({ shape: shape.toSpliced(axis, 1), dtype }));
  },
  lower(graph, inputs, attributes, outputs) {
    const x = need(inputs, 'value');
    const axis = wrap(attributes.axis as number, x.shape.length);
    const ones = x.shape.map(() => 1);
    return outputs.map(({ shape }, i) =>
      relayout(
        graph,
        slice(graph, x, x.shape.map(() => 0).with(axis, i), x.shape.with(axis, 1), ones),
        shape,
      ),
    );
  },
};

type Paddings = [number, number][];
const padded = (inputs: Record<string, Spec>, paddings: Paddings): Spec => {
  const { shape, dtype } = need(inputs, 'x');
  return { shape: shape.map((n, axis) => n + paddings[axis]![0] + paddings[axis]![1]), dtype };
};

/** Adds borders. `fill`: the constant, or how to mirror. */
export function pad(
  graph: Graph,
  x: Value,
  paddings: Paddings,
  fill: number | 'reflect',
  order?: number[],
): Value {
  settle(graph, x);
  const lies = order ?? x.order;
  const pads = graph.ints([0, 1].flatMap((side) => lies.map((axis) => paddings[axis]![side]!)));
  const shape = x.shape.map((n, axis) => n + paddings[axis]![0] + paddings[axis]![1]);
  const inputs = [dense(graph, x, lies), pads];
  if (typeof fill === 'number') inputs.push(graph.scalar(fill, x.dtype));
  const mode = typeof fill === 'number' ? 'constant' : fill;
  return stored(graph.node('Pad', inputs, { mode }), { shape, dtype: x.dtype }, lies);
}

/**
 * Adds row `i` of `x` to row `ids[i]` of zeros. `ScatterND` does it row by row, ten times faster than `ScatterElements`, but
 * with two threads it loses additions to repeated rows.
 */
function segmentSum(graph: Graph, x: Value, ids: Value, output: Spec): Value {
  const count = size(ids.shape);
  const width = size(x.shape) / count;
  const rows = graph.node('Reshape', [dense(graph, x), graph.ints([count, width])]);
  const column = graph.node('Reshape', [dense(graph, ids), graph.ints([count, 1])]);
  const segments = output.shape[0]!;
  const zeros = dense(graph, uniform(0, { shape: [segments, width], dtype: 'float32' }));
  const scatter = (): string =>
    graph.node('ScatterElements', [zeros, graph.node('Expand', [column, graph.ints([count, width])]), rows], {
      axis: 0,
      reduction: 'add',
    });
  const scatterRows = (): string =>
    graph.node('ScatterND', [zeros, graph.node('Cast', [column], { to: 7 }), rows], { reduction: 'add' });
  const sums = graph.oneThread ? scatterRows() : scatter();
  return relayout(graph, stored(sums, { shape: [segments, width], dtype: output.dtype }), output.shape);
}

export const shapes: Kernels = {
  Reshape: kernel(
    (inputs, attributes) => {
      const { shape, dtype } = need(inputs, 'x');
      const wanted = attributes.shape as number[];
      const known = size(wanted.filter((n) => n >= 0));
      return { shape: wanted.map((n) => (n < 0 ? size(shape) / known : n)), dtype };
    },
    (graph, inputs, _attributes, output) => relayout(graph, need(inputs, 'x'), output.shape),
  ),
  ExpandDims: kernel(
    (inputs, attributes) => {
      const { shape, dtype } = need(inputs, 'input');
      return { shape: shape.toSpliced(wrap(attributes.dim as number, shape.length + 1), 0, 1), dtype };
    },
    (graph, inputs, _attributes, output) => relayout(graph, need(inputs, 'input'), output.shape),
  ),
  Transpose: kernel(
    (inputs, attributes) => {
      const { shape, dtype } = need(inputs, 'x');
      return { shape: (attributes.perm as number[]).map((axis) => shape[axis]!), dtype };
    },
    (graph, inputs, attributes) => transpose(settle(graph, need(inputs, 'x')), attributes.perm as number[]),
  ),
  Concat: concatKernel,
  Pack: pack,
  SplitV: split,
  Unpack: unpack,
  Slice: kernel(
    (inputs, attributes) => {
      const { shape, dtype } = need(inputs, 'x');
      const { begin, size: sizes } = attributes as { begin: number[]; size: number[] };
      return { shape: sizes.map((n, axis) => (n < 0 ? shape[axis]! - begin[axis]! : n)), dtype };
    },
    (graph, inputs, attributes, { shape }) =>
      slice(
        graph,
        need(inputs, 'x'),
        attributes.begin as number[],
        shape,
        shape.map(() => 1),
      ),
  ),
  Reverse: kernel(
    (inputs) => need(inputs, 'x'),
    (graph, inputs, attributes, { shape }) => {
      const dims = [attributes.dims].flat() as number[];
      const axes = dims.map((axis) => wrap(axis, shape.length));
      const reversed = (axis: number): boolean => axes.includes(axis);
      const begin = shape.map((n, axis) => (reversed(axis) ? n - 1 : 0));
      return slice(
        graph,
        need(inputs, 'x'),
        begin,
        shape,
        shape.map((_, axis) => (reversed(axis) ? -1 : 1)),
      );
    },
  ),
  PadV2: kernel(
    (inputs, attributes) => padded(inputs, attributes.paddings as Paddings),
    (graph, inputs, attributes) =>
      pad(
        graph,
        need(inputs, 'x'),
        attributes.paddings as Paddings,
        (attributes.constantValue as number | undefined) ?? 0,
      ),
  ),
  MirrorPad: kernel(
    (inputs, attributes) => padded(inputs, attributes.paddings as Paddings),
    (graph, inputs, attributes) => {
      if (attributes.mode !== 'reflect')
        throw new Error('mirrorPad: only the mode "reflect" can be compiled');
      return pad(graph, need(inputs, 'x'), attributes.paddings as Paddings, 'reflect');
    },
  ),
  Tile: kernel(
    (inputs, attributes) => {
      const { shape, dtype } = need(inputs, 'x');
      return { shape: shape.map((n, axis) => n * (attributes.reps as number[])[axis]!), dtype };
    },
    (graph, inputs, attributes, output) => {
      const x = need(inputs, 'x');
      const reps = attributes.reps as number[];
      if (reps.every((n, axis) => n === 1 || x.shape[axis] === 1)) return repeatTo(graph, x, output.shape);
      settle(graph, x);
      const repeats = graph.ints(x.order.map((axis) => reps[axis]!));
      return stored(graph.node('Tile', [dense(graph, x, x.order), repeats]), output, x.order);
    },
  ),
  GatherV2: kernel(
    (inputs, attributes) => {
      const { shape, dtype } = need(inputs, 'x');
      if (attributes.batchDims) throw new Error('gather: batchDims cannot be compiled');
      return {
        shape: shape.toSpliced(
          wrap(attributes.axis as number, shape.length),
          1,
          ...need(inputs, 'indices').shape,
        ),
        dtype,
      };
    },
    (graph, inputs, attributes, output) => {
      const axis = wrap(attributes.axis as number, need(inputs, 'x').shape.length);
      const indices = cast(graph, need(inputs, 'indices'), 'int32');
      return stored(
        graph.node('Gather', [dense(graph, need(inputs, 'x')), dense(graph, indices)], { axis }),
        output,
      );
    },
  ),
  UnsortedSegmentSum: kernel(
    (inputs, attributes) => {
      const { shape, dtype } = need(inputs, 'x');
      return {
        shape: [attributes.numSegments as number, ...shape.slice(need(inputs, 'segmentIds').shape.length)],
        dtype,
      };
    },
    (graph, inputs, _attributes, output) =>
      segmentSum(graph, need(inputs, 'x'), need(inputs, 'segmentIds'), output),
  ),
  OneHot: kernel(
    (inputs, attributes) => ({
      shape: [...need(inputs, 'indices').shape, attributes.depth as number],
      dtype: (attributes.dtype as Spec['dtype'] | undefined) ?? 'float32',
    }),
    (graph, inputs, attributes, output) => {
      const { depth, onValue, offValue } = attributes as { depth: number; onValue: number; offValue: number };
      const values = graph.constant(Float32Array.of(offValue, onValue), [2]);
      const name = graph.node(
        'OneHot',
        [dense(graph, need(inputs, 'indices')), graph.scalar(depth, 'int32'), values],
        { axis: -1 },
      );
      return cast(graph, stored(name, { shape: output.shape, dtype: 'float32' }), output.dtype);
    },
  ),
};

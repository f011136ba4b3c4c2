/**
 * Gradient of a convolution with respect to its filter: for every row of the filter one matrix product between one side,
 * shifted by each tap of the row, and the other side as it lies. Without a stride the side with fewer channels is shifted. Of
 * the forms tried (a product per tap, one for all taps, a convolution over the batch) it is the fastest with two threads and
 * not slower with one: a convolution over the batch runs on one thread, and small products hardly split.
 */
import { dense, type Graph, range, same, size, type Spec, stored, type Value } from '../graph.ts';
import type { Geometry, Pair } from './geometry.ts';
import { pad } from './shape.ts';

const CNHW = [3, 0, 1, 2];
const OIHW = [3, 2, 0, 1];
const OHWI = [3, 0, 1, 2];

export function filterGradient(graph: Graph, x: Value, dy: Value, geometry: Geometry, output: Spec): Value {
  const [inputs, outputs] = output.shape.slice(2) as Pair;
  return inputs <= outputs || !same(geometry.strides, [1, 1])
    ? rowProducts(graph, shiftedImage(graph, x, geometry), dy, output)
    : rowProducts(graph, shiftedGradient(graph, dy, geometry), x, output);
}

/** A stored image in CNHW order with its numbers of rows and columns. */
export type Image = { name: string; sides: Pair };
/** Which side was shifted, and its copies, one per filter tap in the order of the taps. */
export type Shifted = { side: 'image' | 'gradient'; copies: Image[] };

/** The filter's gradient out of the copies of one side and the other side, `still`. */
export function rowProducts(graph: Graph, { side, copies }: Shifted, still: Value, output: Spec): Value {
  const [height, width, inputs, outputs] = output.shape as [number, number, number, number];
  const channels = side === 'image' ? inputs : outputs;
  const positions = size(still.shape.slice(0, 3));
  const other = graph.node('Reshape', [dense(graph, still, CNHW), graph.ints([still.shape[3]!, positions])]);
  const rows = range(height).map((row) => {
    const parts = copies
      .slice(row * width, (row + 1) * width)
      .map(({ name }) => graph.node('Reshape', [name, graph.ints([channels, 1, positions])]));
    const stacked = graph.node('Reshape', [
      concat(graph, parts, 1),
      graph.ints([channels * width, positions]),
    ]);
    const pair = side === 'image' ? [other, stacked] : [stacked, other];
    const shape = side === 'image' ? [outputs, inputs, 1, width] : [outputs, 1, width, inputs];
    return graph.node('Reshape', [graph.node('Gemm', pair, { transB: 1 }), graph.ints(shape)]);
  });
  return side === 'image'
    ? stored(concat(graph, rows, 2), output, OIHW)
    : stored(concat(graph, rows, 1), output, OHWI);
}

const concat = (graph: Graph, parts: string[], axis: number): string =>
  parts.length === 1 ? (parts[0] as string) : graph.node('Concat', parts, { axis });

function shiftedImage(graph: Graph, x: Value, { kernel, dilations, ...geometry }: Geometry): Shifted {
  const { before, after, output, strides } = geometry;
  const padded = border(graph, x, before, after);
  const copies = taps(kernel).map((tap) => {
    const from = tap.map((at, i) => at * dilations[i]!) as Pair;
    return every(graph, padded, from, output, strides);
  });
  return { side: 'image', copies };
}

function shiftedGradient(graph: Graph, dy: Value, { kernel, dilations, ...geometry }: Geometry): Shifted {
  const { before, input, output } = geometry;
  const reach = [0, 1].map((i) => (kernel[i]! - 1) * dilations[i]!) as Pair;
  const front = reach.map((n, i) => n - before[i]!) as Pair;
  const back = [0, 1].map((i) => input[i]! + reach[i]! - output[i]! - front[i]!) as Pair;
  const padded = border(graph, dy, front, back);
  const copies = taps(kernel).map((tap) => {
    const from = tap.map((at, i) => reach[i]! - at * dilations[i]!) as Pair;
    return cut(graph, padded, from, input);
  });
  return { side: 'gradient', copies };
}

/** Row and column of each tap of a filter, in the order in which they lie. */
export const taps = ([height, width]: Pair): Pair[] =>
  range(height * width).map((tap) => [Math.floor(tap / width), tap % width]);

/** `sides` rows and columns from `from` on. */
export function cut(graph: Graph, image: Image, from: Pair, sides: Pair): Image {
  if (same(image.sides, sides)) return image;
  const to = from.map((start, i) => start + sides[i]!);
  return { name: graph.node('Slice', [image.name, ...[from, to, [2, 3]].map(graph.ints)]), sides };
}

/** The same, every `strides`-th. Taps that leave the same remainder share one slow slice with steps and are cut out of it. */
function every(graph: Graph, image: Image, from: Pair, sides: Pair, strides: Pair): Image {
  if (same(strides, [1, 1])) return cut(graph, image, from, sides);
  const remainder = from.map((start, i) => start % strides[i]!);
  const parts = [remainder, image.sides, [2, 3], strides].map(graph.ints);
  const phase = {
    name: graph.node('Slice', [image.name, ...parts]),
    sides: image.sides.map((n, i) => Math.ceil((n - remainder[i]!) / strides[i]!)) as Pair,
  };
  return cut(graph, phase, from.map((start, i) => Math.floor(start / strides[i]!)) as Pair, sides);
}

/** In CNHW with rows and columns of zeros around (taken away where negative). */
export function border(graph: Graph, value: Value, front: Pair, back: Pair): Image {
  const sides = [0, 1].map((i) => value.shape[i + 1]! + front[i]! + back[i]!) as Pair;
  if ([...front, ...back].every((n) => n === 0)) return { name: dense(graph, value, CNHW), sides };
  const paddings: [number, number][] = [
    [0, 0],
    [front[0], back[0]],
    [front[1], back[1]],
    [0, 0],
  ];
  return { name: pad(graph, value, paddings, 0, CNHW).name, sides };
}

/** The same for depth-wise filters: one small product per channel. */
export function depthwiseFilterGradient(
  graph: Graph,
  x: Value,
  dy: Value,
  geometry: Geometry,
  output: Spec,
): Value {
  const [height, width, channels, multiplier] = output.shape as [number, number, number, number];
  const positions = x.shape[0]! * geometry.output[0] * geometry.output[1];
  const raised = shiftedImage(graph, x, geometry).copies.map(({ name }) =>
    graph.node('Reshape', [name, graph.ints([channels, 1, positions])]),
  );
  const left = concat(graph, raised, 1);
  const rows = graph.node('Reshape', [dense(graph, dy, CNHW), graph.ints([channels, multiplier, positions])]);
  const product = graph.node('MatMul', [left, graph.node('Transpose', [rows], { perm: [0, 2, 1] })]);
  return stored(
    graph.node('Reshape', [product, graph.ints([channels, height, width, multiplier])]),
    output,
    [2, 0, 1, 3],
  );
}

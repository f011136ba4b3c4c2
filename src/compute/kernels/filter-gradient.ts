/**
 * Gradient of a convolution with respect to its filter. Which form is fastest depends on the shape (measured on one AVX-512 core, 14
 * shapes): with a stride, one convolution over the batch (1.3–2 times as fast as the rest); without, one matrix product
 * per filter tap between image and output gradient, the narrower of the two shifted; and where that has hardly any
 * channels, all its shifted copies in one product.
 */
import { dense, type Graph, range, same, size, type Spec, stored, type Value } from '../graph.ts';
import type { Geometry, Pair } from './geometry.ts';
import { pad } from './shape.ts';

const CNHW = [3, 0, 1, 2];
const OIHW = [3, 2, 0, 1];

export function filterGradient(graph: Graph, x: Value, dy: Value, geometry: Geometry, output: Spec): Value {
  const [inputs, outputs] = output.shape.slice(2) as Pair;
  if (!same(geometry.strides, [1, 1])) return stored(asConvolution(graph, x, dy, geometry), output, OIHW);
  return inputs <= outputs
    ? tapProducts(graph, shiftedImage(graph, x, geometry), dy, output)
    : tapProducts(graph, shiftedGradient(graph, dy, geometry), x, output);
}

/** The filter's gradient out of the copies of one side and the other side, `still`. */
export function tapProducts(graph: Graph, shift: Shifted, still: Value, output: Spec): Value {
  const [height, width, inputs, outputs] = output.shape as [number, number, number, number];
  const positions = size(still.shape.slice(0, 3));
  const other = graph.node('Reshape', [dense(graph, still, CNHW), graph.ints([still.shape[3]!, positions])]);
  const narrow = Math.min(inputs, outputs) <= 4 && Math.max(inputs, outputs) >= 16;
  const product = (narrow ? oneProduct : tapByTap)(graph, shift, other, positions, height * width, [
    outputs,
    inputs,
  ]);
  return stored(graph.node('Reshape', [product, graph.ints([outputs, inputs, height, width])]), output, OIHW);
}

/** Batch and channels exchanged, the output's gradient is the filter and the stride its dilation. */
function asConvolution(
  graph: Graph,
  x: Value,
  dy: Value,
  { kernel, strides, dilations, before, after, input, output }: Geometry,
): string {
  // Rows that the last window does not reach would give more taps than the filter has.
  const trailing = [0, 1].map(
    (i) => (kernel[i]! - 1) * dilations[i]! + (output[i]! - 1) * strides[i]! + 1 - input[i]! - before[i]!,
  );
  const image = trailing.some((n, i) => n < after[i]! && n < 0)
    ? crop(graph, x, trailing)
    : dense(graph, x, CNHW);
  const pads = [...before, ...trailing.map((n) => Math.max(n, 0))];
  return graph.node(
    'Transpose',
    [
      graph.node('Conv', [image, dense(graph, dy, CNHW)], {
        kernel_shape: output,
        dilations: strides,
        strides: dilations,
        pads,
      }),
    ],
    {
      perm: [1, 0, 2, 3],
    },
  );
}

/** The image in CNHW without its last rows and columns, where `trailing` is negative. */
function crop(graph: Graph, x: Value, trailing: number[]): string {
  const ends = trailing.map((n, i) => x.shape[i + 1]! + Math.min(n, 0));
  return graph.node('Slice', [
    dense(graph, x, CNHW),
    graph.ints([0, 0]),
    graph.ints(ends),
    graph.ints([2, 3]),
  ]);
}

/** One copy per filter tap, [channels, positions], in the order of the taps. */
export type Shifted = { side: 'image' | 'gradient'; channels: number; copies: string[] };

function shiftedImage(graph: Graph, x: Value, geometry: Geometry): Shifted {
  const { before, after, output, strides } = geometry;
  const padded = border(graph, x, before, after);
  return {
    side: 'image',
    channels: x.shape[3]!,
    copies: copies(graph, padded, x, geometry, output, strides, false),
  };
}

function shiftedGradient(graph: Graph, dy: Value, geometry: Geometry): Shifted {
  const { kernel, dilations, before, input, output } = geometry;
  const reach = [0, 1].map((i) => (kernel[i]! - 1) * dilations[i]!) as Pair;
  const front = reach.map((n, i) => n - before[i]!) as Pair;
  const back = [0, 1].map((i) => input[i]! + reach[i]! - output[i]! - front[i]!) as Pair;
  const padded = border(graph, dy, front, back);
  return {
    side: 'gradient',
    channels: dy.shape[3]!,
    copies: copies(graph, padded, dy, geometry, input, [1, 1], true),
  };
}

/** Row and column of each tap of a filter, in the order in which they lie. */
export const taps = ([height, width]: Pair): Pair[] =>
  range(height * width).map((tap) => [Math.floor(tap / width), tap % width]);

function copies(
  graph: Graph,
  padded: string,
  value: Value,
  { kernel, dilations }: Geometry,
  window: Pair,
  strides: Pair,
  reversed: boolean,
): string[] {
  const [batch, , , channels] = value.shape as [number, number, number, number];
  return taps(kernel).map((tap) => {
    const from = tap.map((at, i) => (reversed ? kernel[i]! - 1 - at : at) * dilations[i]!);
    const to = from.map((start, i) => start + (window[i]! - 1) * strides[i]! + 1);
    const parts = [from, to, [2, 3], strides].map(graph.ints);
    const whole = kernel[0] * kernel[1] === 1 && same(strides, [1, 1]);
    const part = whole ? padded : graph.node('Slice', [padded, ...parts]);
    return graph.node('Reshape', [part, graph.ints([channels, batch * window[0] * window[1]])]);
  });
}

/** In CNHW with rows and columns of zeros around (taken away where negative). */
export function border(graph: Graph, value: Value, front: Pair, back: Pair): string {
  if ([...front, ...back].every((n) => n === 0)) return dense(graph, value, CNHW);
  const paddings: [number, number][] = [
    [0, 0],
    [front[0], back[0]],
    [front[1], back[1]],
    [0, 0],
  ];
  return pad(graph, value, paddings, 0, CNHW).name;
}

type Channels = [outputs: number, inputs: number];
type Product = (
  graph: Graph,
  shifted: Shifted,
  other: string,
  positions: number,
  taps: number,
  channels: Channels,
) => string;

/** [outputs, inputs, taps] by one product per tap. */
const tapByTap: Product = (graph, { side, copies: shifted }, other, _positions, _taps, [outputs, inputs]) => {
  const products = shifted.map((copy) => {
    const pair = side === 'image' ? [other, copy] : [copy, other];
    return graph.node('Reshape', [graph.node('Gemm', pair, { transB: 1 }), graph.ints([outputs, inputs, 1])]);
  });
  return products.length === 1 ? (products[0] as string) : graph.node('Concat', products, { axis: 2 });
};

/** The same by one product with all shifted copies below each other. */
const oneProduct: Product = (
  graph,
  { side, channels, copies: shifted },
  other,
  positions,
  taps,
  [outputs, inputs],
) => {
  const raised = shifted.map((copy) => graph.node('Reshape', [copy, graph.ints([channels, 1, positions])]));
  const stacked = graph.node('Reshape', [
    taps === 1 ? raised[0]! : graph.node('Concat', raised, { axis: 1 }),
    graph.ints([channels * taps, positions]),
  ]);
  if (side === 'image') return graph.node('Gemm', [other, stacked], { transB: 1 });
  const product = graph.node('Gemm', [stacked, other], { transB: 1 });
  return graph.node('Transpose', [graph.node('Reshape', [product, graph.ints([outputs, taps, inputs])])], {
    perm: [0, 2, 1],
  });
};

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
  const raised = shiftedImage(graph, x, geometry).copies.map((copy) =>
    graph.node('Reshape', [copy, graph.ints([channels, 1, positions])]),
  );
  const left = raised.length === 1 ? raised[0]! : graph.node('Concat', raised, { axis: 1 });
  const rows = graph.node('Reshape', [dense(graph, dy, CNHW), graph.ints([channels, multiplier, positions])]);
  const product = graph.node('MatMul', [left, graph.node('Transpose', [rows], { perm: [0, 2, 1] })]);
  return stored(
    graph.node('Reshape', [product, graph.ints([channels, height, width, multiplier])]),
    output,
    [2, 0, 1, 3],
  );
}

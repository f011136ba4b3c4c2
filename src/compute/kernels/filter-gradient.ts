/**
 * Gradient of a convolution with respect to its filter, as one matrix product: the image is unfolded (one shifted copy per
 * filter tap) and multiplied with the output's gradient over all positions of the batch.
 */
import { dense, type Graph, range, same, type Spec, stored, type Value } from '../graph.ts';
import type { Geometry } from './geometry.ts';
import { pad } from './shape.ts';

const CNHW = [3, 0, 1, 2];
const OIHW = [3, 2, 0, 1];

export function filterGradient(graph: Graph, x: Value, dy: Value, geometry: Geometry, output: Spec): Value {
  const [height, width, inputs, outputs] = output.shape as [number, number, number, number];
  const positions = x.shape[0]! * geometry.output[0] * geometry.output[1];
  const gradient = graph.node('Reshape', [dense(graph, dy, CNHW), graph.ints([outputs, positions])]);
  const columns = unfold(graph, x, geometry, positions);
  const product = graph.node('Gemm', [gradient, columns], { transB: 1 });
  return stored(graph.node('Reshape', [product, graph.ints([outputs, inputs, height, width])]), output, OIHW);
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
  const columns = unfold(graph, x, geometry, positions);
  const left = graph.node('Reshape', [columns, graph.ints([channels, height * width, positions])]);
  const rows = graph.node('Reshape', [dense(graph, dy, CNHW), graph.ints([channels, multiplier, positions])]);
  const product = graph.node('MatMul', [left, graph.node('Transpose', [rows], { perm: [0, 2, 1] })]);
  return stored(
    graph.node('Reshape', [product, graph.ints([channels, height, width, multiplier])]),
    output,
    [2, 0, 1, 3],
  );
}

/** [channels · taps, positions]: row `c · taps + t` is channel `c` as seen by tap `t` at every output position. */
function unfold(graph: Graph, x: Value, geometry: Geometry, positions: number): string {
  const channels = x.shape[3]!;
  const { kernel, strides, dilations, output } = geometry;
  const taps = kernel[0] * kernel[1];
  const padded = padToFit(graph, x, geometry);
  if (taps === 1 && same(strides, [1, 1]))
    return graph.node('Reshape', [padded, graph.ints([channels, positions])]);
  const copies = range(taps).map((tap) => {
    const from = [Math.floor(tap / kernel[1]) * dilations[0], (tap % kernel[1]) * dilations[1]];
    const to = from.map((start, i) => start + (output[i]! - 1) * strides[i]! + 1);
    const part = graph.node('Slice', [
      padded,
      graph.ints(from),
      graph.ints(to),
      graph.ints([2, 3]),
      graph.ints(strides),
    ]);
    return graph.node('Reshape', [part, graph.ints([channels, 1, positions])]);
  });
  const stacked = taps === 1 ? copies[0]! : graph.node('Concat', copies, { axis: 1 });
  return graph.node('Reshape', [stacked, graph.ints([channels * taps, positions])]);
}

/** The image in CNHW with exactly the rows and columns that some tap reads. */
function padToFit(graph: Graph, x: Value, { before, after }: Geometry): string {
  if ([...before, ...after].every((n) => n === 0)) return dense(graph, x, CNHW);
  const paddings: [number, number][] = [
    [0, 0],
    [before[0], after[0]],
    [before[1], after[1]],
    [0, 0],
  ];
  return pad(graph, x, paddings, 0, CNHW).name;
}

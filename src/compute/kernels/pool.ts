/** Pooling and its gradients, per channel. */
import { dense, type Graph, range, same, size, type Spec, stored, uniform, type Value } from '../graph.ts';
import { map } from './elementwise.ts';
import { NCHW } from './conv.ts';
import { type Geometry, onnxWindow, type Pair, windowGeometry } from './geometry.ts';
import { repeatPixels } from './resize.ts';
import { type Attributes, kernel, type Kernels, need } from './kernel.ts';

function geometryOf(x: Spec, attributes: Attributes): Geometry {
  const filter = attributes.filterSize as number | Pair;
  const window: Pair = typeof filter === 'number' ? [filter, filter] : filter;
  return windowGeometry([x.shape[1]!, x.shape[2]!], window, attributes);
}

function pooledShape(inputs: Record<string, Spec>, attributes: Attributes): Spec {
  const x = need(inputs, 'x');
  const { output } = geometryOf(x, attributes);
  return { shape: [x.shape[0]!, ...output, x.shape[3]!], dtype: 'float32' };
}

const maxPool = (graph: Graph, x: Value, geometry: Geometry, outputs: number): string[] =>
  graph.nodes('MaxPool', [dense(graph, x, NCHW)], onnxWindow(geometry), outputs);

/**
 * For windows that tile the image. A pixel is the one if it equals the maximum of its window and no earlier pixel does; "earlier"
 * is found by pooling once more over falling numbers. Twice as fast as MaxPool's indices, for which ONNX Runtime has slow code only.
 */
function tiledMaxPoolGradient(graph: Graph, dy: Value, x: Value, geometry: Geometry, output: Spec): Value {
  const { kernel: window, input } = geometry;
  const image = dense(graph, x, NCHW);
  const pool = (name: string): string => graph.node('MaxPool', [name], onnxWindow(geometry));
  const equal = (a: string, b: string): string =>
    graph.node('Cast', [graph.node('Equal', [a, b])], { to: 1 });
  const rank = (row: number, column: number): number =>
    window[0] * window[1] - ((row % window[0]) * window[1] + (column % window[1]));
  const ranks = Float32Array.from({ length: input[0] * input[1] }, (_, i) =>
    rank(Math.floor(i / input[1]), i % input[1]),
  );
  const largest = equal(image, repeatPixels(graph, pool(image), window));
  const ranked = graph.node('Mul', [largest, graph.matrix(ranks, [1, 1, ...input])]);
  const first = equal(ranked, repeatPixels(graph, pool(ranked), window));
  const spread = repeatPixels(graph, dense(graph, dy, NCHW), window);
  return stored(graph.node('Mul', [first, spread]), output, NCHW);
}

/** Sends every gradient to the place of the first largest element of its window, as TensorFlow.js does. */
function maxPoolGradient(graph: Graph, dy: Value, x: Value, geometry: Geometry, output: Spec): Value {
  const { kernel: window, strides, input, before, after } = geometry;
  const tiles =
    same(window, strides) &&
    [...before, ...after].every((n) => n === 0) &&
    input.every((n, i) => n % window[i]! === 0);
  if (tiles) return tiledMaxPoolGradient(graph, dy, x, geometry, output);
  const indices = maxPool(graph, x, geometry, 2)[1] as string;
  const count = size(output.shape);
  const flat = (name: string): string => graph.node('Reshape', [name, graph.ints([-1])]);
  const zeros = dense(graph, uniform(0, { shape: [count], dtype: 'float32' }));
  const sums = graph.node('ScatterElements', [zeros, flat(indices), flat(dense(graph, dy, NCHW))], {
    axis: 0,
    reduction: 'add',
  });
  return stored(
    graph.node('Reshape', [sums, graph.ints(NCHW.map((axis) => output.shape[axis]!))]),
    output,
    NCHW,
  );
}

/** How many real pixels each window covers: [1, rows, columns, 1], in stored order NCHW. */
function coverage(graph: Graph, { kernel: window, strides, before, input, output }: Geometry): Value {
  const along = (i: 0 | 1): number[] =>
    range(output[i]).map((o) => {
      const start = o * strides[i] - before[i];
      return Math.min(start + window[i], input[i]) - Math.max(start, 0);
    });
  const [vertical, horizontal] = [along(0), along(1)];
  const counts = Float32Array.from(vertical.flatMap((v) => horizontal.map((h) => v * h)));
  return stored(
    graph.constant(counts, [1, 1, ...output]),
    { shape: [1, ...output, 1], dtype: 'float32' },
    NCHW,
  );
}

function averagePoolGradient(graph: Graph, dy: Value, geometry: Geometry, output: Spec): Value {
  const [batch, , , channels] = output.shape as [number, number, number, number];
  const share = map(graph, 'Div', [dy, coverage(graph, geometry)]);
  const planes = graph.node('Reshape', [
    dense(graph, share, NCHW),
    graph.ints([batch * channels, 1, ...geometry.output]),
  ]);
  const ones = dense(graph, uniform(1, { shape: [1, 1, ...geometry.kernel], dtype: 'float32' }));
  const { strides, kernel: window, before, after, input } = geometry;
  const produced = [0, 1].map(
    (i) => (geometry.output[i]! - 1) * strides[i]! + window[i]! - before[i]! - after[i]!,
  );
  const spread = graph.node('ConvTranspose', [planes, ones], {
    ...onnxWindow(geometry),
    output_padding: input.map((n, i) => n - produced[i]!),
  });
  return stored(
    graph.node('Reshape', [spread, graph.ints(NCHW.map((axis) => output.shape[axis]!))]),
    output,
    NCHW,
  );
}

const gradientSpec = (inputs: Record<string, Spec>): Spec => need(inputs, 'input');

export const pools: Kernels = {
  MaxPool: kernel(pooledShape, (graph, inputs, attributes, output) => {
    const x = need(inputs, 'x');
    return stored(maxPool(graph, x, geometryOf(x, attributes), 1)[0] as string, output, NCHW);
  }),
  MaxPoolGrad: kernel(gradientSpec, (graph, inputs, attributes, output) => {
    const x = need(inputs, 'input');
    return maxPoolGradient(graph, need(inputs, 'dy'), x, geometryOf(x, attributes), output);
  }),
  AvgPool: kernel(pooledShape, (graph, inputs, attributes, output) => {
    const x = need(inputs, 'x');
    const { dilations: _unused, ...window } = onnxWindow(geometryOf(x, attributes));
    return stored(
      graph.node('AveragePool', [dense(graph, x, NCHW)], { ...window, count_include_pad: 0 }),
      output,
      NCHW,
    );
  }),
  AvgPoolGrad: kernel(gradientSpec, (graph, inputs, attributes, output) =>
    averagePoolGradient(graph, need(inputs, 'dy'), geometryOf(output, attributes), output),
  ),
};

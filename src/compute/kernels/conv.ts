/** Convolutions and their gradients. Images lie as NCHW, filters as OIHW; both are only views of what TensorFlow.js calls NHWC and HWIO. */
import { arrange, dense, type Graph, same, type Spec, stored, type Value } from '../graph.ts';
import { depthwiseFilterGradient, filterGradient } from './filter-gradient.ts';
import { type Geometry, onnxWindow, type Pair, windowGeometry } from './geometry.ts';
import { type Attributes, kernel, type Kernels, need } from './kernel.ts';
import { finish } from './matmul.ts';

export const NCHW = [0, 3, 1, 2];
const OIHW = [3, 2, 0, 1];
const IOHW = [2, 3, 0, 1];

const rows = (shape: number[]): Pair => [shape[1]!, shape[2]!];
const window = (shape: number[]): Pair => [shape[0]!, shape[1]!];

function convolve(graph: Graph, x: Value, filter: Value, geometry: Geometry, output: Spec): Value {
  const { strides, dilations, kernel: size, before, after, output: made, input } = geometry;
  const reach: Pair = [(size[0] - 1) * dilations[0], (size[1] - 1) * dilations[1]];
  const narrow = filter.shape[2]! >= 4 * filter.shape[3]! && size[0] * size[1] > 1;
  const image = dense(graph, x, NCHW);
  const fits = [0, 1].every((i) => made[i] === input[i]! + before[i]! + after[i]! - reach[i]!);
  if (narrow && fits && same(strides, [1, 1]) && reach.every((n, i) => n >= before[i]! && n >= after[i]!)) {
    // Few channels out of many: ConvTranspose spreads the few where Conv would unfold the many.
    const pads = [...reach.map((n, i) => n - before[i]!), ...reach.map((n, i) => n - after[i]!)];
    const name = graph.node('ConvTranspose', [image, flip(graph, filter)], {
      kernel_shape: size,
      dilations,
      pads,
    });
    return stored(name, output, NCHW);
  }
  return stored(graph.node('Conv', [image, dense(graph, filter, OIHW)], onnxWindow(geometry)), output, NCHW);
}

/**
 * Gradient with respect to the input. At stride 1 a convolution with the flipped filter (twice as fast as ConvTranspose),
 * else ConvTranspose, which takes the forward filter as it is.
 */
function inputGradient(graph: Graph, dy: Value, filter: Value, geometry: Geometry, output: Spec): Value {
  const { strides, dilations, kernel: size, before, after, input } = geometry;
  const reach: Pair = [(size[0] - 1) * dilations[0], (size[1] - 1) * dilations[1]];
  if (same(strides, [1, 1]) && reach.every((n, i) => n >= before[i]! && n >= after[i]!)) {
    const flipped = flip(graph, filter);
    const pads = [...reach.map((n, i) => n - before[i]!), ...reach.map((n, i) => n - after[i]!)];
    const name = graph.node('Conv', [dense(graph, dy, NCHW), flipped], {
      kernel_shape: size,
      dilations,
      pads,
    });
    return stored(name, output, NCHW);
  }
  const produced = [0, 1].map(
    (i) => (geometry.output[i]! - 1) * strides[i]! + reach[i]! + 1 - before[i]! - after[i]!,
  );
  const name = graph.node('ConvTranspose', [dense(graph, dy, NCHW), dense(graph, filter, OIHW)], {
    ...onnxWindow(geometry),
    output_padding: input.map((n, i) => n - produced[i]!),
  });
  return stored(name, output, NCHW);
}

/** The filter as the input gradient reads it: input and output channels exchanged, rows and columns reversed; times `scale`. */
export function flip(graph: Graph, filter: Value, scale = 1): string {
  const [height, width, inputs, outputs] = filter.shape as [number, number, number, number];
  dense(graph, filter, OIHW);
  const exchanged = arrange(graph, filter, IOHW);
  if (height * width === 1 && scale === 1) return exchanged;
  const taps = height * width;
  const reversal = Float32Array.from({ length: taps * taps }, (_, i) =>
    i % taps === taps - 1 - Math.floor(i / taps) ? scale : 0,
  );
  const flat = graph.node('Reshape', [exchanged, graph.ints([inputs, outputs, taps])]);
  // A product with a permutation matrix: four times as fast as Gather, twice as fast as Slice with negative steps.
  const reversed = graph.node('MatMul', [flat, graph.matrix(reversal, [taps, taps])]);
  return graph.node('Reshape', [reversed, graph.ints([inputs, outputs, height, width])]);
}

const forward = kernel(
  (inputs, attributes) => {
    const [x, filter] = [need(inputs, 'x'), need(inputs, 'filter')];
    const { output } = windowGeometry(rows(x.shape), window(filter.shape), attributes);
    return { shape: [x.shape[0]!, ...output, filter.shape[3]!], dtype: 'float32' };
  },
  (graph, inputs, attributes, output) => {
    const [x, filter] = [need(inputs, 'x'), need(inputs, 'filter')];
    const geometry = windowGeometry(rows(x.shape), window(filter.shape), attributes);
    return finish(graph, convolve(graph, x, filter, geometry, output), inputs, attributes);
  },
);

const depthwiseShape = (x: Spec, filter: Spec, attributes: Attributes): number[] => {
  const { output } = windowGeometry(rows(x.shape), window(filter.shape), attributes);
  return [x.shape[0]!, ...output, filter.shape[2]! * filter.shape[3]!];
};

export const convolutions: Kernels = {
  Conv2D: forward,
  FusedConv2D: forward,
  Conv2DBackpropInput: kernel(
    (_inputs, attributes) => ({ shape: attributes.inputShape as number[], dtype: 'float32' }),
    (graph, inputs, attributes, output) => {
      const filter = need(inputs, 'filter');
      const geometry = windowGeometry(rows(output.shape), window(filter.shape), attributes);
      return inputGradient(graph, need(inputs, 'dy'), filter, geometry, output);
    },
  ),
  Conv2DBackpropFilter: kernel(
    (_inputs, attributes) => ({ shape: attributes.filterShape as number[], dtype: 'float32' }),
    (graph, inputs, attributes, output) => {
      const x = need(inputs, 'x');
      const geometry = windowGeometry(rows(x.shape), window(output.shape), attributes);
      return filterGradient(graph, x, need(inputs, 'dy'), geometry, output);
    },
  ),
  DepthwiseConv2dNative: kernel(
    (inputs, attributes) => ({
      shape: depthwiseShape(need(inputs, 'x'), need(inputs, 'filter'), attributes),
      dtype: 'float32',
    }),
    (graph, inputs, attributes, output) => {
      const [x, filter] = [need(inputs, 'x'), need(inputs, 'filter')];
      const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
      const geometry = windowGeometry(rows(x.shape), window(filter.shape), attributes);
      const weights = graph.node('Reshape', [
        dense(graph, filter, [2, 3, 0, 1]),
        graph.ints([channels * multiplier, 1, height, width]),
      ]);
      const attributesOut = { ...onnxWindow(geometry), group: channels };
      return stored(graph.node('Conv', [dense(graph, x, NCHW), weights], attributesOut), output, NCHW);
    },
  ),
  DepthwiseConv2dNativeBackpropFilter: kernel(
    (_inputs, attributes) => ({ shape: attributes.filterShape as number[], dtype: 'float32' }),
    (graph, inputs, attributes, output) => {
      const x = need(inputs, 'x');
      const geometry = windowGeometry(rows(x.shape), window(output.shape), attributes);
      return depthwiseFilterGradient(graph, x, need(inputs, 'dy'), geometry, output);
    },
  ),
  DepthwiseConv2dNativeBackpropInput: kernel(
    (_inputs, attributes) => ({ shape: attributes.inputShape as number[], dtype: 'float32' }),
    (graph, inputs, attributes, output) => {
      const filter = need(inputs, 'filter');
      const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
      const geometry = windowGeometry(rows(output.shape), window(filter.shape), attributes);
      const weights = graph.node('Reshape', [
        dense(graph, filter, [2, 3, 0, 1]),
        graph.ints([channels * multiplier, 1, height, width]),
      ]);
      const { strides, dilations, kernel: size, before, after, input } = geometry;
      const produced = [0, 1].map(
        (i) =>
          (geometry.output[i]! - 1) * strides[i]! +
          (size[i]! - 1) * dilations[i]! +
          1 -
          before[i]! -
          after[i]!,
      );
      const name = graph.node('ConvTranspose', [dense(graph, need(inputs, 'dy'), NCHW), weights], {
        ...onnxWindow(geometry),
        group: channels,
        output_padding: input.map((n, i) => n - produced[i]!),
      });
      return stored(name, output, NCHW);
    },
  ),
};

/**
 * Convolution of an image that nearest neighbours have enlarged f times, computed on the small image with a 1/f² of the
 * products. The enlarged image is the small one with zeros in between, summed over f×f boxes; sums over boxes and stride-1
 * convolutions may change places, and a convolution of an image with zeros in between is a transposed one of stride f.
 * So y = boxes(ConvTranspose(x)), and both gradients read the boxes of dy with stride f. The calls come from
 * `simplify.ts`; their attributes are those of the convolution and `enlarged`, the factors.
 */
import { dense, type Graph, type Spec, stored, type Value } from '../graph.ts';
import { flip, NCHW } from './conv.ts';
import { border, cut, rowProducts, type Shifted, taps } from './filter-gradient.ts';
import { type Geometry, type Pair, windowGeometry } from './geometry.ts';
import { type Attributes, kernel, type Kernels, need } from './kernel.ts';
import { finish } from './matmul.ts';

/** The geometry on the enlarged image, the factors, and the padding of the transposed convolution (never negative, else it is not possible). */
type Enlarged = Geometry & { factors: Pair; padding: number[] };

export function enlargedGeometry(
  small: number[],
  filter: number[],
  attributes: Attributes,
): Enlarged | undefined {
  const factors = attributes.enlarged as Pair;
  const large: Pair = [small[1]! * factors[0], small[2]! * factors[1]];
  const geometry = windowGeometry(large, [filter[0]!, filter[1]!], attributes);
  const { kernel: window, strides, dilations, before, after } = geometry;
  const padding = [before, after].flatMap((pads) => pads.map((n, i) => window[i]! - factors[i]! - n));
  const possible = [...strides, ...dilations].every((n) => n === 1) && padding.every((n) => n >= 0);
  return possible ? { ...geometry, factors, padding } : undefined;
}

function geometryOf(small: number[], filter: number[], attributes: Attributes): Enlarged {
  const geometry = enlargedGeometry(small, filter, attributes);
  if (!geometry) throw new Error('this convolution does not cover its enlarged image as a transposed one');
  return geometry;
}

/** Means over all f×f boxes of a stored image, those that reach over its edge by less than f included. */
const boxes = (graph: Graph, image: string, [vertical, horizontal]: Pair, reach: 0 | 1): string =>
  graph.node('AveragePool', [image], {
    kernel_shape: [vertical, horizontal],
    pads: [vertical - 1, horizontal - 1, vertical - 1, horizontal - 1].map((n) => n * reach),
    count_include_pad: 1,
  });

/** The flipped filter times f², so that means over boxes become sums. */
const flippedForSums = (graph: Graph, filter: Value, [vertical, horizontal]: Pair): string =>
  flip(graph, filter, vertical * horizontal);

function forward(graph: Graph, x: Value, filter: Value, geometry: Enlarged, output: Spec): Value {
  const { kernel: window, factors, padding } = geometry;
  const spread = graph.node(
    'ConvTranspose',
    [dense(graph, x, NCHW), flippedForSums(graph, filter, factors)],
    { kernel_shape: window, strides: factors, pads: padding },
  );
  return stored(boxes(graph, spread, factors, 0), output, NCHW);
}

function inputGradient(graph: Graph, dy: Value, filter: Value, geometry: Enlarged, output: Spec): Value {
  const { kernel: window, factors, padding } = geometry;
  const means = boxes(graph, dense(graph, dy, NCHW), factors, 1);
  const name = graph.node('Conv', [means, flippedForSums(graph, filter, factors)], {
    kernel_shape: window,
    strides: factors,
    pads: padding,
  });
  return stored(name, output, NCHW);
}

/**
 * Per filter tap the boxes it meets, every f-th row and column of them. The boxes of taps whose places leave the same
 * remainder when divided by f come from one pooling of stride f.
 */
function boxesPerTap(graph: Graph, dy: Value, x: Value, geometry: Enlarged): Shifted {
  const { kernel: window, factors, padding } = geometry;
  const sides = [x.shape[1]!, x.shape[2]!] as Pair;
  const padded = border(graph, dy, padding.slice(0, 2) as Pair, padding.slice(2) as Pair);
  const copies = taps(window).map((tap) => {
    const place = tap.map((at, i) => window[i]! - 1 - at);
    const remainder = place.map((at, i) => at % factors[i]!);
    const past = remainder.map((r, i) => (window[i]! - 1 - r) % factors[i]!);
    const pooled = {
      name: graph.node('AveragePool', [padded.name], {
        kernel_shape: factors,
        strides: factors,
        pads: [...remainder, ...past].map((n, i) => factors[i % 2]! - 1 - n),
        count_include_pad: 1,
      }),
      sides: sides.map((n, i) => n + Math.floor((window[i]! - 1 - remainder[i]!) / factors[i]!)) as Pair,
    };
    return cut(graph, pooled, place.map((at, i) => Math.floor(at / factors[i]!)) as Pair, sides);
  });
  return { side: 'gradient', copies };
}

function filterGradient(graph: Graph, x: Value, dy: Value, geometry: Enlarged, output: Spec): Value {
  const means = rowProducts(graph, boxesPerTap(graph, dy, x, geometry), x, output);
  const boxSize = graph.scalar(geometry.factors[0] * geometry.factors[1], 'float32');
  return { ...means, name: graph.node('Mul', [means.name, boxSize]) };
}

export const enlargedConvolutions: Kernels = {
  EnlargedConv2D: kernel(
    (inputs, attributes) => {
      const [x, filter] = [need(inputs, 'x'), need(inputs, 'filter')];
      const { output } = geometryOf(x.shape, filter.shape, attributes);
      return { shape: [x.shape[0]!, ...output, filter.shape[3]!], dtype: 'float32' };
    },
    (graph, inputs, attributes, output) => {
      const [x, filter] = [need(inputs, 'x'), need(inputs, 'filter')];
      const geometry = geometryOf(x.shape, filter.shape, attributes);
      return finish(graph, forward(graph, x, filter, geometry, output), inputs, attributes);
    },
  ),
  EnlargedConv2DBackpropInput: kernel(
    (_inputs, attributes) => ({ shape: attributes.inputShape as number[], dtype: 'float32' }),
    (graph, inputs, attributes, output) => {
      const filter = need(inputs, 'filter');
      const geometry = geometryOf(output.shape, filter.shape, attributes);
      return inputGradient(graph, need(inputs, 'dy'), filter, geometry, output);
    },
  ),
  EnlargedConv2DBackpropFilter: kernel(
    (_inputs, attributes) => ({ shape: attributes.filterShape as number[], dtype: 'float32' }),
    (graph, inputs, attributes, output) => {
      const x = need(inputs, 'x');
      const geometry = geometryOf(x.shape, output.shape, attributes);
      return filterGradient(graph, x, need(inputs, 'dy'), geometry, output);
    },
  ),
};

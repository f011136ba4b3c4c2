import { dense, type Graph, size, type Spec, stored, type Value } from '../graph.ts';
import { arithmetic, constant, map } from './elementwise.ts';
import { NCHW } from './conv.ts';
import { kernel, type Kernels, need } from './kernel.ts';

/**
 * (x − mean) / √(variance + ε) · scale + offset as one node, in one pass over memory; a runtime can merge it into a convolution.
 * Statistics hold `count` values: one per channel, or (instance norm) one per channel of each image, where all these count as channels.
 */
function oneNode(
  graph: Graph,
  x: Value,
  statistics: Value[],
  count: number,
  epsilon: number,
  output: Spec,
): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const planes = [(batch * channels) / count, count, height, width];
  const names = statistics.map((value) =>
    graph.node('Reshape', [dense(graph, value, value.shape.length === 4 ? NCHW : [0]), graph.ints([count])]),
  );
  const image = graph.node('Reshape', [dense(graph, x, NCHW), graph.ints(planes)]);
  const normal = graph.node('BatchNormalization', [image, ...names], { epsilon: { float: epsilon } });
  return stored(graph.node('Reshape', [normal, graph.ints([batch, channels, height, width])]), output, NCHW);
}

export const norms: Kernels = {
  FusedBatchNorm: kernel(
    (inputs) => need(inputs, 'x'),
    (graph, inputs, attributes, output) => {
      const [x, mean, variance] = [need(inputs, 'x'), need(inputs, 'mean'), need(inputs, 'variance')];
      const { scale, offset } = inputs;
      const epsilon = attributes.varianceEpsilon as number;
      const count = size(mean.shape);
      if (x.shape.length === 4 && scale && offset && size(x.shape) > count) {
        return oneNode(graph, x, [scale, offset, mean, variance], count, epsilon, output);
      }
      const deviation = map(graph, 'Sqrt', [map(graph, 'Add', [variance, constant(epsilon)])]);
      const normal = map(graph, 'Div', [map(graph, 'Sub', [x, mean]), deviation]);
      const scaled = scale ? arithmetic(graph, 'Multiply', normal, scale) : normal;
      return offset ? arithmetic(graph, 'Add', scaled, offset) : scaled;
    },
  ),
};

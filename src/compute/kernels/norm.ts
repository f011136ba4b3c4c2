import { dense, stored } from '../graph.ts';
import { arithmetic, constant, map } from './elementwise.ts';
import { NCHW } from './conv.ts';
import { kernel, type Kernels, need } from './kernel.ts';

/** Batch normalisation with given statistics; one ONNX node where it applies, so that runtimes can merge it into a convolution. */
export const norms: Kernels = {
  FusedBatchNorm: kernel(
    (inputs) => need(inputs, 'x'),
    (graph, inputs, attributes, output) => {
      const [x, mean, variance] = [need(inputs, 'x'), need(inputs, 'mean'), need(inputs, 'variance')];
      const { scale, offset } = inputs;
      const epsilon = attributes.varianceEpsilon as number;
      if (
        x.shape.length === 4 &&
        scale &&
        offset &&
        [mean, variance, scale, offset].every((v) => v.shape.length === 1)
      ) {
        const names = [
          dense(graph, x, NCHW),
          ...[scale, offset, mean, variance].map((value) => dense(graph, value)),
        ];
        return stored(graph.node('BatchNormalization', names, { epsilon: { float: epsilon } }), output, NCHW);
      }
      const deviation = map(graph, 'Sqrt', [map(graph, 'Add', [variance, constant(epsilon)])]);
      const normal = map(graph, 'Div', [map(graph, 'Sub', [x, mean]), deviation]);
      const scaled = scale ? arithmetic(graph, 'Multiply', normal, scale) : normal;
      return offset ? arithmetic(graph, 'Add', scaled, offset) : scaled;
    },
  ),
};

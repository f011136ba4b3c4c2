/**
 * Resizing. It is linear and separable: every output row is a weighted sum of input rows, so both resizing and its gradient
 * are products with constant matrices; enlarging by a whole factor with nearest neighbours is a mere repetition.
 */
import { dense, type Graph, type Spec, stored, type Value } from '../graph.ts';
import { NCHW } from './conv.ts';
import { type Attributes, kernel, type Kernel, type Kernels, need } from './kernel.ts';

type Method = 'nearest' | 'bilinear';
type Sampling = { alignCorners: boolean; halfPixelCenters: boolean };

/**
 * `weights[o · input + i]`: how much of input `i` goes into output `o`, by TensorFlow's rules (`resize_nearest_neighbor` rounds
 * half up under `alignCorners` and takes the floor otherwise).
 */
export function resizeMatrix(
  input: number,
  output: number,
  method: Method,
  sampling: Sampling,
): Float32Array {
  const aligned = sampling.alignCorners && output > 1;
  const scale = aligned ? (input - 1) / (output - 1) : input / output;
  const matrix = new Float32Array(output * input);
  const clamp = (i: number): number => Math.min(Math.max(i, 0), input - 1);
  for (let o = 0; o < output; o++) {
    if (method === 'nearest') {
      const at = (sampling.halfPixelCenters ? o + 0.5 : o) * scale;
      matrix[o * input + clamp(aligned ? Math.floor(at + 0.5) : Math.floor(at))] = 1;
      continue;
    }
    const at = sampling.halfPixelCenters ? (o + 0.5) * scale - 0.5 : o * scale;
    const low = Math.floor(at);
    matrix[o * input + clamp(low)]! += 1 - (at - low);
    matrix[o * input + clamp(low + 1)]! += at - low;
  }
  return matrix;
}

/** rows · image · columnsᵀ for every channel of every image. */
function separable(graph: Graph, x: Value, rows: string, columns: string, output: Spec): Value {
  const wide = graph.node('MatMul', [dense(graph, x, NCHW), columns]);
  return stored(graph.node('MatMul', [rows, wide]), output, NCHW);
}

function transposed(matrix: Float32Array, rowCount: number, columnCount: number): Float32Array {
  return Float32Array.from(
    matrix,
    (_, i) => matrix[(i % rowCount) * columnCount + Math.floor(i / rowCount)]!,
  );
}

/** Whole factor by which nearest neighbours enlarge both sides, if they do. */
export function wholeFactor(
  from: number[],
  to: number[],
  sampling: Attributes,
): [number, number] | undefined {
  const factors = [to[1]! / from[1]!, to[2]! / from[2]!] as [number, number];
  return !sampling.alignCorners && factors.every(Number.isInteger) ? factors : undefined;
}

/** Every pixel of a stored NCHW image repeated. */
export function repeatPixels(graph: Graph, name: string, [vertical, horizontal]: [number, number]): string {
  const scales = graph.matrix(Float32Array.of(1, 1, vertical, horizontal), [4]);
  const mode = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return graph.node('Resize', [name, '', scales], mode);
}

function sumPixels(graph: Graph, dy: Value, [vertical, horizontal]: [number, number], output: Spec): Value {
  const window = { kernel_shape: [vertical, horizontal], strides: [vertical, horizontal] };
  const mean = graph.node('AveragePool', [dense(graph, dy, NCHW)], window);
  return stored(graph.node('Mul', [mean, graph.scalar(vertical * horizontal, 'float32')]), output, NCHW);
}

function resize(method: Method): Kernel {
  return kernel(
    (inputs, attributes) => {
      const { shape } = need(inputs, 'images');
      return { shape: [shape[0]!, ...(attributes.size as [number, number]), shape[3]!], dtype: 'float32' };
    },
    (graph, inputs, attributes, output) => {
      const x = need(inputs, 'images');
      const sampling = attributes as Attributes & Sampling;
      const factor = method === 'nearest' ? wholeFactor(x.shape, output.shape, sampling) : undefined;
      if (factor) return stored(repeatPixels(graph, dense(graph, x, NCHW), factor), output, NCHW);
      const [height, width, newHeight, newWidth] = [
        x.shape[1]!,
        x.shape[2]!,
        output.shape[1]!,
        output.shape[2]!,
      ];
      const rows = resizeMatrix(height, newHeight, method, sampling);
      const columns = transposed(resizeMatrix(width, newWidth, method, sampling), newWidth, width);
      return separable(
        graph,
        x,
        graph.constant(rows, [newHeight, height]),
        graph.constant(columns, [width, newWidth]),
        output,
      );
    },
  );
}

function resizeGradient(method: Method): Kernel {
  return kernel(
    (inputs) => need(inputs, 'images'),
    (graph, inputs, attributes, output) => {
      const dy = need(inputs, 'dy');
      const sampling = attributes as Attributes & Sampling;
      const factor = method === 'nearest' ? wholeFactor(output.shape, dy.shape, sampling) : undefined;
      if (factor) return sumPixels(graph, dy, factor, output);
      const [height, width, newHeight, newWidth] = [
        output.shape[1]!,
        output.shape[2]!,
        dy.shape[1]!,
        dy.shape[2]!,
      ];
      const rows = transposed(resizeMatrix(height, newHeight, method, sampling), newHeight, height);
      const columns = resizeMatrix(width, newWidth, method, sampling);
      return separable(
        graph,
        dy,
        graph.constant(rows, [height, newHeight]),
        graph.constant(columns, [newWidth, width]),
        output,
      );
    },
  );
}

export const resizes: Kernels = {
  ResizeNearestNeighbor: resize('nearest'),
  ResizeBilinear: resize('bilinear'),
  ResizeNearestNeighborGrad: resizeGradient('nearest'),
  ResizeBilinearGrad: resizeGradient('bilinear'),
};

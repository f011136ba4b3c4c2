/** Kernels that the wasm backend of TensorFlow.js lacks, or has only in a slow form. Register after the backend is ready. */
import type * as Tf from '@tensorflow/tfjs';
import { type Pair, windowGeometry } from './kernels/geometry.ts';
import type { Attributes } from './kernels/kernel.ts';
import { depthwiseFilterGradient, depthwiseInputGradient } from './depthwise-wasm.ts';
import type { TfNamespace } from './record.ts';

type Inputs = Record<string, Tf.TensorInfo>;
type Shape4 = [number, number, number, number];

export function registerWasmKernels(tf: TfNamespace): void {
  const native = tf.getKernel('Conv2DBackpropInput', 'wasm').kernelFunc;
  const register = (kernelName: string, kernelFunc: Tf.KernelFunc): void => {
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
  };
  const run = (kernel: string, inputs: Inputs, attributes: Record<string, unknown>): Tf.TensorInfo =>
    tf
      .getKernel(kernel, 'wasm')
      .kernelFunc({ inputs, attrs: attributes as Tf.NamedAttrMap, backend: tf.backend() }) as Tf.TensorInfo;
  /** Runs kernels after each other and frees what lies between. */
  const chain = (body: (step: typeof run) => Tf.TensorInfo): Tf.TensorInfo => {
    const made: Tf.TensorInfo[] = [];
    const result = body((...call) => {
      const info = run(...call);
      made.push(info);
      return info;
    });
    for (const info of made) if (info !== result) (tf.backend() as Tf.KernelBackend).disposeData(info.dataId);
    return result;
  };

  /** A convolution over the batch: x as [C, H, W, N], dy as the filter [H, W, N, O], dilated by the stride. */
  register('Conv2DBackpropFilter', ({ inputs, attrs }) => {
    const { x, dy } = inputs as Inputs;
    const attributes = attrs as unknown as Attributes;
    const filter = attributes.filterShape as Shape4;
    const { strides, before, after } = windowGeometry(rows(x!), [filter[0], filter[1]], attributes);
    return chain((step) => {
      const image = step('Transpose', { x: x! }, { perm: [3, 1, 2, 0] });
      const weights = step('Transpose', { x: dy! }, { perm: [1, 2, 0, 3] });
      const pad = [
        [0, 0],
        [before[0], after[0]],
        [before[1], after[1]],
        [0, 0],
      ];
      const all = step(
        'Conv2D',
        { x: image, filter: weights },
        { strides: 1, pad, dilations: strides, dataFormat: 'NHWC' },
      );
      const cut = step(
        'Slice',
        { x: all },
        { begin: [0, 0, 0, 0], size: [filter[2], filter[0], filter[1], filter[3]] },
      );
      return step('Transpose', { x: cut }, { perm: [1, 2, 0, 3] });
    });
  });

  /** At stride 1 a convolution with the flipped filter, eight times as fast as the native kernel, which does the rest. */
  register('Conv2DBackpropInput', ({ inputs, attrs, backend }) => {
    const { dy, filter } = inputs as Inputs;
    const attributes = attrs as unknown as Attributes;
    const [height, width] = filter!.shape as Shape4;
    const input = attributes.inputShape as Shape4;
    const { strides, before, after } = windowGeometry([input[1], input[2]], [height, width], attributes);
    if (strides[0] !== 1 || strides[1] !== 1) return native({ inputs, attrs: attrs ?? {}, backend });
    return chain((step) => {
      const flipped = step(
        'Transpose',
        { x: step('Reverse', { x: filter! }, { dims: [0, 1] }) },
        { perm: [0, 1, 3, 2] },
      );
      const side = (i: 0 | 1, size: number): Pair => [size - 1 - before[i], size - 1 - after[i]];
      const pad = [[0, 0], side(0, height), side(1, width), [0, 0]];
      return step(
        'Conv2D',
        { x: dy!, filter: flipped },
        { strides: 1, pad, dilations: 1, dataFormat: 'NHWC' },
      );
    });
  });

  const read = (info: Tf.TensorInfo): Float32Array => tf.backend().readSync(info.dataId) as Float32Array;
  const made = (values: Float32Array, shape: number[]): Tf.TensorInfo => ({
    dataId: tf.backend().write(values, shape, 'float32'),
    shape,
    dtype: 'float32',
  });

  /** The gradient of a gather: row i of x is added to row segmentIds[i]. */
  register('UnsortedSegmentSum', ({ inputs, attrs }) => {
    const { x, segmentIds } = inputs as Inputs;
    const { numSegments } = attrs as unknown as { numSegments: number };
    const rowShape = x!.shape.slice(segmentIds!.shape.length);
    const width = rowShape.reduce((product, n) => product * n, 1);
    const [values, ids] = [read(x!), tf.backend().readSync(segmentIds!.dataId) as Int32Array];
    const sums = new Float32Array(numSegments * width);
    for (let i = 0; i < ids.length; i++) {
      for (let j = 0; j < width; j++) sums[ids[i]! * width + j]! += values[i * width + j]!;
    }
    return made(sums, [numSegments, ...rowShape]);
  });

  register('DepthwiseConv2dNativeBackpropInput', ({ inputs, attrs }) => {
    const { dy, filter } = inputs as Inputs;
    const image = (attrs as unknown as { inputShape: Shape4 }).inputShape;
    const values = depthwiseInputGradient(
      read(dy!),
      read(filter!),
      image,
      filter!.shape as Shape4,
      attrs as Attributes,
    );
    return made(values, image);
  });

  register('DepthwiseConv2dNativeBackpropFilter', ({ inputs, attrs }) => {
    const { x, dy } = inputs as Inputs;
    const filter = (attrs as unknown as { filterShape: Shape4 }).filterShape;
    return made(
      depthwiseFilterGradient(read(dy!), read(x!), x!.shape as Shape4, filter, attrs as Attributes),
      filter,
    );
  });
}

const rows = ({ shape }: Tf.TensorInfo): Pair => [shape[1]!, shape[2]!];

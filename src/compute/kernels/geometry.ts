/** Where the windows of convolutions and pools lie: the padding rules of TensorFlow. */
import type { Attributes } from './kernel.ts';

export type Pair = [number, number];
export type Geometry = {
  strides: Pair;
  dilations: Pair;
  kernel: Pair;
  /** Rows and columns added before and after. */
  before: Pair;
  after: Pair;
  input: Pair;
  output: Pair;
};

const pair = (value: unknown, otherwise: number): Pair => {
  if (value === undefined || value === null) return [otherwise, otherwise];
  return typeof value === 'number' ? [value, value] : [...(value as Pair)];
};

/**
 * The geometry of a window of `kernel` over `input` (rows, columns). `same` gives ceil(input / stride) outputs and puts the
 * odd row or column of padding at the end; `valid` pads nothing; a number pads every side; else `[_, [top, bottom], [left, right], _]`.
 */
export function windowGeometry(input: Pair, kernel: Pair, attributes: Attributes): Geometry {
  if (attributes.dataFormat === 'NCHW') throw new Error('images must be in NHWC order');
  if (attributes.dimRoundingMode === 'ceil' || attributes.dimRoundingMode === 'round') {
    throw new Error('windows that reach over the end (dimRoundingMode) cannot be compiled');
  }
  const strides = pair(attributes.strides, 1);
  const dilations = pair(attributes.dilations, 1);
  const mode = attributes.pad as 'same' | 'valid' | number | Pair[];
  const axes = [0, 1].map((i) => {
    const reach = (kernel[i]! - 1) * dilations[i]! + 1;
    if (mode === 'same') {
      const output = Math.ceil(input[i]! / strides[i]!);
      const total = Math.max((output - 1) * strides[i]! + reach - input[i]!, 0);
      return { before: Math.floor(total / 2), after: Math.ceil(total / 2), output };
    }
    const [before, after] =
      mode === 'valid' ? [0, 0] : typeof mode === 'number' ? [mode, mode] : mode[i + 1]!;
    return { before, after, output: Math.floor((input[i]! + before + after - reach) / strides[i]!) + 1 };
  });
  const both = (key: 'before' | 'after' | 'output'): Pair => [axes[0]![key], axes[1]![key]];
  return {
    strides,
    dilations,
    kernel,
    input,
    before: both('before'),
    after: both('after'),
    output: both('output'),
  };
}

/** The same as attributes of ONNX Conv, MaxPool and AveragePool. */
export function onnxWindow({
  strides,
  dilations,
  kernel,
  before,
  after,
}: Geometry): Record<string, number[]> {
  return { kernel_shape: kernel, strides, dilations, pads: [...before, ...after] };
}

/** Gradients of depth-wise convolutions as plain loops, for the wasm backend, which has none. */
import { type Geometry, type Pair, windowGeometry } from './kernels/geometry.ts';
import type { Attributes } from './kernels/kernel.ts';

type Shape4 = [number, number, number, number];
type Visit = (image: number, filter: number, gradient: number) => void;

/** Calls `visit` with the flat places in image, filter and output gradient of every product of the forward convolution. */
function forEachProduct(
  image: Shape4,
  filter: Shape4,
  { strides, dilations, before, output }: Geometry,
  visit: Visit,
): void {
  const [batch, height, width, channels] = image;
  const [tapRows, tapColumns, , multiplier] = filter;
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < output[0]; i++) {
      for (let a = 0; a < tapRows; a++) {
        const row = i * strides[0] + a * dilations[0] - before[0];
        if (row < 0 || row >= height) continue;
        for (let j = 0; j < output[1]; j++) {
          for (let b = 0; b < tapColumns; b++) {
            const column = j * strides[1] + b * dilations[1] - before[1];
            if (column < 0 || column >= width) continue;
            const pixel = ((n * height + row) * width + column) * channels;
            const tap = (a * tapColumns + b) * channels * multiplier;
            const made = ((n * output[0] + i) * output[1] + j) * channels * multiplier;
            for (let k = 0; k < channels * multiplier; k++)
              visit(pixel + Math.floor(k / multiplier), tap + k, made + k);
          }
        }
      }
    }
  }
}

const geometryOf = (image: Shape4, filter: Shape4, attributes: Attributes): Geometry =>
  windowGeometry([image[1], image[2]] as Pair, [filter[0], filter[1]] as Pair, attributes);

const count = (shape: Shape4): number => shape.reduce((product, n) => product * n, 1);

/** `image` and `filter` are the shapes of the forward convolution; returns the image's gradient. */
export function depthwiseInputGradient(
  dy: Float32Array,
  weights: Float32Array,
  image: Shape4,
  filter: Shape4,
  attributes: Attributes,
): Float32Array {
  const sums = new Float32Array(count(image));
  forEachProduct(image, filter, geometryOf(image, filter, attributes), (i, f, g) => {
    sums[i]! += weights[f]! * dy[g]!;
  });
  return sums;
}

export function depthwiseFilterGradient(
  dy: Float32Array,
  x: Float32Array,
  image: Shape4,
  filter: Shape4,
  attributes: Attributes,
): Float32Array {
  const sums = new Float32Array(count(filter));
  forEachProduct(image, filter, geometryOf(image, filter, attributes), (i, f, g) => {
    sums[f]! += x[i]! * dy[g]!;
  });
  return sums;
}

/** Layers as functions of parameters, a name and a tensor. NHWC images, `[batch, length, channels]` sequences. */
import type * as Tf from '@tensorflow/tfjs';
import { dilateFilter, dilatedConv2d } from './dilation.ts';
import { normalize } from './normalize.ts';
import type { Init, Parameters } from './parameters.ts';
import { recordBackend } from './record.ts';

type Padding = 'same' | 'valid' | number;
type Weights = { kernelInit?: Init; useBias?: boolean };
export type Conv2dOptions = Weights & {
  filters: number;
  kernelSize: number | [number, number];
  strides?: number;
  padding?: Padding;
  dilation?: number;
};
export type Conv1dOptions = Weights & {
  filters: number;
  kernelSize: number;
  strides?: number;
  padding?: 'same' | 'valid';
};
export type DenseOptions = Weights & { units: number };
export type ConvTranspose2dOptions = Weights & {
  filters: number;
  kernelSize: number;
  strides: number;
  padding?: 'same' | 'valid';
};
export type BatchNormOptions = { training: boolean; momentum?: number; epsilon?: number; affine?: boolean };

function addBias<T extends Tf.Tensor>(
  p: Parameters,
  name: string,
  x: T,
  count: number,
  { useBias = true }: Weights,
): T {
  return useBias ? p.tf.add(x, p.get(`${name}/bias`, [count], 'zeros')) : x;
}

/** Convolution, filter [height, width, in, out] at `<name>/kernel`. Padding and strides as TensorFlow. Defaults: stride 1, `same`, Glorot, bias. */
export function conv2d(p: Parameters, name: string, x: Tf.Tensor4D, options: Conv2dOptions): Tf.Tensor4D {
  const { filters, kernelSize, strides = 1, padding = 'same', dilation = 1, kernelInit = 'glorot' } = options;
  const window = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
  const kernel = p.get(
    `${name}/kernel`,
    [...window, x.shape[3], filters],
    kernelInit,
  ) as unknown as Tf.Tensor4D;
  return addBias(p, name, convolve(p, x, kernel, strides, padding, dilation), filters, options);
}

/** TensorFlow.js has no gradient for dilated convolutions: a recorded one gets its own, an eager one spreads its filter. */
function convolve(
  p: Parameters,
  x: Tf.Tensor4D,
  kernel: Tf.Tensor4D,
  strides: number,
  padding: Padding,
  dilation: number,
): Tf.Tensor4D {
  const { tf } = p;
  if (dilation === 1) return tf.conv2d(x, kernel, strides, padding);
  if (tf.getBackend() === recordBackend)
    return dilatedConv2d(tf, x, kernel, { strides, pad: padding, dilations: dilation });
  return tf.conv2d(x, dilateFilter(tf, kernel, dilation), strides, padding);
}

/** Convolution of sequences, filter [width, in, out]. */
export function conv1d(p: Parameters, name: string, x: Tf.Tensor3D, options: Conv1dOptions): Tf.Tensor3D {
  const { filters, kernelSize, strides = 1, padding = 'same', kernelInit = 'glorot' } = options;
  const kernel = p.get(
    `${name}/kernel`,
    [kernelSize, x.shape[2], filters],
    kernelInit,
  ) as unknown as Tf.Tensor3D;
  return addBias(p, name, p.tf.conv1d(x, kernel, strides, padding), filters, options);
}

/** Transposed convolution, filter [height, width, out, in]; `same` gives input size · stride. */
export function convTranspose2d(
  p: Parameters,
  name: string,
  x: Tf.Tensor4D,
  options: ConvTranspose2dOptions,
): Tf.Tensor4D {
  const { filters, kernelSize: k, strides: s, padding = 'same', kernelInit = 'glorot' } = options;
  const [batch, height, width, channels] = x.shape;
  const kernel = p.get(`${name}/kernel`, [k, k, filters, channels], kernelInit) as unknown as Tf.Tensor4D;
  const grown = (n: number): number => (padding === 'same' ? n * s : (n - 1) * s + k);
  const y = p.tf.conv2dTranspose(x, kernel, [batch, grown(height), grown(width), filters], s, padding);
  return addBias(p, name, y, filters, options);
}

/** Full connection of the last axis, weights [in, out] at `<name>/kernel`. */
export function dense(p: Parameters, name: string, x: Tf.Tensor2D, options: DenseOptions): Tf.Tensor2D {
  const { units, kernelInit = 'glorot' } = options;
  const kernel = p.get(`${name}/kernel`, [x.shape[1], units], kernelInit) as unknown as Tf.Tensor2D;
  return addBias(p, name, p.tf.matMul(x, kernel), units, options);
}

/** Rows [N, width] scaled to length 1 (zeros stay zeros). */
export function unitRows(tf: typeof Tf, x: Tf.Tensor2D): Tf.Tensor2D {
  return tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-6)));
}

/**
 * Batch normalisation over all axes but the last (Ioffe & Szegedy 2015). In training the batch's statistics are used and the moving
 * averages at `<name>/mean` and `<name>/variance` follow: m ← momentum · m + (1 − momentum) · batch. Defaults: 0.99, ε 1e-3. A
 * learned scale and offset per channel follow, unless `affine` is false.
 */
export function batchNorm<T extends Tf.Tensor>(
  p: Parameters,
  name: string,
  x: T,
  options: BatchNormOptions,
): T {
  const { tf } = p;
  const { training, momentum = 0.99, epsilon = 1e-3, affine = true } = options;
  const channels = x.shape.at(-1) as number;
  const scale = affine ? p.get(`${name}/scale`, [channels], 'ones') : tf.ones([channels]);
  const offset = affine ? p.get(`${name}/offset`, [channels], 'zeros') : tf.zeros([channels]);
  const [mean, variance] = [
    p.buffer(`${name}/mean`, [channels], 'zeros'),
    p.buffer(`${name}/variance`, [channels], 'ones'),
  ];
  if (!training)
    return tf.batchNorm(
      x,
      mean as Tf.Tensor1D,
      variance as Tf.Tensor1D,
      offset as Tf.Tensor1D,
      scale as Tf.Tensor1D,
      epsilon,
    ) as T;
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const batch = tf.moments(x, axes);
  p.assign(mean, tf.add(tf.mul(mean, momentum), tf.mul(batch.mean, 1 - momentum)));
  p.assign(variance, tf.add(tf.mul(variance, momentum), tf.mul(batch.variance, 1 - momentum)));
  return normalize(tf, x, axes, epsilon, scale, offset);
}

/**
 * Instance normalisation of images over rows and columns (Ulyanov et al. 2016), ε 1e-5. With `affine` a scale and an offset per
 * channel follow; the default is without.
 */
export function instanceNorm(
  p: Parameters,
  name: string,
  x: Tf.Tensor4D,
  options: { affine?: boolean; epsilon?: number } = {},
): Tf.Tensor4D {
  const channels = x.shape[3];
  const scale = options.affine ? p.get(`${name}/scale`, [channels], 'ones') : p.tf.ones([channels]);
  const offset = options.affine ? p.get(`${name}/offset`, [channels], 'zeros') : p.tf.zeros([channels]);
  return normalize(p.tf, x, [1, 2], options.epsilon ?? 1e-5, scale, offset);
}

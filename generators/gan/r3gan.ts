/**
 * R3GAN (Huang, Gokaslan, Kuleshov & Tompkin: The GAN is dead; long live the GAN!, NeurIPS 2024): residual networks without any normalisation, a loss that compares real
 * with made pictures in pairs, and penalties on the discriminator's gradient at both. Pictures are [N, S, S, 3].
 *
 * Everything in the discriminator is linear or piecewise linear, and made of operations whose second derivatives TensorFlow.js has right: grouped
 * convolutions are sums of matrix products, pictures are halved by adding neighbours.
 */
import type * as Tf from '@tensorflow/tfjs';
import { conv2d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import type { TfNamespace } from '../../src/compute/record.ts';

/** One entry a stage, 4 px first, each twice as large as the one before: channels, and groups of the grouped convolutions. */
export type R3Net = { sizePx: number; latent: number; widths: readonly number[]; groups: readonly number[] };

const blocksPerStage = 2;
const expansion = 2;
const coarsePx = 4;
const slope = 0.2;
/** Of a rectifier with that slope: what keeps variances as they are. */
const gain = Math.sqrt(2 / (1 + slope ** 2));

/** Latents [N, latent] → pictures; no tanh at the end. */
export function generateR3(p: Parameters, net: R3Net, latents: Tf.Tensor2D): Tf.Tensor4D {
  const { tf } = p;
  const { widths } = net;
  const basis = p.get('generator/basis', [1, coarsePx, coarsePx, widths[0]!], { normal: 1 });
  const strength = dense(p, 'generator/open', latents, { units: widths[0]!, useBias: false });
  let x = tf.mul(tf.reshape(strength, [-1, 1, 1, widths[0]!]), basis) as Tf.Tensor4D;
  for (const [i, width] of widths.entries()) {
    if (i > 0) x = doubled(tf, pointwise(p, `generator/${i}/in`, x, width));
    x = stage(p, `generator/${i}`, x, net, i);
  }
  return conv2d(p, 'generator/picture', x, { filters: 3, kernelSize: 1 });
}

/** How real pictures look, [N]. */
export function judgeR3(p: Parameters, net: R3Net, pictures: Tf.Tensor4D): Tf.Tensor1D {
  const { tf } = p;
  const { widths } = net;
  let x = conv2d(p, 'discriminator/picture', pictures, { filters: widths.at(-1)!, kernelSize: 1 });
  for (let i = widths.length - 1; i >= 0; i--) {
    x = stage(p, `discriminator/${i}`, x, net, i);
    if (i > 0) x = pointwise(p, `discriminator/${i}/out`, halved(tf, x), widths[i - 1]!);
  }
  const basis = p.get('discriminator/basis', [1, coarsePx, coarsePx, widths[0]!], { normal: 1 / coarsePx });
  const seen = tf.sum(tf.mul(x, basis), [1, 2]) as Tf.Tensor2D;
  return tf.reshape(dense(p, 'discriminator/close', seen, { units: 1, useBias: false }), [-1]);
}

/** To other channels, where they are others. */
function pointwise(p: Parameters, name: string, x: Tf.Tensor4D, filters: number): Tf.Tensor4D {
  return x.shape[3] === filters ? x : conv2d(p, name, x, { filters, kernelSize: 1, useBias: false });
}

/** The blocks of one resolution. */
function stage(
  p: Parameters,
  name: string,
  x: Tf.Tensor4D,
  { widths, groups }: R3Net,
  i: number,
): Tf.Tensor4D {
  let y = x;
  const all = blocksPerStage * widths.length;
  for (let block = 0; block < blocksPerStage; block++)
    y = residual(p, `${name}/${block}`, y, groups[i]!, all);
  return y;
}

/**
 * 1×1 to twice the channels, 3×3 in groups, 1×1 back, beside the input; each of the first two with a bias, leaky by 0.2. Weights begin scaled by the rectifier's gain times
 * L^(−1/(2·3−2)), L being the blocks of the network, and with zeros in the last (Zhang, Dauphin & Ma: Fixup Initialization, ICLR 2019).
 */
function residual(p: Parameters, name: string, x: Tf.Tensor4D, groups: number, blocks: number): Tf.Tensor4D {
  const { tf } = p;
  const width = x.shape[3];
  const inner = width * expansion;
  const scale = gain * blocks ** (-1 / 4);
  const normal = (fanIn: number): { normal: number } => ({ normal: scale / Math.sqrt(fanIn) });
  const wide = conv2d(p, `${name}/expand`, x, { filters: inner, kernelSize: 1, kernelInit: normal(width) });
  const size = inner / groups;
  const taps = p.get(`${name}/grouped/kernel`, [9, groups, size, size], normal(9 * size));
  const mixed = tf.add(
    groupedConvolution(tf, tf.leakyRelu(wide, slope), taps as unknown as Tf.Tensor4D),
    p.get(`${name}/grouped/bias`, [inner], 'zeros'),
  ) as Tf.Tensor4D;
  const narrow = { filters: width, kernelSize: 1, useBias: false, kernelInit: 'zeros' } as const;
  return tf.add(x, conv2d(p, `${name}/close`, tf.leakyRelu(mixed, slope), narrow));
}

/**
 * 3×3 convolution, zeros around, in which each group of channels sees itself alone: per tap one matrix product for each group.
 * @param kernel [9 taps row by row, groups, in per group, out per group].
 */
export function groupedConvolution(tf: TfNamespace, x: Tf.Tensor4D, kernel: Tf.Tensor4D): Tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const [, groups, size] = kernel.shape;
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  const taps = tf.unstack(kernel) as Tf.Tensor3D[];
  let sum: Tf.Tensor | undefined;
  for (const [i, tap] of taps.entries()) {
    const seen = tf.slice(padded, [0, Math.floor(i / 3), i % 3, 0], [n, height, width, channels]);
    const grouped = tf.transpose(tf.reshape(seen, [n * height * width, groups, size]), [1, 0, 2]);
    const part = tf.matMul(grouped, tap);
    sum = sum ? tf.add(sum, part) : part;
  }
  return tf.reshape(tf.transpose(sum!, [1, 0, 2]), [n, height, width, channels]);
}

/** Twice as large, values between neighbours being their means; the last row and column are repeated. */
export function doubled(tf: TfNamespace, x: Tf.Tensor4D): Tf.Tensor4D {
  return along(tf, along(tf, x, 1, 'double'), 2, 'double');
}

/** Half as large: every second value after [1, 2, 1] / 4 along rows and columns, zeros around. */
export function halved(tf: TfNamespace, x: Tf.Tensor4D): Tf.Tensor4D {
  return along(tf, along(tf, x, 1, 'halve'), 2, 'halve');
}

function along(tf: TfNamespace, x: Tf.Tensor4D, axis: 1 | 2, change: 'double' | 'halve'): Tf.Tensor4D {
  const { shape } = x;
  const count = shape[axis];
  const part = (from: Tf.Tensor4D, begin: number, length: number): Tf.Tensor4D => {
    const [start, size] = [[0, 0, 0, 0], [...from.shape]] as [number[], number[]];
    [start[axis], size[axis]] = [begin, length];
    return tf.slice(from, start as never, size as never);
  };
  if (change === 'double') {
    const next = tf.concat([part(x, 1, count - 1), part(x, count - 1, 1)], axis);
    const pairs = tf.stack([x, tf.div(tf.add(x, next), 2)], axis + 1);
    const grown = [...shape] as typeof shape;
    grown[axis] = 2 * count;
    return tf.reshape(pairs, grown);
  }
  const room: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  room[axis] = [1, 1];
  const padded = tf.pad(x, room as never) as Tf.Tensor4D;
  const [before, after] = [part(padded, 0, count), part(padded, 2, count)];
  const blurred = tf.div(tf.add(tf.add(before, after), tf.mul(x, 2)), 4) as Tf.Tensor4D;
  const split = [...shape.slice(0, axis), count / 2, 2, ...shape.slice(axis + 1)];
  const paired = tf.reshape(blurred, split);
  const size = [...split];
  size[axis + 1] = 1;
  const kept = [...shape] as typeof shape;
  kept[axis] = count / 2;
  return tf.reshape(
    tf.slice(
      paired,
      split.map(() => 0),
      size,
    ),
    kept,
  );
}

type Judging = (pictures: Tf.Tensor4D) => Tf.Tensor1D;

/** E softplus(D(worse) − D(better)): small where in each pair the one looks more real than the other. */
export function relativistic(tf: TfNamespace, better: Tf.Tensor1D, worse: Tf.Tensor1D): Tf.Scalar {
  return tf.mean(tf.softplus(tf.sub(worse, better)));
}

/** E ‖∇ₓ D(x)‖²: R1 at real pictures, R2 at made ones. */
export function gradientPenalty(tf: TfNamespace, judge: Judging, pictures: Tf.Tensor4D): Tf.Scalar {
  const slopes = tf.grad((x) => tf.sum(judge(x as Tf.Tensor4D)))(pictures);
  return tf.div(tf.sum(tf.square(slopes)), pictures.shape[0]);
}

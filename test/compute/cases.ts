/** The table of kernel cases. */
import type * as Tf from '@tensorflow/tfjs';
import { normalize } from '../../src/compute/normalize.ts';
import { sampleTexture } from '../../src/compute/texture.ts';
import type { Case } from './case.ts';
import { elementwise } from './elementwise-cases.ts';
import { convolutions, pools, resizes } from './image-cases.ts';
import * as ref from './reference.ts';

type T4 = Tf.Tensor4D;
const image = [2, 5, 6, 3];

const bias = (tf: typeof Tf, x: Tf.Tensor, b: Tf.Tensor): Tf.Tensor => tf.add(x, b);
/** Through a convolution that does nothing, so that the operation after it sees NCHW. */
const viaConvolution = (tf: typeof Tf, x: Tf.Tensor): T4 =>
  tf.conv2d(x as T4, tf.reshape(tf.eye(3), [1, 1, 3, 3]), 1, 'same');

const others: Case[] = [
  {
    name: 'fused conv2d with bias and activation',
    shapes: [image, [3, 3, 3, 2], [2]],
    tf: (tf, [x, filter, b]) =>
      tf.fused.conv2d({
        x: x as Tf.Tensor4D,
        filter: filter as Tf.Tensor4D,
        strides: 1,
        pad: 'same',
        bias: b!,
        activation: 'relu',
      }),
    reference: ([x, filter, b]) =>
      ref.zip((p, q) => Math.max(p + q, 0), ref.conv2d(x!, filter!, { padding: 'same' }), b!),
    forwardOnly: true,
  },
  {
    name: 'fused matMul with bias and activation',
    shapes: [[4, 3], [3, 5], [5]],
    tf: (tf, [a, b, bias_]) =>
      tf.fused.matMul({ a: a!, b: b!, bias: bias_!, activation: 'leakyrelu', leakyreluAlpha: 0.3 }),
    reference: ([a, b, bias_]) =>
      ref.zip((p, q) => (p + q > 0 ? p + q : 0.3 * (p + q)), ref.matMul(a!, b!), bias_!),
    forwardOnly: true,
  },
  {
    name: 'range',
    shapes: [[4]],
    tf: (tf, [x]) => tf.mul(x!, tf.range(2, 10, 2)),
    reference: ([x]) => ref.nd([4], ([i]) => ref.at(x!, i!) * (2 + 2 * i!)),
  },
  {
    name: 'argMax and argMin as a choice',
    shapes: [[3, 4]],
    tf: (tf, [x]) =>
      tf.sum(tf.mul(x!, tf.sub(tf.oneHot(tf.argMax(x!, 1), 4), tf.oneHot(tf.argMin(x!, 1), 4))), 1),
    reference: ([x]) => ref.fold(x!, [1], (v) => Math.max(...v) - Math.min(...v)),
  },
  {
    name: 'prod',
    forwardOnly: true,
    shapes: [[3, 4]],
    tf: (tf, [x]) => tf.prod(x!, 1),
    reference: ([x]) => ref.fold(x!, [1], (v) => v.reduce((product, n) => product * n, 1)),
  },
  {
    name: 'add of a bias',
    shapes: [image, [3]],
    tf: (tf, [x, b]) => bias(tf, x!, b!),
    reference: ([x, b]) => ref.zip((p, q) => p + q, x!, b!),
  },
  {
    name: 'bias after a convolution',
    shapes: [image, [3]],
    tf: (tf, [x, b]) => bias(tf, viaConvolution(tf, x!), b!),
    reference: ([x, b]) => ref.zip((p, q) => p + q, x!, b!),
  },
  {
    name: 'sub, mul, div, broadcasting',
    shapes: [
      [2, 1, 6, 3],
      [5, 1, 3],
    ],
    range: [0.5, 2],
    tf: (tf, [x, y]) => tf.sub(tf.mul(x!, y!), tf.div(x!, y!)),
    reference: ([x, y]) => ref.zip((p, q) => p * q - p / q, x!, y!),
  },
  {
    name: 'maximum and minimum',
    shapes: [image, image],
    tf: (tf, [x, y]) => tf.add(tf.maximum(x!, y!), tf.mul(3, tf.minimum(x!, y!))),
    reference: ([x, y]) => ref.zip((p, q) => Math.max(p, q) + 3 * Math.min(p, q), x!, y!),
  },
  {
    name: 'squaredDifference',
    shapes: [image, image],
    tf: (tf, [x, y]) => tf.squaredDifference(x!, y!),
    reference: ([x, y]) => ref.zip((p, q) => (p - q) ** 2, x!, y!),
  },
  {
    name: 'prelu',
    shapes: [image, [3]],
    tf: (tf, [x, a]) => tf.prelu(x!, a!),
    reference: ([x, a]) => ref.zip((p, q) => (p > 0 ? p : q * p), x!, a!),
  },
  {
    name: 'addN',
    shapes: [image, image, image],
    tf: (tf, xs) => tf.addN(xs),
    reference: (xs) => ref.zip((...v) => ref.sum(v), ...xs),
  },
  {
    name: 'sum of all',
    shapes: [image],
    tf: (tf, [x]) => tf.sum(tf.square(x!)),
    reference: ([x]) => ref.fold(x!, [0, 1, 2, 3], (v) => ref.sum(v.map((n) => n * n))),
  },
  {
    name: 'sum over rows and columns, NCHW',
    shapes: [image],
    tf: (tf, [x]) => tf.sum(tf.square(viaConvolution(tf, x!)), [1, 2]),
    reference: ([x]) => ref.fold(x!, [1, 2], (v) => ref.sum(v.map((n) => n * n))),
  },
  {
    name: 'mean over the last axis',
    shapes: [image],
    tf: (tf, [x]) => tf.mean(tf.square(x!), -1),
    reference: ([x]) => ref.fold(x!, [3], (v) => ref.mean(v.map((n) => n * n))),
  },
  {
    name: 'mean keeping dimensions, subtracted',
    shapes: [image],
    tf: (tf, [x]) => tf.square(tf.sub(x!, tf.mean(x!, [1, 2], true))),
    reference: ([x]) => {
      const centre = ref.fold(x!, [1, 2], ref.mean);
      return ref.nd(image, ([n, i, j, c]) => (ref.at(x!, n!, i!, j!, c!) - ref.at(centre, n!, c!)) ** 2);
    },
  },
  {
    name: 'max and min',
    shapes: [image],
    tf: (tf, [x]) => tf.add(tf.max(x!, [1, 2]), tf.min(x!, [1, 2])),
    reference: ([x]) => ref.fold(x!, [1, 2], (v) => Math.max(...v) + Math.min(...v)),
  },
  {
    name: 'cumsum',
    shapes: [[3, 4]],
    tf: (tf, [x]) => tf.cumsum(tf.square(x!), 1),
    reference: ([x]) =>
      ref.nd([3, 4], ([i, j]) => ref.sum(Array.from({ length: j! + 1 }, (_, k) => ref.at(x!, i!, k) ** 2))),
  },
  { name: 'softmax', shapes: [[4, 5]], tf: (tf, [x]) => tf.softmax(x!), reference: ([x]) => ref.softmax(x!) },
  {
    name: 'logSoftmax',
    shapes: [[4, 5]],
    tf: (tf, [x]) => tf.logSoftmax(x!),
    reference: ([x]) => ref.zip(Math.log, ref.softmax(x!)),
  },
  {
    name: 'softmax cross-entropy',
    shapes: [[4, 5]],
    tf: (tf, [x]) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 3, 1, 1], 'int32'), 5), x!),
    reference: ([x]) =>
      ref.fold(
        ref.zip(
          (v) => v,
          ref.nd([4], ([i]) => -Math.log(ref.at(ref.softmax(x!), i!, [0, 3, 1, 1][i!]!))),
        ),
        [0],
        ref.mean,
      ),
  },
  {
    name: 'sigmoid cross-entropy',
    shapes: [[6, 1]],
    tf: (tf, [x]) => tf.losses.sigmoidCrossEntropy(tf.tensor2d([[1], [0], [1], [1], [0], [0]]), x!),
    reference: ([x]) =>
      ref.fold(
        ref.nd([6], ([i]) => ([1, 0, 1, 1, 0, 0][i!]! ? -1 : 1) * ref.at(x!, i!, 0)),
        [0],
        (v) => ref.mean(v.map((z) => Math.log(1 + Math.exp(z)))),
      ),
  },
  {
    name: 'matMul',
    shapes: [
      [4, 3],
      [3, 5],
    ],
    tf: (tf, [a, b]) => tf.matMul(a!, b!),
    reference: ([a, b]) => ref.matMul(a!, b!),
  },
  {
    name: 'matMul, both transposed',
    shapes: [
      [3, 4],
      [5, 3],
    ],
    tf: (tf, [a, b]) => tf.matMul(a!, b!, true, true),
    reference: ([a, b]) => ref.matMul(ref.transpose(a!, [1, 0]), ref.transpose(b!, [1, 0])),
  },
  {
    name: 'matMul of batches',
    shapes: [
      [2, 4, 3],
      [2, 5, 3],
    ],
    tf: (tf, [a, b]) => tf.matMul(a!, b!, false, true),
    reference: ([a, b]) => ref.matMul(a!, ref.transpose(b!, [0, 2, 1])),
  },
  {
    name: 'flatten after a convolution',
    shapes: [image, [90, 4]],
    tf: (tf, [x, w]) => tf.matMul(tf.reshape(viaConvolution(tf, x!), [2, 90]), w!),
    reference: ([x, w]) => ref.matMul(ref.reshape(x!, [2, 90]), w!),
  },
  {
    name: 'reshape that splits the batch, NCHW',
    shapes: [[4, 5, 6, 3]],
    tf: (tf, [x]) => tf.square(tf.reshape(viaConvolution(tf, x!), [2, 2, 5, 6, 3])),
    reference: ([x]) => ref.zip((v) => v * v, ref.reshape(x!, [2, 2, 5, 6, 3])),
  },
  {
    name: 'transpose',
    shapes: [image],
    tf: (tf, [x]) => tf.square(tf.transpose(x!, [2, 0, 3, 1])),
    reference: ([x]) => ref.zip((v) => v * v, ref.transpose(x!, [2, 0, 3, 1])),
  },
  {
    name: 'concat of channels',
    shapes: [image, [2, 5, 6, 2]],
    tf: (tf, [x, y]) => tf.square(tf.concat([viaConvolution(tf, x!), y!], 3)),
    reference: ([x, y]) =>
      ref.nd(
        [2, 5, 6, 5],
        ([n, i, j, c]) => (c! < 3 ? ref.at(x!, n!, i!, j!, c!) : ref.at(y!, n!, i!, j!, c! - 3)) ** 2,
      ),
  },
  {
    name: 'stack and unstack',
    shapes: [
      [4, 3],
      [4, 3],
    ],
    tf: (tf, [x, y]) =>
      tf.mul(
        tf.stack([x!, y!], 1),
        tf.stack(tf.unstack(tf.concat([y!, x!], 0), 0).slice(0, 2), 0).reshape([1, 2, 3]),
      ),
    reference: ([x, y]) => ref.nd([4, 2, 3], ([i, k, c]) => ref.at(k ? y! : x!, i!, c!) * ref.at(y!, k!, c!)),
  },
  {
    name: 'split',
    shapes: [image],
    tf: (tf, [x]) => {
      const [a, b] = tf.split(viaConvolution(tf, x!), [1, 2], 3);
      return tf.mul(a!, b!);
    },
    reference: ([x]) =>
      ref.nd([2, 5, 6, 2], ([n, i, j, c]) => ref.at(x!, n!, i!, j!, 0) * ref.at(x!, n!, i!, j!, c! + 1)),
  },
  {
    name: 'slice',
    shapes: [image],
    tf: (tf, [x]) => tf.square(tf.slice(viaConvolution(tf, x!), [0, 1, 2, 1], [2, 3, 3, -1])),
    reference: ([x]) => ref.nd([2, 3, 3, 2], ([n, i, j, c]) => ref.at(x!, n!, i! + 1, j! + 2, c! + 1) ** 2),
  },
  {
    name: 'reverse',
    shapes: [image],
    tf: (tf, [x]) => tf.square(tf.reverse(x!, [1, 2])),
    reference: ([x]) => ref.nd(image, ([n, i, j, c]) => ref.at(x!, n!, 4 - i!, 5 - j!, c!) ** 2),
  },
  {
    name: 'pad with a number',
    shapes: [image],
    tf: (tf, [x]) =>
      tf.square(
        tf.pad(
          viaConvolution(tf, x!),
          [
            [0, 0],
            [1, 2],
            [0, 3],
            [1, 0],
          ],
          0,
        ),
      ),
    reference: ([x]) => ref.nd([2, 8, 9, 4], ([n, i, j, c]) => ref.at(x!, n!, i! - 1, j!, c! - 1) ** 2),
  },
  {
    name: 'mirrorPad',
    shapes: [image],
    forwardOnly: true,
    tf: (tf, [x]) =>
      tf.mirrorPad(
        x!,
        [
          [0, 0],
          [1, 2],
          [2, 0],
          [0, 0],
        ],
        'reflect',
      ),
    reference: ([x]) =>
      ref.nd([2, 8, 8, 3], ([n, i, j, c]) =>
        ref.at(x!, n!, 4 - Math.abs(4 - Math.abs(i! - 1)), Math.abs(j! - 2), c!),
      ),
  },
  {
    name: 'tile',
    shapes: [[2, 1, 3]],
    tf: (tf, [x]) => tf.square(tf.tile(x!, [1, 4, 2])),
    reference: ([x]) => ref.nd([2, 4, 6], ([i, , c]) => ref.at(x!, i!, 0, c! % 3) ** 2),
  },
  {
    name: 'broadcastTo and expandDims',
    shapes: [[1, 3]],
    tf: (tf, [x]) => tf.reshape(tf.expandDims(tf.square(tf.broadcastTo(x!, [4, 3])), 1), [4, 3]),
    reference: ([x]) => ref.nd([4, 3], ([, c]) => ref.at(x!, 0, c!) ** 2),
  },
  {
    name: 'gather with repeats',
    shapes: [[4, 3]],
    tf: (tf, [x]) => tf.square(tf.gather(x!, tf.tensor1d([2, 0, 2, 2, 3], 'int32'))),
    reference: ([x]) => ref.nd([5, 3], ([i, c]) => ref.at(x!, [2, 0, 2, 2, 3][i!]!, c!) ** 2),
  },
  {
    name: 'gather along the second axis',
    shapes: [[2, 4, 3]],
    tf: (tf, [x]) => tf.square(tf.gather(x!, tf.tensor1d([2, 0, 2], 'int32'), 1)),
    reference: ([x]) => ref.nd([2, 3, 3], ([n, i, c]) => ref.at(x!, n!, [2, 0, 2][i!]!, c!) ** 2),
  },
  {
    name: 'sampleTexture',
    shapes: [
      [3, 4, 2],
      [5, 4],
    ],
    tf: (tf, [x, w]) => sampleTexture(tf, x!, tf.tensor2d(texels, [5, 4], 'int32'), w as Tf.Tensor2D),
    reference: ([x, w]) =>
      ref.nd([5, 2], ([n, c]) =>
        ref.sum([0, 1, 2, 3].map((j) => ref.at(w!, n!, j) * x!.data[texels[n! * 4 + j]! * 2 + c!]!)),
      ),
  },
  {
    name: 'batchNorm with given statistics',
    shapes: [image, [3], [3]],
    tf: (tf, [x, b, s]) =>
      tf.batchNorm(
        x!,
        tf.tensor1d([0.1, -0.2, 0.3]),
        tf.tensor1d([1, 2, 0.5]),
        b as Tf.Tensor1D,
        s as Tf.Tensor1D,
        1e-3,
      ),
    reference: ([x, b, s]) =>
      ref.nd(
        image,
        ([n, i, j, c]) =>
          ((ref.at(x!, n!, i!, j!, c!) - [0.1, -0.2, 0.3][c!]!) / Math.sqrt([1, 2, 0.5][c!]! + 1e-3)) *
            ref.at(s!, c!) +
          ref.at(b!, c!),
      ),
  },
  ...(
    [
      ['batch', [0, 1, 2], 1e-3],
      ['instance', [1, 2], 1e-5],
    ] as const
  ).map(
    ([name, axes, epsilon]): Case => ({
      name: `normalise as ${name} norm`,
      shapes: [image, [3], [3]],
      tf: (tf, [x, scale, offset]) =>
        normalize(tf, viaConvolution(tf, x!), [...axes], epsilon, scale!, offset!),
      reference: ([x, scale, offset]) =>
        ref.zip((normal, s, o) => normal * s + o, ref.normalize(x!, [...axes], epsilon), scale!, offset!),
    }),
  ),
  {
    name: 'normalise rows of numbers',
    shapes: [[6, 3], [3], [3]],
    tf: (tf, [x, scale, offset]) => normalize(tf, x!, [0], 1e-3, scale!, offset!),
    reference: ([x, scale, offset]) =>
      ref.zip((normal, s, o) => normal * s + o, ref.normalize(x!, [0], 1e-3), scale!, offset!),
  },
];

const texels = [0, 1, 4, 5, 0, 1, 4, 5, 11, 11, 0, 0, 3, 2, 1, 0, 5, 6, 9, 10];

export const cases: Case[] = [...elementwise, ...convolutions(), ...pools(), ...resizes(), ...others];

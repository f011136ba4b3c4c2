/** Functions of one number, applied element by element. */
import type * as Tf from '@tensorflow/tfjs';
import type { Case } from './case.ts';
import * as ref from './reference.ts';

const functions: [
  string,
  (tf: typeof Tf, x: Tf.Tensor) => Tf.Tensor,
  (x: number) => number,
  [number, number]?,
][] = [
  ['relu', (tf, x) => tf.relu(x), (x) => Math.max(x, 0)],
  ['relu6', (tf, x) => tf.relu6(tf.mul(x, 6)), (x) => Math.min(Math.max(6 * x, 0), 6)],
  ['leakyRelu', (tf, x) => tf.leakyRelu(x, 0.2), (x) => (x > 0 ? x : 0.2 * x)],
  ['elu', (tf, x) => tf.elu(x), (x) => (x > 0 ? x : Math.expm1(x))],
  ['tanh', (tf, x) => tf.tanh(x), Math.tanh],
  ['sigmoid', (tf, x) => tf.sigmoid(x), (x) => 1 / (1 + Math.exp(-x))],
  ['softplus', (tf, x) => tf.softplus(x), (x) => Math.log(1 + Math.exp(x))],
  ['exp', (tf, x) => tf.exp(x), Math.exp],
  ['log', (tf, x) => tf.log(x), Math.log, [0.3, 2]],
  ['log1p', (tf, x) => tf.log1p(x), Math.log1p, [0.3, 2]],
  ['sqrt', (tf, x) => tf.sqrt(x), Math.sqrt, [0.3, 2]],
  ['rsqrt', (tf, x) => tf.rsqrt(x), (x) => 1 / Math.sqrt(x), [0.3, 2]],
  ['reciprocal', (tf, x) => tf.reciprocal(x), (x) => 1 / x, [0.3, 2]],
  ['square', (tf, x) => tf.square(x), (x) => x * x],
  ['abs', (tf, x) => tf.abs(x), Math.abs],
  ['neg', (tf, x) => tf.neg(x), (x) => -x],
  [
    'erf by its series',
    (tf, x) => tf.erf(x),
    (x) =>
      (2 / Math.sqrt(Math.PI)) *
      Array.from({ length: 40 }, (_, n) => n).reduce(
        ({ total, term }, n) => ({ total: total + term / (2 * n + 1), term: (-term * x * x) / (n + 1) }),
        { total: 0, term: x },
      ).total,
  ],
  [
    'logicalOr',
    (tf, x) => tf.where(tf.logicalOr(tf.greater(x, 0.5), tf.less(x, -0.5)), x, tf.zerosLike(x)),
    (x) => (Math.abs(x) > 0.5 ? x : 0),
  ],
  ['onesLike and fill', (tf, x) => tf.mul(tf.add(x, tf.onesLike(x)), tf.fill([3], 2)), (x) => 2 * (x + 1)],
  ['tan', (tf, x) => tf.tan(x), Math.tan, [-1, 1]],
  ['asin', (tf, x) => tf.asin(x), Math.asin, [-0.8, 0.8]],
  ['acos', (tf, x) => tf.acos(x), Math.acos, [-0.8, 0.8]],
  ['atan', (tf, x) => tf.atan(x), Math.atan],
  ['sinh', (tf, x) => tf.sinh(x), Math.sinh],
  ['cosh', (tf, x) => tf.cosh(x), Math.cosh],
  ['asinh', (tf, x) => tf.asinh(x), Math.asinh],
  ['acosh', (tf, x) => tf.acosh(x), Math.acosh, [1.5, 3]],
  ['atanh', (tf, x) => tf.atanh(x), Math.atanh, [-0.8, 0.8]],
  [
    'selu',
    (tf, x) => tf.selu(x),
    (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  ],
  ['expm1', (tf, x) => tf.expm1(x), Math.expm1],
  [
    'sign, floor, ceil, round',
    (tf, x) => tf.mul(x, tf.addN([tf.sign(x), tf.floor(x), tf.ceil(x), tf.round(x)])),
    (x) => x * (Math.sign(x) + Math.floor(x) + Math.ceil(x) + Math.round(x)),
  ],
  ['sin', (tf, x) => tf.sin(x), Math.sin],
  ['cos', (tf, x) => tf.cos(x), Math.cos],
  ['clipByValue', (tf, x) => tf.clipByValue(x, -0.5, 0.25), (x) => Math.min(Math.max(x, -0.5), 0.25)],
  ['pow 3', (tf, x) => tf.pow(x, 3), (x) => x ** 3],
  ['pow 1.7', (tf, x) => tf.pow(x, 1.7), (x) => x ** 1.7, [0.3, 2]],
  ['add and multiply a number', (tf, x) => tf.add(tf.mul(x, 2), 3), (x) => 2 * x + 3],
  ['divide by and into a number', (tf, x) => tf.div(2, tf.div(x, 3)), (x) => 6 / x, [0.3, 2]],
  [
    'where and compare',
    (tf, x) => tf.where(tf.greater(x, 0.1), tf.mul(x, 2), tf.neg(x)),
    (x) => (x > 0.1 ? 2 * x : -x),
  ],
  [
    'cast of comparisons',
    (tf, x) => tf.mul(x, tf.cast(tf.logicalAnd(tf.less(x, 0.5), tf.notEqual(x, 0)), 'float32')),
    (x) => (x < 0.5 ? x : 0),
  ],
];

export const elementwise = functions.map(
  ([name, f, g, range]): Case => ({
    name,
    shapes: [[2, 5, 6, 3]],
    ...(range ? { range } : {}),
    tf: (tf, [x]) => f(tf, x!),
    reference: ([x]) => ref.zip(g, x!),
  }),
);

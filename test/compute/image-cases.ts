/** Cases of convolutions, pools and resizes: odd and even sizes, strides 1 and 2. */
import type * as Tf from '@tensorflow/tfjs';
import { dilateFilter, dilatedConv2d } from '../../src/compute/dilation.ts';
import type { Case } from './case.ts';
import * as ref from './reference.ts';
import type { Nd } from './reference.ts';

type T4 = Tf.Tensor4D;
const image = [2, 5, 6, 3];

export function convolutions(): Case[] {
  const cases: Case[] = [];
  for (const [height, width] of [
    [7, 7],
    [8, 6],
  ] as const) {
    for (const [k, stride, padding] of [
      [1, 1, 'same'],
      [3, 1, 'same'],
      [3, 2, 'same'],
      [4, 2, 'same'],
      [4, 1, 'same'],
      [5, 2, 'same'],
      [3, 2, 'valid'],
      [3, 1, 'valid'],
      [4, 2, 1],
      [1, 2, 'same'],
      [3, 3, 'same'],
    ] as const) {
      for (const [inputs, outputs] of [
        [3, 2],
        [2, 5],
      ] as const) {
        cases.push({
          name: `conv2d ${height}×${width} k${k} s${stride} ${padding} ${inputs}→${outputs}`,
          shapes: [
            [2, height, width, inputs],
            [k, k, inputs, outputs],
          ],
          tf: (tf, [x, w]) =>
            tf.conv2d(
              x as T4,
              w as T4,
              stride,
              padding,
              undefined,
              undefined,
              typeof padding === 'number' ? 'floor' : undefined,
            ),
          reference: ([x, w]) => ref.conv2d(x!, w!, { stride, padding }),
        });
      }
    }
  }
  for (const [inputs, outputs] of [
    [8, 2],
    [16, 3],
    [3, 16],
  ] as const) {
    cases.push({
      name: `narrow conv2d k3 ${inputs}→${outputs}`,
      shapes: [
        [2, 5, 4, inputs],
        [3, 3, inputs, outputs],
      ],
      tf: (tf, [x, w]) => tf.conv2d(x as T4, w as T4, 1, 'same'),
      reference: ([x, w]) => ref.conv2d(x!, w!, { padding: 'same' }),
    });
  }
  for (const [k, stride, dilation, padding] of [
    [3, 1, 2, 'same'],
    [3, 1, 3, 'valid'],
    [3, 2, 2, 'same'],
  ] as const) {
    const shapes = [
      [2, 9, 8, 3],
      [k, k, 3, 2],
    ];
    const reference = ([x, w]: Nd[]): Nd => ref.conv2d(x!, w!, { stride, padding, dilation });
    cases.push(
      {
        name: `dilated conv2d k${k} s${stride} d${dilation} ${padding}`,
        shapes,
        tf: (tf, [x, w]) =>
          dilatedConv2d(tf, x as T4, w as T4, { strides: stride, pad: padding, dilations: dilation }),
        reference,
      },
      {
        name: `conv2d with a spread filter k${k} s${stride} d${dilation} ${padding}`,
        shapes,
        tf: (tf, [x, w]) => tf.conv2d(x as T4, dilateFilter(tf, w as T4, dilation), stride, padding),
        reference,
      },
    );
  }
  for (const [k, stride, padding, output] of [
    [4, 2, 'same', [8, 6]],
    [3, 2, 'same', [7, 6]],
    [3, 2, 'valid', [9, 7]],
    [5, 2, 'same', [8, 6]],
    [3, 1, 'same', [4, 3]],
    [4, 2, 'same', [7, 5]],
    [2, 2, 'valid', [8, 6]],
  ] as const) {
    cases.push({
      name: `conv2dTranspose k${k} s${stride} ${padding} to ${output.join('×')}`,
      shapes: [
        [2, 4, 3, 5],
        [k, k, 2, 5],
      ],
      tf: (tf, [x, w]) => tf.conv2dTranspose(x as T4, w as T4, [2, ...output, 2], stride, padding),
      reference: ([x, w]) => ref.convTranspose2d(x!, w!, [...output], { stride, padding }),
    });
  }
  for (const [stride, padding, multiplier] of [
    [1, 'same', 1],
    [2, 'same', 2],
    [1, 'valid', 1],
  ] as const) {
    cases.push({
      name: `depthwiseConv2d s${stride} ${padding} ×${multiplier}`,
      shapes: [
        [2, 7, 6, 3],
        [3, 3, 3, multiplier],
      ],
      tf: (tf, [x, w]) => tf.depthwiseConv2d(x as T4, w as T4, stride, padding),
      reference: ([x, w]) => ref.depthwise(x!, w!, { stride, padding }),
    });
  }
  // The last three have no form on the small image.
  for (const [k, padding, factors, inputs, outputs, stride] of [
    [3, 'same', [2, 2], 3, 2, 1],
    [3, 'valid', [2, 2], 2, 5, 1],
    [4, 'same', [2, 2], 2, 3, 1],
    [3, 'same', [2, 2], 16, 1, 1],
    [5, 'same', [2, 2], 2, 1, 1],
    [5, 'same', [3, 2], 2, 3, 1],
    [7, 'same', [3, 4], 2, 2, 1],
    [3, 'same', [2, 2], 2, 3, 2],
    [3, 'same', [3, 3], 2, 3, 1],
    [1, 'same', [2, 2], 2, 3, 1],
  ] as const) {
    const large = [3 * factors[0], 4 * factors[1]] as [number, number];
    cases.push({
      name: `conv2d k${k} s${stride} ${padding} ${inputs}→${outputs} of an image enlarged ${factors.join('×')}`,
      shapes: [
        [2, 3, 4, inputs],
        [k, k, inputs, outputs],
      ],
      tf: (tf, [x, w]) => tf.conv2d(tf.image.resizeNearestNeighbor(x as T4, large), w as T4, stride, padding),
      reference: ([x, w]) => ref.conv2d(ref.resizeNearest(x!, large, 'plain'), w!, { stride, padding }),
    });
  }
  cases.push({
    name: 'conv1d k3 s2 valid',
    shapes: [
      [2, 17, 3],
      [3, 3, 4],
    ],
    tf: (tf, [x, w]) => tf.conv1d(x as Tf.Tensor3D, w as Tf.Tensor3D, 2, 'valid'),
    reference: ([x, w]) => ref.nd([2, 8, 4], ([n, t, c]) => conv1dAt(x!, w!, n!, t!, c!)),
  });
  return cases;
}

/** One output of a valid convolution of stride 2 along a sequence. */
const conv1dAt = (x: Nd, w: Nd, n: number, t: number, o: number): number => {
  let total = 0;
  for (let a = 0; a < w.shape[0]!; a++)
    for (let c = 0; c < w.shape[1]!; c++) total += ref.at(x, n, 2 * t + a, c) * ref.at(w, a, c, o);
  return total;
};

export function pools(): Case[] {
  return (
    [
      [2, 2, 'same'],
      [2, 2, 'valid'],
      [3, 1, 'same'],
      [3, 2, 'same'],
      [4, 4, 'same'],
      [3, 2, 'valid'],
    ] as const
  ).flatMap(([k, stride, padding]) =>
    (
      [
        ['maxPool', (v: number[]) => Math.max(...v)],
        ['avgPool', ref.mean],
      ] as const
    ).map(
      ([name, f]): Case => ({
        name: `${name} k${k} s${stride} ${padding}`,
        shapes: [[2, 7, 8, 3]],
        tf: (tf, [x]) => tf[name](x as T4, k, stride, padding),
        reference: ([x]) => ref.pool(x!, k, { stride, padding }, f),
      }),
    ),
  );
}

export function resizes(): Case[] {
  return (
    [
      [[10, 12], 'plain'],
      [[10, 12], 'centred'],
      [[9, 7], 'plain'],
      [[9, 7], 'aligned'],
      [[3, 4], 'centred'],
      [[3, 3], 'plain'],
    ] as const
  ).flatMap(([output, mode]) =>
    (
      [
        ['resizeBilinear', ref.resizeBilinear],
        ['resizeNearestNeighbor', ref.resizeNearest],
      ] as const
    ).map(
      ([name, reference]): Case => ({
        name: `${name} to ${output.join('×')} ${mode}`,
        shapes: [image],
        tf: (tf, [x]) => tf.image[name](x as T4, [...output], mode === 'aligned', mode === 'centred'),
        reference: ([x]) => reference(x!, [...output], mode),
      }),
    ),
  );
}

/**
 * F3-Net (Qian, Yin, Sheng, Chen, Shao: Thinking in Frequency, ECCV 2020): pictures of four frequency bands (FAD) and local frequency
 * statistics (LFS), each through a network of its own, judged together. As published these are Xceptions with attention between them
 * after blocks 7 and 12; small, four convolutions each. With `phase` it is SPSL in their place (Liu et al.: Spatial-Phase Shallow Learning,
 * CVPR 2021): one network, as published an Xception without its middle blocks, sees the picture and what its phase alone looks like.
 */
import type * as Tf from '@tensorflow/tfjs';
import { dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { dctMatrix, diagonalBand } from '../../src/dsp/dct.ts';
import { smallTrunk, trunkFeatures } from '../../src/frame-net/trunk.ts';
import {
  crossAttention,
  xceptionBlocks,
  xceptionFeatures,
  xceptionStem,
  xceptionTail,
} from '../../src/frame-net/xception.ts';
import { phasePicture } from './phase.ts';

export type Form = { trunk: 'small' | 'xception'; phase: boolean };

export const featureCount = ({ trunk, phase }: Form): number =>
  (phase ? 1 : 2) * (trunk === 'small' ? trunkFeatures : xceptionFeatures);

/** Low, middle, high and all: the first and the last diagonal of each band of a transform of `size`, both inclusive (FAD). */
export function fadBands(size: number): [first: number, last: number][] {
  const [third, half] = [Math.floor(size / 2.82), Math.floor(size / 2)];
  return [
    [0, third],
    [third, half],
    [half, 2 * size],
    [0, 2 * size],
  ];
}

/** Windows of the local statistics: side, step and padding in pixels, and bands (LFS). */
const [windowPx, stepPx, paddingPx, bandCount] = [10, 2, 4, 6];

/**
 * Frequency-aware decomposition: the cosine transform of the whole picture, colour by colour, times a band and what is learned to be let
 * through beside it, 2σ(w) − 1 with w ~ N(0, 0.1), back to a picture. [batch, size, size, 3] → [batch, size, size, 12].
 */
export function decompose(p: Parameters, frames: Tf.Tensor4D): Tf.Tensor4D {
  const { tf } = p;
  const size = frames.shape[1];
  const matrix = tf.tensor2d(dctMatrix(size), [size, size]);
  /** Every column of every picture by the matrix or its transpose: D·x as (xᵀ·Dᵀ)ᵀ. */
  const rows = (x: Tf.Tensor, inverse: boolean): Tf.Tensor =>
    tf.reshape(tf.matMul(tf.reshape(x, [-1, size]), matrix, false, !inverse), x.shape);
  const both = (x: Tf.Tensor, inverse: boolean): Tf.Tensor =>
    rows(tf.transpose(rows(x, inverse), [0, 1, 3, 2]), inverse);
  // [batch, 3, columns, rows] after one transpose, [batch, 3, rows, columns] after the other.
  const spectrum = both(tf.transpose(frames, [0, 3, 1, 2]), false);
  const pictures = fadBands(size).map(([first, last], i) => {
    const fixed = tf.tensor2d(diagonalBand(size, first, last), [size, size]);
    const learned = tf.sub(tf.mul(tf.sigmoid(p.get(`fad/${i}`, [size, size], { normal: 0.1 })), 2), 1);
    const mask = tf.transpose(tf.add(fixed, learned), [1, 0]);
    return both(tf.mul(spectrum, mask), true);
  });
  return tf.transpose(tf.concat(pictures, 1), [0, 2, 3, 1]) as Tf.Tensor4D;
}

/**
 * Local frequency statistics: in every window of 10×10 px, 2 px apart, the logarithm of its cosine transform's sizes, averaged in six
 * bands. [batch, size, size, 3] in [0, 1] → [batch, size / 2, size / 2, 6]; of even sizes. Grey levels as published, (x + 1) · 122.5 for x in [−1, 1].
 */
export function localStatistics(tf: typeof Tf, frames: Tf.Tensor4D): Tf.Tensor4D {
  const n = windowPx;
  const d = dctMatrix(n);
  const basis = new Float32Array(n * n * n * n);
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) basis[(y * n + x) * n * n + i * n + j] = d[i * n + y]! * d[j * n + x]!;
  const bands = new Float32Array(n * n * bandCount);
  for (let b = 0; b < bandCount; b++) {
    const band = diagonalBand(n, (2 * n * b) / bandCount, (2 * n * (b + 1)) / bandCount);
    const count = band.reduce((sum, value) => sum + value, 0);
    band.forEach((value, at) => {
      bands[at * bandCount + b] = value / count;
    });
  }
  const grey: Tf.Tensor4D = tf.mul(tf.mean(frames, 3, true), 2 * 122.5);
  const local = tf.conv2d(grey, tf.tensor4d(basis, [n, n, 1, n * n]), stepPx, paddingPx);
  const logarithms = tf.mul(tf.log(tf.add(tf.abs(local), 1e-15)), 1 / Math.LN10);
  return tf.conv2d(logarithms as Tf.Tensor4D, tf.tensor4d(bands, [1, 1, n * n, bandCount]), 1, 'valid');
}

/** @param frames [batch, size, size, 3] in [0, 1]. @returns The logit of being fake, [batch, 1]. `hide`: multipliers of the pooled features, absent when judging. */
export function f3Net(p: Parameters, frames: Tf.Tensor4D, form: Form, hide?: Tf.Tensor2D): Tf.Tensor2D {
  const { tf } = p;
  const training = hide !== undefined;
  const centred: Tf.Tensor4D = tf.sub(tf.mul(frames, 2), 1);
  const features = form.phase
    ? pictureAndPhase(p, tf.concat([centred, phasePicture(tf, frames)], 3), form, training)
    : bandsAndStatistics(p, decompose(p, centred), localStatistics(tf, frames), form, training);
  return dense(p, 'out', hide ? tf.mul(features, hide) : features, { units: 1, kernelInit: 'zeros' });
}

function bandsAndStatistics(
  p: Parameters,
  bands: Tf.Tensor4D,
  statistics: Tf.Tensor4D,
  { trunk }: Form,
  training: boolean,
): Tf.Tensor2D {
  const { tf } = p;
  const [fad, lfs] = [
    { name: 'fad', training },
    { name: 'lfs', training },
  ];
  if (trunk === 'small')
    return tf.concat([smallTrunk(p, 'fad', bands, training), smallTrunk(p, 'lfs', statistics, training)], 1);
  // The statistics have half the picture's size already.
  let [x, y] = [xceptionStem(p, fad, bands), xceptionStem(p, lfs, statistics, 1)];
  for (const blocks of [
    [1, 2, 3, 4, 5, 6, 7],
    [8, 9, 10, 11, 12],
  ]) {
    const [seen, counted] = [xceptionBlocks(p, fad, x, blocks), xceptionBlocks(p, lfs, y, blocks)];
    [x, y] = crossAttention(p, `mix${blocks.at(-1)}`, seen, counted);
  }
  return tf.mean(tf.concat([xceptionTail(p, fad, x), xceptionTail(p, lfs, y)], 3), [1, 2]);
}

function pictureAndPhase(p: Parameters, image: Tf.Tensor4D, { trunk }: Form, training: boolean): Tf.Tensor2D {
  if (trunk === 'small') return smallTrunk(p, 'phase', image, training);
  const part = { name: 'phase', training };
  const found = xceptionBlocks(p, part, xceptionStem(p, part, image), [1, 2, 3, 12]);
  return p.tf.mean(xceptionTail(p, part, found), [1, 2]);
}

/** Three small networks with their losses and batches: what the engine's results are compared on. */
import type * as Tf from '@tensorflow/tfjs';
import { size } from '../../src/compute/graph.ts';
import { batchNorm, conv2d, convTranspose2d, dense, instanceNorm } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import type { Data } from '../../src/compute/session.ts';
import { sampleTexture } from '../../src/compute/texture.ts';
import type { InputSpec } from '../../src/compute/trainer.ts';
import type { Rng } from '../../src/random.ts';

type Inputs = Record<string, Tf.Tensor>;
export type SmallNetwork = {
  name: string;
  inputs: Record<string, InputSpec>;
  batch(rng: Rng): Record<string, Data>;
  loss(tf: typeof Tf, p: Parameters, inputs: Inputs): Tf.Tensor;
  /** What an exported model computes, from the input of that name. */
  infer: { input: string; output(tf: typeof Tf, p: Parameters, input: Tf.Tensor): Tf.Tensor };
  /**
   * The eager backend to compare with. In TensorFlow.js 4.22 the cpu backend's gradient of resizeNearestNeighbor is wrong, and the
   * wasm backend's gradient of maxPool does not go to the first of equal maxima. (The gradient of avgPool with `same` padding is
   * wrong at the border in both, so that no network here has it.)
   */
  eager: 'wasm' | 'cpu';
  /** Learning rate of plain gradient descent at which ten steps stay well conditioned. */
  rate: number;
};

const uniform = (rng: Rng, shape: readonly number[], low = 0, high = 1): Float32Array =>
  Float32Array.from({ length: size(shape) }, () => rng.uniform(low, high));

function autoencoder(tf: typeof Tf, p: Parameters, x: Tf.Tensor): Tf.Tensor {
  let h = x as Tf.Tensor4D;
  for (const filters of [6, 8])
    h = tf.leakyRelu(conv2d(p, `down${filters}`, h, { filters, kernelSize: 5, strides: 2 }), 0.1);
  for (const filters of [8, 6]) {
    h = tf.elu(conv2d(p, `up${filters}`, h, { filters, kernelSize: 3 }));
    h = tf.image.resizeNearestNeighbor(h, [h.shape[1] * 2, h.shape[2] * 2]);
  }
  return tf.sigmoid(conv2d(p, 'out', h, { filters: 3, kernelSize: 5 }));
}

function classifier(
  tf: typeof Tf,
  p: Parameters,
  x: Tf.Tensor,
  training: boolean,
  mask?: Tf.Tensor,
): Tf.Tensor {
  const image = x as Tf.Tensor4D;
  const branch = (name: string, filters: number, kernelSize: number, dilation = 1): Tf.Tensor4D =>
    conv2d(p, name, image, { filters, kernelSize, dilation, kernelInit: 'he' });
  let h: Tf.Tensor4D = tf.relu(tf.concat([branch('a', 2, 1), branch('b', 3, 3), branch('c', 3, 3, 2)], 3));
  h = tf.maxPool(batchNorm(p, 'norm1', h, { training, momentum: 0.9 }), 2, 2, 'same');
  h = tf.relu(
    batchNorm(p, 'norm2', conv2d(p, 'wide', h, { filters: 6, kernelSize: 3, useBias: false }), {
      training,
      momentum: 0.9,
    }),
  );
  h = tf.avgPool(h, 3, 2, 'valid');
  const features: Tf.Tensor2D = tf.reshape(h, [x.shape[0]!, -1]);
  const kept = mask ? tf.mul(features, mask) : features;
  return dense(p, 'fc', kept as Tf.Tensor2D, { units: 1 });
}

function renderer(tf: typeof Tf, p: Parameters, features: Tf.Tensor): Tf.Tensor {
  const down1 = tf.leakyRelu(
    conv2d(p, 'down1', features as Tf.Tensor4D, { filters: 6, kernelSize: 4, strides: 2 }),
    0.2,
  );
  const down2 = tf.leakyRelu(conv2d(p, 'down2', down1, { filters: 8, kernelSize: 4, strides: 2 }), 0.2);
  const up2 = instanceNorm(
    p,
    'norm',
    convTranspose2d(p, 'up2', down2, { filters: 6, kernelSize: 4, strides: 2, useBias: false }),
    { affine: true },
  );
  const joined = tf.concat([tf.relu(up2), down1], 3);
  return tf.tanh(convTranspose2d(p, 'up1', joined, { filters: 3, kernelSize: 4, strides: 2 }));
}

const side = 8;
const textureShape = [6, 5, 4];

export const networks: SmallNetwork[] = [
  {
    name: 'autoencoder',
    inputs: { x: { shape: [2, 16, 16, 3] }, learningRate: { shape: [] } },
    batch: (rng) => ({ x: uniform(rng, [2, 16, 16, 3]) }),
    loss: (tf, p, { x }) => tf.mean(tf.square(tf.sub(autoencoder(tf, p, x!), x!))),
    eager: 'wasm',
    infer: { input: 'x', output: autoencoder },
    rate: 0.5,
  },
  {
    name: 'inception-like classifier',
    inputs: {
      x: { shape: [4, 10, 10, 3] },
      y: { shape: [4, 1] },
      mask: { shape: [4, 24] },
      learningRate: { shape: [] },
    },
    batch: (rng) => ({
      x: uniform(rng, [4, 10, 10, 3], -1, 1),
      y: Float32Array.of(1, 0, 0, 1),
      mask: uniform(rng, [4, 24]).map((u) => (u < 0.5 ? 0 : 2)),
    }),
    loss: (tf, p, { x, y, mask }) => tf.losses.sigmoidCrossEntropy(y!, classifier(tf, p, x!, true, mask)),
    eager: 'cpu',
    infer: { input: 'x', output: (tf, p, x) => classifier(tf, p, x, false) },
    rate: 0.05,
  },
  {
    name: 'neural-texture renderer',
    inputs: {
      indices: { shape: [2 * side * side, 4], dtype: 'int32' },
      weights: { shape: [2 * side * side, 4] },
      truth: { shape: [2, side, side, 3] },
      face: { shape: [2, side, side, 1] },
      learningRate: { shape: [] },
    },
    batch: (rng) => ({
      indices: Int32Array.from({ length: 2 * side * side * 4 }, () => rng.int(30)),
      weights: uniform(rng, [2 * side * side, 4]),
      truth: uniform(rng, [2, side, side, 3], -1, 1),
      face: uniform(rng, [2, side, side, 1]).map(Math.round),
    }),
    loss(tf, p, { indices, weights, truth, face }) {
      const texture = p.get('texture', textureShape, { normal: 1 });
      const sampled = sampleTexture(tf, texture, indices as Tf.Tensor2D, weights as Tf.Tensor2D);
      const picture = renderer(tf, p, tf.reshape(sampled, [2, side, side, 4]));
      const difference = tf.mul(tf.sub(picture, truth!), face!);
      return tf.add(
        tf.div(tf.sum(tf.abs(difference)), tf.sum(face!)),
        tf.mean(tf.square(tf.sub(picture, truth!))),
      );
    },
    eager: 'cpu',
    infer: { input: 'features', output: renderer },
    rate: 0.02,
  },
];

export const inferShape = ({ name, inputs }: SmallNetwork): readonly number[] =>
  name === 'neural-texture renderer' ? [2, side, side, 4] : inputs.x!.shape;

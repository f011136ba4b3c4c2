/**
 * LipForensics (Haliassos, Vougioukas, Petridis, Pantic: Lips Don't Lie, CVPR 2021), small: a network looks at each crop of the mouth,
 * another follows what was seen over time (a multi-scale temporal convolutional network: Martinez, Ma, Petridis, Pantic, ICASSP 2020).
 * Both learn to read visemes; then the first is frozen and the second learns whether the movement is real.
 */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { visemeCount } from '../../src/speech/visemes.ts';

/** What is seen of each crop. */
export const featureCount = 64;

/** Convolutions over time: their lengths in frames, feature maps of each length, and how many layers; layer i reaches 2^i times as far. */
export type Follower = { kernels: number[]; maps: number; layers: number };

export const smallFollower: Follower = { kernels: [3, 5], maps: 32, layers: 3 };
export const followedCount = ({ kernels, maps }: Follower): number => kernels.length * maps;

/** @param crops [N, height, width, 1], as `movementOf` gives them. @returns What is seen of each, [N, 64]. */
export function look(p: Parameters, crops: Tf.Tensor4D): Tf.Tensor2D {
  const { tf } = p;
  let x = crops;
  for (const filters of [16, 32, 64])
    x = tf.leakyRelu(conv2d(p, `look/conv${filters}`, x, { filters, kernelSize: 3, strides: 2 }), 0.1);
  const [count, height, width, channels] = x.shape;
  const flat: Tf.Tensor2D = tf.reshape(x, [count, height * width * channels]);
  return dense(p, 'look/out', flat, { units: featureCount });
}

/** @param seen [clips, frames, width]. @returns What goes on around each frame, [clips, frames, `followedCount`]. */
export function follow(p: Parameters, seen: Tf.Tensor3D, net: Follower, training: boolean): Tf.Tensor3D {
  const { tf } = p;
  const [clips, frames, width] = seen.shape;
  const prelu = (name: string, x: Tf.Tensor4D): Tf.Tensor4D =>
    tf.prelu(x, p.get(`${name}/slope`, [x.shape[3]], 'zeros') as unknown as Tf.Tensor4D);
  const norm = (name: string, x: Tf.Tensor4D): Tf.Tensor4D =>
    batchNorm(p, `${name}/norm`, x, { training, momentum: 0.9 });
  /** All lengths side by side. */
  const scales = (name: string, x: Tf.Tensor4D, dilation: number): Tf.Tensor4D =>
    tf.concat(
      net.kernels.map((length) => {
        const branch = `${name}/${length}`;
        const found = conv2d(p, branch, x, { filters: net.maps, kernelSize: [length, 1], dilation });
        return prelu(branch, norm(branch, found));
      }),
      3,
    );
  let x: Tf.Tensor4D = tf.reshape(seen, [clips, frames, 1, width]);
  for (let i = 0; i < net.layers; i++) {
    const name = `follow/${i}`;
    const found = scales(`${name}/b`, scales(`${name}/a`, x, 2 ** i), 2 ** i);
    const kept =
      x.shape[3] === found.shape[3]
        ? x
        : conv2d(p, `${name}/kept`, x, { filters: followedCount(net), kernelSize: 1 });
    x = prelu(name, tf.add(found, kept));
  }
  return tf.reshape(x, [clips, frames, followedCount(net)]);
}

/** @returns One logit per frame and viseme, [clips · frames, visemes]. */
export function readVisemes(p: Parameters, followed: Tf.Tensor3D): Tf.Tensor2D {
  const rows: Tf.Tensor2D = p.tf.reshape(followed, [-1, followed.shape[2]]);
  return dense(p, 'visemes', rows, { units: visemeCount });
}

/** @param hide Multipliers of the averages over time, absent when judging. @returns The logit of being fake, [clips, 1]. */
export function judge(p: Parameters, followed: Tf.Tensor3D, hide?: Tf.Tensor2D): Tf.Tensor2D {
  const { tf } = p;
  const average: Tf.Tensor2D = tf.mean(followed, 1);
  return dense(p, 'out', hide ? tf.mul(average, hide) : average, { units: 1, kernelInit: 'zeros' });
}

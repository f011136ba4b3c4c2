/**
 * LipForensics (Haliassos, Vougioukas, Petridis, Pantic: Lips Don't Lie, CVPR 2021): a network looks at each crop of the mouth, another
 * follows what was seen over time (a multi-scale temporal convolutional network: Martinez, Ma, Petridis, Pantic, ICASSP 2020). Both
 * learn to read visemes; then the first is frozen and the second learns whether the movement is real. Stated deviations: visemes for
 * words, movement (`movementOf`) for brightness; small, three convolutions on 32×48 px for a ResNet-18 on 88×88.
 */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { photoStem, resNet18, resNetBlocks } from '../../src/frame-net/resnet.ts';
import { visemeCount } from '../../src/speech/visemes.ts';
import { type MouthWindow, mouthWindow } from '../../src/sync/mouth-crops.ts';

/** Convolutions over time: their lengths in frames, feature maps of each length, and how many layers; layer i reaches 2^i times as far. */
type Follower = { kernels: number[]; maps: number; layers: number };
/** `reach`: frames on either side that are looked at together with each. */
export type Net = { window: MouthWindow; reach: number; look: 'small' | 'resnet18'; follower: Follower };

export const smallNet: Net = {
  window: mouthWindow,
  reach: 0,
  look: 'small',
  follower: { kernels: [3, 5], maps: 32, layers: 3 },
};
export const publishedNet: Net = {
  window: { width: 88, height: 88, pixelMm: 1, rowsAbove: 40 },
  reach: 2,
  look: 'resnet18',
  follower: { kernels: [3, 5, 7], maps: 256, layers: 4 },
};

/** Height, width and frames of what is looked at. */
export const pictureShape = ({ window, reach }: Net) => [window.height, window.width, 2 * reach + 1] as const;
/** Numbers that are seen in each frame, and that are known of it in the end. */
export const seenCount = ({ look }: Net): number => (look === 'small' ? 64 : 512);
export const followedCount = ({ follower: { kernels, maps } }: Net): number => kernels.length * maps;

/** @param pictures [N, ...`pictureShape`]. @returns What is seen of each, [N, `seenCount`]. */
export function lookAt(p: Parameters, pictures: Tf.Tensor4D, net: Net, training: boolean): Tf.Tensor2D {
  const { tf } = p;
  if (net.look === 'resnet18') {
    // A convolution over frames, rows and columns of one channel is one over rows and columns of as many channels as frames.
    const stem = prelu(p, 'stem', photoStem(p, pictures, resNet18.stem, training));
    return resNetBlocks(p, tf.maxPool(stem, 3, 2, 1), resNet18, training);
  }
  let x = pictures;
  for (const filters of [16, 32, 64])
    x = tf.leakyRelu(conv2d(p, `look/conv${filters}`, x, { filters, kernelSize: 3, strides: 2 }), 0.1);
  const [count, height, width, channels] = x.shape;
  const flat: Tf.Tensor2D = tf.reshape(x, [count, height * width * channels]);
  return dense(p, 'look/out', flat, { units: seenCount(net) });
}

/** With a learned slope for each channel's negative values, at first 0. */
const prelu = (p: Parameters, name: string, x: Tf.Tensor4D): Tf.Tensor4D =>
  p.tf.prelu(x, p.get(`${name}/slope`, [x.shape[3]], 'zeros') as unknown as Tf.Tensor4D);

/** @param seen [clips, frames, width]. @returns What goes on around each frame, [clips, frames, `followedCount`]. */
export function follow(p: Parameters, seen: Tf.Tensor3D, net: Net, training: boolean): Tf.Tensor3D {
  const { tf } = p;
  const [clips, frames, width] = seen.shape;
  const { kernels, maps, layers } = net.follower;
  const norm = (name: string, x: Tf.Tensor4D): Tf.Tensor4D =>
    batchNorm(p, `${name}/norm`, x, { training, momentum: 0.9 });
  /** All lengths side by side. */
  const scales = (name: string, x: Tf.Tensor4D, dilation: number): Tf.Tensor4D =>
    tf.concat(
      kernels.map((length) => {
        const branch = `${name}/${length}`;
        const found = conv2d(p, branch, x, { filters: maps, kernelSize: [length, 1], dilation });
        return prelu(p, branch, norm(branch, found));
      }),
      3,
    );
  let x: Tf.Tensor4D = tf.reshape(seen, [clips, frames, 1, width]);
  for (let i = 0; i < layers; i++) {
    const name = `follow/${i}`;
    const found = scales(`${name}/b`, scales(`${name}/a`, x, 2 ** i), 2 ** i);
    const kept =
      x.shape[3] === found.shape[3]
        ? x
        : conv2d(p, `${name}/kept`, x, { filters: followedCount(net), kernelSize: 1 });
    x = prelu(p, name, tf.add(found, kept));
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

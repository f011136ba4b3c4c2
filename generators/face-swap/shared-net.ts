/**
 * One network for any number of people: the encoder of the first deepfakes at an eighth of its width, and a decoder whose kernels all
 * people have in common. What is a person's own (stated deviation: there every person has a whole decoder, which a few minutes on one
 * thread cannot teach): what they look like on average, a map added to the coarsest features, and a gain and an offset for each of the
 * finer ones. A code counts from the person's mean code, so that it cannot say who they are.
 */
import type * as Tf from '@tensorflow/tfjs';
import { conv2d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { down, up } from './blocks.ts';

type SharedNet = { sizePx: number; width: number; code: number };

/** Side of the finest features that the encoder leaves, and how often a face is halved to get there. */
const halvings = 4;

/** [N, S, S, 3] in [0, 1] → [N, code]. */
export function encodeShared(p: Parameters, { width, code }: SharedNet, faces: Tf.Tensor4D): Tf.Tensor2D {
  let x = faces;
  for (let i = 0; i < halvings; i++) x = down(p, `encoder/down${i}`, x, width * 2 ** i);
  return dense(p, 'encoder/code', p.tf.reshape(x, [x.shape[0], -1]), { units: code });
}

/** Codes [people · each, code], person by person, less the mean of each person's. */
export function centred(tf: typeof Tf, codes: Tf.Tensor2D, people: number): Tf.Tensor2D {
  const [count, width] = codes.shape;
  const grouped = tf.reshape(codes, [people, count / people, width]);
  return tf.reshape(tf.sub(grouped, tf.mean(grouped, 1, true)), [count, width]);
}

/**
 * @param codes [N, code], counted from the mean code of the person who was looked at. @param who [N, people]: 1 for whom to draw.
 * @returns [N, S, S, 4]: colours and the face's mask, before the sigmoid.
 */
export function decodeShared(
  p: Parameters,
  { sizePx, width }: SharedNet,
  codes: Tf.Tensor2D,
  who: Tf.Tensor2D,
): Tf.Tensor4D {
  const { tf } = p;
  const [count, people] = who.shape;
  const own = (name: string, shape: number[]): Tf.Tensor4D => {
    const size = shape.reduce((product, n) => product * n, 1);
    const table = p.get(`person/${name}`, [people, size], 'zeros') as unknown as Tf.Tensor2D;
    return tf.reshape(tf.matMul(who, table), [count, ...shape] as [number, number, number, number]);
  };
  const coarse = sizePx / 2 ** halvings;
  const units = coarse * coarse * width * 2 ** (halvings - 1);
  const opened = dense(p, 'decoder/open', codes, { units });
  let x = up(p, 'decoder/up0', tf.reshape(opened, [count, coarse, coarse, -1]) as Tf.Tensor4D, width * 4);
  x = tf.add(x, own('map', [2 * coarse, 2 * coarse, width * 4]));
  for (let i = 1; i < halvings; i++) {
    const filters = (width * 4) / 2 ** i;
    x = up(p, `decoder/up${i}`, x, filters);
    x = tf.add(tf.mul(x, tf.add(1, own(`gain${i}`, [1, 1, filters]))), own(`offset${i}`, [1, 1, filters]));
  }
  const drawn = conv2d(p, 'decoder/face', x, { filters: 4, kernelSize: 5 });
  return tf.add(drawn, own('look', [sizePx, sizePx, 4]));
}

/**
 * R2: two strided U-Nets (Neural Voice Puppetry's code variant) on pictures in [-1, 1]. The first turns texture features into
 * the face's colours, the second composes them with the background around the hole.
 * Stated deviations, so that a few hundred steps suffice and edges stay sharp: the face is predicted as the difference to the
 * sampled colours (first net) and to what the first net gives (second), and the second paints face and surroundings apart,
 * joined by the known outline of the face.
 */
import type * as Tf from '@tensorflow/tfjs';
import { conv2d, convTranspose2d, instanceNorm } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';

/** Outermost to innermost level, in multiples of the width. The window's side must be a multiple of 2 to the power of their number. */
const levels = [1, 2, 4, 8, 8] as const;

/** [N, S, S, c] → [N, S, S, outputs]: convolutions 4×4 of stride 2 down, transposed ones with instance norm up, skips between. */
function unet(
  tf: typeof Tf,
  p: Parameters,
  name: string,
  input: Tf.Tensor4D,
  { width, outputs }: { width: number; outputs: number },
): Tf.Tensor4D {
  const skips: Tf.Tensor4D[] = [];
  let x = input;
  levels.forEach((multiple, i) => {
    x = conv2d(p, `${name}/down${i}`, x, { filters: width * multiple, kernelSize: 4, strides: 2 });
    x = tf.leakyRelu(x, 0.2);
    skips.push(x);
  });
  for (let i = levels.length - 1; i > 0; i--) {
    x = convTranspose2d(p, `${name}/up${i}`, x, {
      filters: width * levels[i - 1]!,
      kernelSize: 4,
      strides: 2,
    });
    x = tf.relu(instanceNorm(p, `${name}/norm${i}`, x));
    x = tf.concat([x, skips[i - 1]!], 3);
  }
  return convTranspose2d(p, `${name}/up0`, x, { filters: outputs, kernelSize: 4, strides: 2 });
}

/** One batch of windows, [N, S, S, c]. */
export type Windows = {
  /** Sampled texture, 16 channels, 0 where there is no face. */
  features: Tf.Tensor4D;
  /** How much of each pixel the face covers inside the hole, 0 to 1; one channel. */
  face: Tf.Tensor4D;
  /** The frame in [-1, 1], 0 inside the hole. */
  background: Tf.Tensor4D;
};

/** Colours of the face alone, and the finished window, in [-1, 1] but for overshoot. */
export type Rendered = { sampled: Tf.Tensor4D; decoded: Tf.Tensor4D; final: Tf.Tensor4D };

export function renderWindows(
  tf: typeof Tf,
  p: Parameters,
  { features, face, background }: Windows,
  width: number,
): Rendered {
  const size = features.shape.slice(0, 3) as [number, number, number];
  const sampled: Tf.Tensor4D = tf.slice(features, [0, 0, 0, 0], [...size, 3]);
  const decoded: Tf.Tensor4D = tf.add(sampled, unet(tf, p, 'decoder', features, { width, outputs: 3 }));
  const shown: Tf.Tensor4D = tf.mul(decoded, face);
  const painted = unet(tf, p, 'composer', tf.concat([shown, background], 3), { width, outputs: 6 });
  const channels = (first: number): Tf.Tensor4D => tf.slice(painted, [0, 0, 0, first], [...size, 3]);
  const inFace = tf.add(decoded, channels(0));
  const final: Tf.Tensor4D = tf.add(tf.mul(inFace, face), tf.mul(channels(3), tf.sub(1, face)));
  return { sampled, decoded, final };
}

/**
 * R2: two U-Nets on pictures in [-1, 1]. The first turns texture features into the face's colours, the second composes them
 * with the background around the hole. `dilated` is the form in Neural Voice Puppetry's paper, `strided` that of its code.
 * Stated deviations of the strided form, so that a few hundred steps suffice and edges stay sharp: the face is predicted as the difference to the
 * sampled colours (first net) and to what the first net gives (second), and the second paints face and surroundings apart,
 * joined by the known outline of the face.
 */
import type * as Tf from '@tensorflow/tfjs';
import type { RendererNet } from './options.ts';
import { publishedRenderer, type RendererVariant } from './variants.ts';
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
  { width, outputs, downNorm }: { width: number; outputs: number; downNorm: RendererVariant['downNorm'] },
): Tf.Tensor4D {
  const skips: Tf.Tensor4D[] = [];
  let x = input;
  levels.forEach((multiple, i) => {
    x = conv2d(p, `${name}/down${i}`, x, { filters: width * multiple, kernelSize: 4, strides: 2 });
    if (downNorm === 'instance' && i > 0) x = instanceNorm(p, `${name}/down-norm${i}`, x);
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

/** Dilations of the encoder, outermost to innermost; its channels double from level to level. */
const dilations = [1, 2, 4, 8, 16] as const;

/**
 * [N, H, W, c] → [N, H, W, outputs] without ever shrinking the picture: 3×3 convolutions of growing dilation, then plain ones with
 * skips from the first four. Width 32, 16 channels in and 3 out: 3,528,323 parameters. An output pixel sees 36 pixels far.
 */
function dilatedUnet(
  tf: typeof Tf,
  p: Parameters,
  name: string,
  input: Tf.Tensor4D,
  { width, outputs, order }: { width: number; outputs: number; order: RendererVariant['dilations'] },
): Tf.Tensor4D {
  const skips: Tf.Tensor4D[] = [];
  let x = input;
  (order === 'code' ? dilations.toReversed() : dilations).forEach((dilation, i) => {
    x = tf.leakyRelu(
      conv2d(p, `${name}/encoder${i}`, x, { filters: width * 2 ** i, kernelSize: 3, dilation }),
      0.2,
    );
    skips.push(x);
  });
  for (let i = dilations.length - 1; i > 0; i--) {
    x = tf.relu(conv2d(p, `${name}/decoder${i}`, x, { filters: width * 2 ** (i - 1), kernelSize: 3 }));
    x = tf.concat([x, skips[i - 1]!], 3);
  }
  return conv2d(p, `${name}/decoder0`, x, { filters: outputs, kernelSize: 3 });
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

/** With one stage the composing network is given the features themselves, and what it paints of the face stands for the first net's too. */
export function renderWindows(
  tf: typeof Tf,
  p: Parameters,
  { features, face, background }: Windows,
  { architecture, width }: RendererNet,
  {
    stages,
    dilations: order,
    downNorm,
  }: Pick<RendererVariant, 'stages' | 'dilations' | 'downNorm'> = publishedRenderer,
): Rendered {
  const size = features.shape.slice(0, 3) as [number, number, number];
  const sampled: Tf.Tensor4D = tf.slice(features, [0, 0, 0, 0], [...size, 3]);
  if (architecture === 'dilated') {
    const net = (name: string, input: Tf.Tensor4D): Tf.Tensor4D =>
      tf.tanh(dilatedUnet(tf, p, name, input, { width, outputs: 3, order }));
    if (stages === 1) {
      const final = net('composer', tf.concat([features, background], 3));
      return { sampled, decoded: final, final };
    }
    const decoded = net('decoder', features);
    const final = net('composer', tf.concat([tf.mul(decoded, face), background], 3));
    return { sampled, decoded, final };
  }
  const compose = (base: Tf.Tensor4D, shown: Tf.Tensor4D): { inFace: Tf.Tensor4D; final: Tf.Tensor4D } => {
    const painted = unet(tf, p, 'composer', tf.concat([shown, background], 3), {
      width,
      outputs: 6,
      downNorm,
    });
    const channels = (first: number): Tf.Tensor4D => tf.slice(painted, [0, 0, 0, first], [...size, 3]);
    const inFace: Tf.Tensor4D = tf.add(base, channels(0));
    return { inFace, final: tf.add(tf.mul(inFace, face), tf.mul(channels(3), tf.sub(1, face))) };
  };
  if (stages === 1) {
    const { inFace, final } = compose(sampled, features);
    return { sampled, decoded: inFace, final };
  }
  const decoded: Tf.Tensor4D = tf.add(
    sampled,
    unet(tf, p, 'decoder', features, { width, outputs: 3, downNorm }),
  );
  return { sampled, decoded, final: compose(decoded, tf.mul(decoded, face)).final };
}

/**
 * Networks for two people, by the published shapes: `original` (faceswap: one encoder, a decoder for each), `df` and `liae` of
 * DeepFaceLab's SAEHD. Persons are 0 and 1. Colours, and with `df` and `liae` the face's mask, come before the sigmoid.
 */
import type * as Tf from '@tensorflow/tfjs';
import { conv2d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { down, residual, up } from './blocks.ts';
import type { SwapNet } from './options.ts';

export type PairNet = Exclude<SwapNet, { form: 'shared' }>;
export type Person = 0 | 1;

function downs(p: Parameters, x: Tf.Tensor4D, width: number): Tf.Tensor2D {
  for (let i = 0; i < 4; i++) x = down(p, `encoder/down${i}`, x, width * 2 ** i);
  return p.tf.reshape(x, [x.shape[0], -1]);
}

/** To a short code and back to features of `side`², twice enlarged: [N, 2·side, 2·side, filters]. */
function bottleneck(
  p: Parameters,
  name: string,
  flat: Tf.Tensor2D,
  { code, side, opened, filters }: Record<'code' | 'side' | 'opened' | 'filters', number>,
): Tf.Tensor4D {
  const short = dense(p, `${name}/code`, flat, { units: code });
  const open = dense(p, `${name}/open`, short, { units: side * side * opened });
  return up(p, `${name}/up`, p.tf.reshape(open, [flat.shape[0], side, side, opened]), filters);
}

/** What both people's faces [N, S, S, 3] have in common: [N, S/8, S/8, c], or flat features before the two bottlenecks of `liae`. */
export function encodePair(p: Parameters, net: PairNet, faces: Tf.Tensor4D): Tf.Tensor {
  const side = net.sizePx / 16;
  if (net.form === 'original') {
    const flat = downs(p, faces, net.width);
    return bottleneck(p, 'encoder', flat, {
      code: net.code,
      side,
      opened: 8 * net.width,
      filters: 4 * net.width,
    });
  }
  const flat = downs(p, faces, net.encoder);
  if (net.form === 'liae') return flat;
  return bottleneck(p, 'inter', flat, { code: net.code, side, opened: net.inter, filters: net.inter });
}

/**
 * One person's face of what `encodePair` found in anyone's. In `liae` both have one decoder, and the first half of what it is given says
 * who: for person 0 what the common bottleneck found, twice; for person 1 what their own found before it.
 * @returns [N, S, S, 3], with `df` and `liae` a fourth channel for the mask.
 */
export function decodePair(p: Parameters, net: PairNet, found: Tf.Tensor, person: Person): Tf.Tensor4D {
  const { tf } = p;
  if (net.form === 'original') {
    let x = found as Tf.Tensor4D;
    for (const [i, multiple] of [2, 1, 0.5].entries())
      x = up(p, `decoder${person}/up${i}`, x, multiple * net.width);
    return conv2d(p, `decoder${person}/face`, x, { filters: 3, kernelSize: 5 });
  }
  if (net.form === 'df') return sharpDecoder(p, net, `decoder${person}`, found as Tf.Tensor4D);
  const inter = (name: string): Tf.Tensor4D =>
    bottleneck(p, name, found as Tf.Tensor2D, {
      code: net.code,
      side: net.sizePx / 16,
      opened: net.inter,
      filters: net.inter,
    });
  const common = inter('interBoth');
  return sharpDecoder(p, net, 'decoder', tf.concat([person === 0 ? common : inter('interOne'), common], 3));
}

/** Three enlargements with residuals for the face, three without for its mask. */
function sharpDecoder(
  p: Parameters,
  { decoder, mask }: { decoder: number; mask: number },
  name: string,
  found: Tf.Tensor4D,
): Tf.Tensor4D {
  let [face, outline] = [found, found];
  for (const [i, multiple] of [8, 4, 2].entries()) {
    face = residual(p, `${name}/residual${i}`, up(p, `${name}/up${i}`, face, multiple * decoder));
    outline = up(p, `${name}/mask${i}`, outline, multiple * mask);
  }
  const channels = (x: Tf.Tensor4D, part: string, filters: number): Tf.Tensor4D =>
    conv2d(p, `${name}/${part}`, x, { filters, kernelSize: 1 });
  return p.tf.concat([channels(face, 'face', 3), channels(outline, 'mask', 1)], 3);
}

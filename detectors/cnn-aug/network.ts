import type * as Tf from '@tensorflow/tfjs';
import { dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { type ResNet, resNetFeatures } from '../../src/frame-net/resnet.ts';

/** @param frames [batch, size, size, 3] in [0, 1]. @returns The logit of being fake, [batch, 1]. */
export function cnnAugNet(p: Parameters, frames: Tf.Tensor4D, net: ResNet, training: boolean): Tf.Tensor2D {
  const { tf } = p;
  const centred: Tf.Tensor4D = tf.sub(tf.mul(frames, 2), 1);
  return dense(p, 'out', resNetFeatures(p, centred, net, training), { units: 1, kernelInit: 'zeros' });
}

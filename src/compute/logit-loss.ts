import type * as Tf from '@tensorflow/tfjs';
import type { TfNamespace } from './record.ts';

/** Mean of −log of the probability of the truth, softplus(logit) − y · logit, without overflow; `y` is 0 or 1, both of one shape. */
export function logitLoss(tf: TfNamespace, logit: Tf.Tensor, y: Tf.Tensor): Tf.Tensor {
  const softplus = tf.add(tf.relu(logit), tf.softplus(tf.neg(tf.abs(logit))));
  return tf.mean(tf.sub(softplus, tf.mul(logit, y)));
}

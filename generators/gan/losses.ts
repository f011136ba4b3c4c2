/** What generator and discriminator are trained for. */
import type * as Tf from '@tensorflow/tfjs';
import type { Parameters } from '../../src/compute/parameters.ts';
import { stopGradient } from '../../src/compute/stop-gradient.ts';
import { type DcganNet, frozen, generate, judgeOf, judgePictures } from './networks.ts';
import type { GanNet } from './options.ts';
import { generateR3, gradientPenalty, judgeR3, type R3Net, relativistic } from './r3gan.ts';

/** `change`: what is done to real and made pictures alike before they are judged. */
type Batch = {
  real: Tf.Tensor4D;
  latents: Tf.Tensor2D;
  penalty: Tf.Scalar;
  change(pictures: Tf.Tensor4D): Tf.Tensor4D;
};
/** Each loss reaches the weights of its own network alone, with the other as it was before the step. `real`, `made`: what is said of them. */
type Losses = { discriminator: Tf.Tensor; generator: Tf.Tensor; real: Tf.Tensor1D; made: Tf.Tensor1D };

export const lossesOf = (p: Parameters, net: GanNet, batch: Batch): Losses =>
  net.form === 'dcgan' ? hinge(p, net, batch) : paired(p, net, batch);

/** L_D = E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))), L_G = −E D(G(z)) (Lim & Ye 2017; Miyato et al. 2018). */
function hinge(p: Parameters, net: DcganNet, { real, latents, change }: Batch): Losses {
  const { tf } = p;
  const drawn = change(generate(p, net, latents, true));
  const judge = judgeOf(p, net, true);
  const ofReal = judgePictures(tf, judge, change(real));
  const ofMade = judgePictures(tf, judge, stopGradient(tf, drawn));
  return {
    discriminator: tf.add(tf.mean(tf.relu(tf.sub(1, ofReal))), tf.mean(tf.relu(tf.add(1, ofMade)))),
    generator: tf.neg(tf.mean(judgePictures(tf, frozen(tf, judge), drawn))),
    real: ofReal,
    made: ofMade,
  };
}

/** L_D = E softplus(D(G(z)) − D(x)) + (γ/2)(R1 + R2), L_G = E softplus(D(x) − D(G(z))) (R3GAN; the penalties at the changed pictures). */
function paired(p: Parameters, net: R3Net, { real, latents, penalty, change }: Batch): Losses {
  const { tf } = p;
  const drawn = change(generateR3(p, net, latents));
  const [shown, seen] = [change(real), stopGradient(tf, drawn)];
  const judge = (pictures: Tf.Tensor4D): Tf.Tensor1D => judgeR3(p, net, pictures);
  const [ofReal, ofMade] = [judge(shown), judge(seen)];
  const penalties = tf.add(gradientPenalty(tf, judge, shown), gradientPenalty(tf, judge, seen));
  const still: Parameters = { ...p, get: (...asked) => stopGradient(tf, p.get(...asked)) as Tf.Variable };
  return {
    discriminator: tf.add(relativistic(tf, ofReal, ofMade), tf.mul(tf.div(penalty, 2), penalties)),
    generator: relativistic(tf, judgeR3(still, net, drawn), stopGradient(tf, ofReal)),
    real: ofReal,
    made: ofMade,
  };
}

/** Spectral normalisation (Miyato et al., ICLR 2018): a kernel over an estimate of its largest singular value. */
import type * as Tf from '@tensorflow/tfjs';
import type { Parameters } from '../../src/compute/parameters.ts';
import { stopGradient } from '../../src/compute/stop-gradient.ts';

/**
 * The trainable kernel at `<name>/kernel`, as a matrix M [inputs, out], over σ = vᵀ M u. Each training step makes one power iteration, v ← M u / ‖M u‖,
 * u ← Mᵀ v / ‖Mᵀ v‖, and keeps both in buffers `<name>/u` and `<name>/v`. The gradient takes u and v for constants. Outside of `training` they stay.
 */
export function spectrallyNormal(p: Parameters, name: string, shape: number[], training: boolean): Tf.Tensor {
  const { tf } = p;
  const kernel = p.get(`${name}/kernel`, shape, 'glorot');
  const out = shape.at(-1)!;
  const inputs = shape.slice(0, -1).reduce((product, n) => product * n, 1);
  const u = p.buffer(`${name}/u`, [out, 1], { normal: 1 });
  const v = p.buffer(`${name}/v`, [inputs, 1], { normal: 1 });
  const matrix = tf.reshape(kernel, [inputs, out]) as Tf.Tensor2D;
  const seen = stopGradient(tf, matrix);
  const nextV = training
    ? unit(p, tf.matMul(seen, u as unknown as Tf.Tensor2D))
    : (v as unknown as Tf.Tensor2D);
  const nextU = training ? unit(p, tf.matMul(seen, nextV, true)) : (u as unknown as Tf.Tensor2D);
  if (training) {
    p.assign(u, nextU);
    p.assign(v, nextV);
  }
  const sigma = tf.matMul(nextV, tf.matMul(matrix, nextU), true);
  return tf.div(kernel, tf.reshape(sigma, []));
}

function unit({ tf }: Parameters, x: Tf.Tensor2D): Tf.Tensor2D {
  return tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), 1e-12));
}

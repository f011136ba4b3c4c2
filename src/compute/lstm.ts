import type * as Tf from '@tensorflow/tfjs';
import type { Parameters } from './parameters.ts';

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates: Gers et al. 2000) over sequences [batch, time, features], once
 * forwards and once backwards. Of z = x·kernel + h·recurrent + bias, [batch, 4 · units] in the order input, forget, cell, output:
 * c ← σ(f)·c + σ(i)·tanh(g), h = σ(o)·tanh(c), from zeros.
 * @returns [batch, time, 2 · units], the forward direction first. The steps are written out one by one: keep `time` below some hundred.
 */
export function bidirectionalLstm(p: Parameters, name: string, x: Tf.Tensor3D, units: number): Tf.Tensor3D {
  const { tf } = p;
  const forwards = direction(p, `${name}/forwards`, x, units);
  const backwards = tf.reverse(direction(p, `${name}/backwards`, tf.reverse(x, 1), units), 1);
  return tf.concat([forwards, backwards], 2);
}

function direction(p: Parameters, name: string, x: Tf.Tensor3D, units: number): Tf.Tensor3D {
  const { tf } = p;
  const [batch, time, features] = x.shape;
  const kernel = p.get(`${name}/kernel`, [features, 4 * units], 'glorot') as unknown as Tf.Tensor2D;
  const recurrent = p.get(`${name}/recurrent`, [units, 4 * units], 'glorot') as unknown as Tf.Tensor2D;
  const bias = p.get(`${name}/bias`, [4 * units], 'zeros');
  const heard = tf.reshape(
    tf.add(tf.matMul(tf.reshape(x, [batch * time, features]) as Tf.Tensor2D, kernel), bias),
    [batch, time, 4 * units],
  ) as Tf.Tensor3D;
  let [h, c] = [tf.zeros([batch, units]) as Tf.Tensor2D, tf.zeros([batch, units]) as Tf.Tensor2D];
  const found: Tf.Tensor2D[] = [];
  for (let t = 0; t < time; t++) {
    const now: Tf.Tensor2D = tf.reshape(tf.slice(heard, [0, t, 0], [batch, 1, 4 * units]), [
      batch,
      4 * units,
    ]);
    const [i, f, g, o] = tf.split(tf.add(now, tf.matMul(h, recurrent)), 4, 1) as Tf.Tensor2D[];
    c = tf.add(tf.mul(tf.sigmoid(f!), c), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
    h = tf.mul(tf.sigmoid(o!), tf.tanh(c));
    found.push(h);
  }
  return tf.stack(found, 1) as Tf.Tensor3D;
}

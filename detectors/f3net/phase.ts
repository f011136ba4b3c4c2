/** What is left of a picture when every frequency is made equally strong: its edges, and the traces of enlarging. */
import type * as Tf from '@tensorflow/tfjs';

/**
 * Phase-only reconstruction of the mean of the colours, Re(F⁻¹(F / |F|)) times √(rows · columns), so that its values spread by about 1. The Fourier
 * transforms are products with matrices of cosines and sines. Where a frequency is weaker than rounding (`smallest`) it gets no
 * phase. [batch, height, width, 3] in [0, 1] → [batch, height, width, 1].
 */
export function phasePicture(tf: typeof Tf, frames: Tf.Tensor4D): Tf.Tensor4D {
  const [batch, height, width] = frames.shape;
  // About the middle: what is the same everywhere would cost the other frequencies digits.
  const grey: Tf.Tensor3D = tf.sub(tf.mean(frames, 3), 0.5);
  const rows = fourierMatrices(tf, height);
  const columns = height === width ? rows : fourierMatrices(tf, width);
  // X = (C − iS) x (C − iS), the rows' matrices from the left.
  const [cosines, sines] = [fromLeft(tf, rows.cos, grey), fromLeft(tf, rows.sin, grey)];
  const real = tf.sub(fromRight(tf, cosines, columns.cos), fromRight(tf, sines, columns.sin));
  const imaginary = tf.neg(tf.add(fromRight(tf, cosines, columns.sin), fromRight(tf, sines, columns.cos)));
  const size = tf.sqrt(tf.add(tf.add(tf.square(real), tf.square(imaginary)), smallest ** 2));
  const [a, b] = [tf.div(real, size) as Tf.Tensor3D, tf.div(imaginary, size) as Tf.Tensor3D];
  // Re((C + iS) (a + ib) (C + iS)) / N: what is imaginary cancels, the picture being real.
  const [even, odd] = [
    tf.sub(fromLeft(tf, rows.cos, a), fromLeft(tf, rows.sin, b)),
    tf.add(fromLeft(tf, rows.cos, b), fromLeft(tf, rows.sin, a)),
  ] as [Tf.Tensor3D, Tf.Tensor3D];
  const picture = tf.sub(fromRight(tf, even, columns.cos), fromRight(tf, odd, columns.sin));
  return tf.reshape(tf.div(picture, Math.sqrt(height * width)), [batch, height, width, 1]);
}

/** Of amplitudes of a picture in [−½, ½], a thousandth of what rounding to bytes leaves at every frequency of 128 px. */
const smallest = 1e-4;

type Matrices = { cos: Tf.Tensor2D; sin: Tf.Tensor2D };

/** cos and sin of 2πkn / size, both symmetric. */
function fourierMatrices(tf: typeof Tf, size: number): Matrices {
  const of = (wave: (angle: number) => number): Tf.Tensor2D => {
    const values = new Float32Array(size * size);
    for (let k = 0; k < size; k++)
      for (let n = 0; n < size; n++) values[k * size + n] = wave((2 * Math.PI * ((k * n) % size)) / size);
    return tf.tensor2d(values, [size, size]);
  };
  return { cos: of(Math.cos), sin: of(Math.sin) };
}

/** x times the matrix, picture by picture. */
function fromRight(tf: typeof Tf, x: Tf.Tensor3D, matrix: Tf.Tensor2D): Tf.Tensor3D {
  const [batch, height, width] = x.shape;
  return tf.reshape(tf.matMul(tf.reshape(x, [batch * height, width]), matrix), [batch, height, width]);
}

/** The symmetric matrix times x, picture by picture. */
function fromLeft(tf: typeof Tf, matrix: Tf.Tensor2D, x: Tf.Tensor3D): Tf.Tensor3D {
  return tf.transpose(fromRight(tf, tf.transpose(x, [0, 2, 1]), matrix), [0, 2, 1]);
}

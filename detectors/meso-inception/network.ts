/**
 * MesoInception4 (Afchar, Nozick, Yamagishi, Echizen: "MesoNet: a Compact Facial Video Forgery Detection Network", 2018):
 * two inception blocks with dilated convolutions, two 5×5 convolutions, two dense layers; ReLU comes before batch
 * normalisation, as published. 28,615 trainable parameters at 256 px. Meso4, of the same paper, has a 3×3 and a 5×5 convolution in
 * place of the inception blocks: 27,977.
 */
import type * as Tf from '@tensorflow/tfjs';
import { batchNorm, conv2d, dense } from '../../src/compute/layers.ts';
import type { Parameters } from '../../src/compute/parameters.ts';

export const forms = ['meso-inception4', 'meso4'] as const;
export type Form = (typeof forms)[number];

/** Multipliers of the inputs of the two dense layers: 0, or 2 so that the mean stays. Absent when judging. */
export type Dropout = { features: Tf.Tensor2D; hidden: Tf.Tensor2D };

/** Number of features that reach the dense layers, for square input of `sizePx` (a multiple of 32). */
export const featureCount = (sizePx: number): number => 16 * (sizePx / 32) ** 2;
export const hiddenCount = 16;
/** Of the moving averages. Keras' 0.99, with which the network was published, would still half remember its start after 70 steps. */
const normMomentum = 0.9;

/** @param x Frames, [batch, size, size, 3] in [0, 1]. @returns The logit of being fake, [batch, 1]. */
export function mesoNet(p: Parameters, form: Form, x: Tf.Tensor4D, dropout?: Dropout): Tf.Tensor2D {
  const { tf } = p;
  const block = (name: string, image: Tf.Tensor4D, pool: number): Tf.Tensor4D =>
    tf.maxPool(
      batchNorm(p, `${name}/norm`, image, { training: dropout !== undefined, momentum: normMomentum }),
      pool,
      pool,
      'same',
    );
  const conv = (name: string, image: Tf.Tensor4D, filters = 16, kernelSize = 5): Tf.Tensor4D =>
    tf.relu(conv2d(p, name, image, { filters, kernelSize }));
  const plain = form === 'meso4';

  let image = block('block1', plain ? conv('block1', x, 8, 3) : inception(p, 'block1', x, [1, 4, 4, 2]), 2);
  image = block('block2', plain ? conv('block2', image, 8) : inception(p, 'block2', image, [2, 4, 4, 2]), 2);
  image = block('block3', conv('block3', image), 2);
  image = block('block4', conv('block4', image), 4);
  const drop = (values: Tf.Tensor2D, mask?: Tf.Tensor2D): Tf.Tensor2D =>
    mask ? tf.mul(values, mask) : values;
  const features: Tf.Tensor2D = tf.reshape(image, [x.shape[0], featureCount(x.shape[1])]);
  const hidden = tf.leakyRelu(
    dense(p, 'dense1', drop(features, dropout?.features), { units: hiddenCount }),
    0.1,
  );
  // The last layer starts at zero: training begins undecided instead of spending its first 50 steps on unlearning noise.
  return dense(p, 'dense2', drop(hidden, dropout?.hidden), { units: 1, kernelInit: 'zeros' });
}

/** Four branches side by side: 1×1, and 1×1 followed by 3×3 at dilation 1, 2 and 3; `widths` are their channels. */
function inception(
  p: Parameters,
  name: string,
  x: Tf.Tensor4D,
  widths: [number, number, number, number],
): Tf.Tensor4D {
  const { tf } = p;
  const branches = widths.map((filters, dilation) => {
    const point = tf.relu(conv2d(p, `${name}/branch${dilation}/point`, x, { filters, kernelSize: 1 }));
    return dilation === 0
      ? point
      : tf.relu(conv2d(p, `${name}/branch${dilation}/wide`, point, { filters, kernelSize: 3, dilation }));
  });
  return tf.concat(branches, 3);
}

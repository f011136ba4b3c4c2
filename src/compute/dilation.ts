/** Dilated convolutions with gradients, which TensorFlow.js refuses to give. */
import type * as Tf from '@tensorflow/tfjs';
import type { TfNamespace } from './record.ts';

/** The filter with `dilation − 1` zeros between its taps; a plain convolution with it is the dilated one. */
export function dilateFilter(tf: TfNamespace, filter: Tf.Tensor4D, dilation: number): Tf.Tensor4D {
  const [height, width, inputs, outputs] = filter.shape;
  const gap = dilation - 1;
  const split = tf.reshape(filter, [height, 1, width, 1, inputs * outputs]) as Tf.Tensor5D;
  const spread = tf.pad(split, [
    [0, 0],
    [0, gap],
    [0, 0],
    [0, gap],
    [0, 0],
  ]);
  const whole: Tf.Tensor4D = tf.reshape(spread, [height * dilation, width * dilation, inputs, outputs]);
  return tf.slice(whole, [0, 0, 0, 0], [height * dilation - gap, width * dilation - gap, inputs, outputs]);
}

/** A recorded dilated convolution: its gradient kernels carry the dilation, which the lowering understands. */
export function dilatedConv2d(
  tf: TfNamespace,
  x: Tf.Tensor4D,
  filter: Tf.Tensor4D,
  attributes: { strides: number; pad: 'same' | 'valid' | number; dilations: number },
): Tf.Tensor4D {
  const run = (
    kernel: string,
    inputs: Record<string, Tf.Tensor>,
    more: Record<string, number[]>,
  ): Tf.Tensor => tf.engine().runKernel(kernel, inputs, { ...attributes, ...more, dataFormat: 'NHWC' });
  const op = tf.customGrad(
    (a: Tf.Tensor | Tf.GradSaveFunc, b: Tf.Tensor | Tf.GradSaveFunc, save: Tf.Tensor | Tf.GradSaveFunc) => {
      const [image, weights] = [a as Tf.Tensor4D, b as Tf.Tensor4D];
      (save as Tf.GradSaveFunc)([image, weights]);
      const value = run('Conv2D', { x: image, filter: weights }, {});
      const gradFunc = (dy: Tf.Tensor, saved: Tf.Tensor[]): Tf.Tensor[] => {
        const [input, kernel] = saved as [Tf.Tensor4D, Tf.Tensor4D];
        return [
          run('Conv2DBackpropInput', { dy, filter: kernel }, { inputShape: input.shape }),
          run('Conv2DBackpropFilter', { x: input, dy }, { filterShape: kernel.shape }),
        ];
      };
      return { value, gradFunc };
    },
  );
  return op(x, filter) as Tf.Tensor4D;
}

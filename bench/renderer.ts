/**
 * Seconds per training step of the paper's renderer (`puppetry@gpu-512`: two dilated networks of 3.53 M parameters, one frame of
 * 512 px, Adam) beside PyTorch on the same GPU, which `MASQUE_DEVICE` names. A processor takes minutes a step, so it is not run there.
 */
import type * as Tf from '@tensorflow/tfjs';
import { renderWindows } from '../generators/puppetry/renderer-net.ts';
import { sessionDevice } from '../src/compute/device.ts';
import type { Part } from './bench.ts';
import { fasterLayout, type Network, ours, race, ratio } from './steps.ts';

export const renderer: Part = async ({ rounds, profile }) => {
  if (sessionDevice() === 'cpu')
    return { ratios: {}, notes: ['skipped: renderer: MASQUE_DEVICE names no GPU'] };
  const raced = await race(
    paperRenderer,
    [await ours(paperRenderer, { backend: 'onnx', steps: 5, profile })],
    rounds,
  );
  const seconds = raced.medians('clock');
  return {
    ratios: { stepVsPytorch: ratio(seconds['onnx'], fasterLayout(seconds)) },
    device: sessionDevice(),
    secondsPerStep: seconds,
    notes: raced.notes,
  };
};

const paperRenderer: Network = {
  python: 'renderer',
  inputs: { features: { shape: [1, 512, 512, 16] }, truth: { shape: [1, 512, 512, 3] } },
  loss(tf, p, inputs) {
    const { features, truth } = inputs as Record<string, Tf.Tensor4D>;
    const windows = {
      features: features!,
      face: tf.onesLike(tf.slice(truth!, [0, 0, 0, 0], [1, 512, 512, 1])) as Tf.Tensor4D,
      background: truth!,
    };
    const { decoded, final } = renderWindows(tf, p, windows, { architecture: 'dilated', width: 32 });
    const distance = (picture: Tf.Tensor): Tf.Scalar => tf.mean(tf.abs(tf.sub(picture, truth!)));
    return tf.add(distance(decoded), distance(final));
  },
};

/**
 * Seconds per training step of a convolutional autoencoder (2.06 M parameters, 64 px, batch 16, Adam): compiled ONNX beside eager
 * wasm and, where a Python with torch is found (`MASQUE_PYTHON` or python3), PyTorch in both memory layouts, and the processor's
 * time (all threads) beside the clock's, because other work on the machine moves it less. `MASQUE_DEVICE` may name a GPU.
 */
import { loadavg } from 'node:os';
import type * as Tf from '@tensorflow/tfjs';
import { sessionDevice } from '../src/compute/device.ts';
import { conv2d } from '../src/compute/layers.ts';
import type { Parameters } from '../src/compute/parameters.ts';
import type { Part } from './bench.ts';
import { fasterLayout, type Network, ours, race, ratio } from './steps.ts';

export const engine: Part = async (options) => {
  const notes = [`load average at the start: ${loadavg()[0]!.toFixed(1)}`];
  const peers = [await ours(autoencoder, { backend: 'onnx', steps: 10, profile: options.profile })];
  if (sessionDevice() === 'cpu') peers.push(await ours(autoencoder, { backend: 'wasm', steps: 1 }));
  const raced = await race(autoencoder, peers, options.rounds);
  const [clock, processor] = [raced.medians('clock'), raced.medians('processor')];
  return {
    ratios: {
      // Against the faster of PyTorch's two memory layouts.
      stepVsPytorch: ratio(clock['onnx'], fasterLayout(clock)),
      stepVsPytorchContiguous: ratio(clock['onnx'], clock['pytorch contiguous']),
      stepVsPytorchChannelsLast: ratio(clock['onnx'], clock['pytorch channels_last']),
      wasmVsStep: ratio(clock['wasm'], clock['onnx']),
      processorVsPytorch: ratio(processor['onnx'], fasterLayout(processor)),
    },
    device: sessionDevice(),
    secondsPerStep: clock,
    processorSecondsPerStep: processor,
    notes: [...notes, ...raced.notes, `load average at the end: ${loadavg()[0]!.toFixed(1)}`],
  };
};

/** Five-by-five convolutions of stride 2 down to 4 px, three-by-three ones with nearest-neighbour enlargement up again. */
const autoencoder: Network = {
  python: 'autoencoder',
  inputs: { x: { shape: [16, 64, 64, 3] } },
  loss(tf, p, { x }) {
    return tf.mean(tf.square(tf.sub(decode(tf, p, x as Tf.Tensor4D), x as Tf.Tensor4D)));
  },
};

function decode(tf: typeof Tf, p: Parameters, x: Tf.Tensor4D): Tf.Tensor4D {
  let h = x;
  for (const filters of [32, 64, 128, 256]) {
    h = tf.leakyRelu(conv2d(p, `down${filters}`, h, { filters, kernelSize: 5, strides: 2 }), 0.1);
  }
  for (const [i, filters] of [256, 128, 64, 32].entries()) {
    h = tf.leakyRelu(conv2d(p, `up${i}`, h, { filters, kernelSize: 3 }), 0.1);
    h = tf.image.resizeNearestNeighbor(h, [h.shape[1] * 2, h.shape[2] * 2]);
  }
  return tf.sigmoid(conv2d(p, 'out', h, { filters: 3, kernelSize: 5 }));
}

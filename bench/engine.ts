/**
 * Seconds per training step of a convolutional autoencoder (2.06 M parameters, 64 px, batch 16, Adam): compiled ONNX beside eager
 * wasm and, where a Python with torch is found (`MASQUE_PYTHON` or python3), PyTorch in both memory layouts. Medians of interleaved
 * rounds, and the processor's time (all threads) beside the clock's, because other work on the machine moves it less.
 */
import { loadavg } from 'node:os';
import type * as Tf from '@tensorflow/tfjs';
import { type Engine, openEngine } from '../src/compute/engine.ts';
import { conv2d } from '../src/compute/layers.ts';
import { createParameters, type Parameters } from '../src/compute/parameters.ts';
import { createRng } from '../src/random.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';
import { startPython } from './python.ts';

const threads = 2;
const [batch, size] = [16, 64];
const layouts = ['contiguous', 'channels_last'];
/** Seconds per step by the clock, and of all processors together. */
type Times = { clock: number; processor: number };
type Peer = {
  name: string;
  steps: number;
  time(steps: number): Promise<Times>;
  close(): void;
};

export const engine: Part = async (options) => {
  const peers = [await ours('onnx', 10, options.profile), await ours('wasm', 1)];
  const notes = [`load average at the start: ${loadavg()[0]!.toFixed(1)}`];
  for (const layout of layouts) {
    const peer = await pytorch(layout);
    if (typeof peer === 'string') notes.push(`skipped: pytorch ${layout}: ${peer}`);
    else {
      peers.push(peer);
      notes.push(`${peer.name}: ${peer.version}`);
    }
  }
  const rounds = new Map<string, Times[]>(peers.map(({ name }) => [name, []]));
  for (const { time } of peers) await time(1);
  for (let round = 0; round < options.rounds; round++) {
    for (const { name, steps, time } of peers) rounds.get(name)?.push(await time(steps));
  }
  for (const peer of peers) peer.close();
  notes.push(`load average at the end: ${loadavg()[0]!.toFixed(1)}`);
  const medians = (which: keyof Times): Record<string, number> =>
    Object.fromEntries([...rounds].map(([name, times]) => [name, median(times.map((time) => time[which]))]));
  const [clock, processor] = [medians('clock'), medians('processor')];
  return {
    ratios: {
      // Against the faster of PyTorch's two memory layouts.
      stepVsPytorch: ratio(clock['onnx'], fasterLayout(clock)),
      stepVsPytorchContiguous: ratio(clock['onnx'], clock['pytorch contiguous']),
      stepVsPytorchChannelsLast: ratio(clock['onnx'], clock['pytorch channels_last']),
      wasmVsStep: ratio(clock['wasm'], clock['onnx']),
      processorVsPytorch: ratio(processor['onnx'], fasterLayout(processor)),
    },
    secondsPerStep: clock,
    processorSecondsPerStep: processor,
    notes,
  };
};

const ratio = (a: number | undefined, b: number | undefined): number | undefined => a && b && a / b;

function fasterLayout(seconds: Record<string, number>): number | undefined {
  const known = layouts.flatMap((layout) => seconds[`pytorch ${layout}`] ?? []);
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** Five-by-five convolutions of stride 2 down to 4 px, three-by-three ones with nearest-neighbour enlargement up again. */
function autoencoder(tf: typeof Tf, p: Parameters, x: Tf.Tensor4D): Tf.Tensor4D {
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

async function ours(backend: 'onnx' | 'wasm', steps: number, profile?: string): Promise<Peer> {
  const opened: Engine = await openEngine({ threads, backend, ...(profile ? { profile } : {}) });
  const { tf } = opened;
  const p = createParameters(tf, createRng(1, 'bench'));
  const trainer = await opened.compile({
    parameters: p,
    inputs: { x: { shape: [batch, size, size, 3] }, learningRate: { shape: [] } },
    loss: ({ x }) => ({ loss: tf.mean(tf.square(tf.sub(autoencoder(tf, p, x), x))) }),
    optimizer: { kind: 'adam' },
  });
  const rng = createRng(2);
  const x = Float32Array.from({ length: batch * size * size * 3 }, () => rng.uniform());
  return {
    name: backend,
    steps,
    async time(count) {
      const [start, usage] = [performance.now(), process.cpuUsage()];
      for (let i = 0; i < count; i++) await trainer.step({ x, learningRate: 1e-4 });
      const { user, system } = process.cpuUsage(usage);
      return {
        clock: (performance.now() - start) / 1e3 / count,
        processor: (user + system) / 1e6 / count,
      };
    },
    close: () => trainer.dispose(),
  };
}

/** The same network in PyTorch, in a process that waits for numbers of steps; or why there is none. */
async function pytorch(layout: string): Promise<(Peer & { version: string }) | string> {
  const peer = await startPython('engine.py', [String(threads), layout]);
  if (typeof peer === 'string') return peer;
  return {
    name: `pytorch ${layout}`,
    version: peer.version,
    steps: 10,
    time: async (count) => JSON.parse(await peer.ask(String(count))) as Times,
    close: peer.close,
  };
}

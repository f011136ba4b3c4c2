/**
 * Seconds per training step of a convolutional autoencoder (2.06 M parameters, 64 px, batch 16, Adam): compiled ONNX beside eager
 * wasm and, where a Python with torch is found (`MASQUE_PYTHON` or python3), PyTorch. Medians of interleaved rounds.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type * as Tf from '@tensorflow/tfjs';
import { type Engine, openEngine } from '../src/compute/engine.ts';
import { conv2d } from '../src/compute/layers.ts';
import { createParameters, type Parameters } from '../src/compute/parameters.ts';
import { createRng } from '../src/random.ts';
import type { Part } from './bench.ts';

const threads = 2;
const [batch, size] = [16, 64];
type Peer = {
  name: string;
  version: string;
  steps: number;
  seconds(steps: number): Promise<number>;
  close(): void;
};

export const engine: Part = async (options) => {
  const peers = [await ours('onnx', 10, options.profile), await ours('wasm', 1)];
  const notes: string[] = [];
  for (const layout of ['contiguous', 'channels_last']) {
    const peer = await pytorch(layout);
    if (typeof peer === 'string') notes.push(`skipped: pytorch ${layout}: ${peer}`);
    else {
      peers.push(peer);
      notes.push(`${peer.name}: ${peer.version}`);
    }
  }
  const rounds = new Map<string, number[]>(peers.map(({ name }) => [name, []]));
  for (const { seconds } of peers) await seconds(1);
  for (let round = 0; round < options.rounds; round++) {
    for (const { name, steps, seconds } of peers) rounds.get(name)?.push(await seconds(steps));
  }
  for (const peer of peers) peer.close();
  const figures = Object.fromEntries([...rounds].map(([name, values]) => [name, median(values)]));
  const ratio = (a: string, b: string): number | undefined =>
    figures[a] && figures[b] ? figures[a] / figures[b] : undefined;
  return {
    ratios: {
      stepVsPytorch: ratio('onnx', 'pytorch contiguous'),
      stepVsPytorchChannelsLast: ratio('onnx', 'pytorch channels_last'),
      wasmVsStep: ratio('wasm', 'onnx'),
    },
    secondsPerStep: figures,
    notes,
  };
};

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

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
    version: '',
    steps,
    async seconds(count) {
      const start = performance.now();
      for (let i = 0; i < count; i++) await trainer.step({ x, learningRate: 1e-4 });
      return (performance.now() - start) / 1000 / count;
    },
    close: () => trainer.dispose(),
  };
}

/** The same network in PyTorch, in a process that waits for numbers of steps; or why there is none. */
async function pytorch(layout: string): Promise<Peer | string> {
  const python = process.env.MASQUE_PYTHON ?? 'python3';
  const script = new URL('engine.py', import.meta.url).pathname;
  const child = spawn(python, [script, String(threads), layout]);
  const lines = createInterface({ input: child.stdout });
  const ready = await firstLine(child, lines);
  if (!ready.startsWith('ready')) return ready;
  return {
    name: `pytorch ${layout}`,
    version: ready.slice(6),
    steps: 10,
    seconds(count) {
      child.stdin.write(`${count}\n`);
      return new Promise((resolve) => lines.once('line', (line) => resolve(Number(line))));
    },
    close: () => child.stdin.end(),
  };
}

function firstLine(child: ChildProcessWithoutNullStreams, lines: Interface): Promise<string> {
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = text.toString().trim().split('\n').at(-1) ?? complaint;
  });
  return new Promise((resolve) => {
    lines.once('line', resolve);
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(complaint || 'it ended without a word'));
  });
}

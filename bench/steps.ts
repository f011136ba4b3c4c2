/** Training steps timed side by side: our compiled or eager ones, and the same network in PyTorch in a process of its own. */
import type * as Tf from '@tensorflow/tfjs';
import { sessionDevice } from '../src/compute/device.ts';
import { openEngine } from '../src/compute/engine.ts';
import { createParameters, type Parameters } from '../src/compute/parameters.ts';
import type { InputSpecs } from '../src/compute/trainer.ts';
import { size } from '../src/compute/graph.ts';
import { createRng } from '../src/random.ts';
import { median } from './median.ts';
import { startPython } from './python.ts';

const threads = 2;
const layouts = ['contiguous', 'channels_last'];
/** Seconds per step by the clock, and of all processors together. */
export type Times = { clock: number; processor: number };
export type Peer = { name: string; steps: number; time(steps: number): Promise<Times>; close(): void };

/** A loss on inputs that are all drawn from [0, 1); `python`: the name of the same network in steps.py. */
export type Network = {
  python: string;
  inputs: InputSpecs;
  loss(tf: typeof Tf, p: Parameters, inputs: Record<string, Tf.Tensor>): Tf.Tensor;
};

export async function ours(
  network: Pick<Network, 'inputs' | 'loss'>,
  { backend, steps, profile }: { backend: 'onnx' | 'wasm'; steps: number; profile?: string | undefined },
): Promise<Peer> {
  const opened = await openEngine({ threads, backend, ...(profile ? { profile } : {}) });
  const { tf } = opened;
  const p = createParameters(tf, createRng(1, 'bench'));
  const trainer = await opened.compile({
    parameters: p,
    inputs: { ...network.inputs, learningRate: { shape: [] } },
    loss: (inputs) => ({ loss: network.loss(tf, p, inputs as unknown as Record<string, Tf.Tensor>) }),
    optimizer: { kind: 'adam' },
  });
  const rng = createRng(2);
  const batch = Object.fromEntries(
    Object.entries(network.inputs).map(([name, { shape }]) => [
      name,
      Float32Array.from({ length: size(shape) }, () => rng.uniform()),
    ]),
  );
  return {
    name: backend,
    steps,
    async time(count) {
      const [start, usage] = [performance.now(), process.cpuUsage()];
      for (let i = 0; i < count; i++) await trainer.step({ ...batch, learningRate: 1e-4 } as never);
      const { user, system } = process.cpuUsage(usage);
      return { clock: (performance.now() - start) / 1e3 / count, processor: (user + system) / 1e6 / count };
    },
    close: () => trainer.dispose(),
  };
}

/**
 * Seconds per step of each peer, medians of interleaved rounds, ours first and then PyTorch in both memory layouts on the processor,
 * or, where we compute on a GPU (`MASQUE_DEVICE`), on the same card.
 */
export async function race(
  network: Network,
  peers: Peer[],
  rounds: number,
): Promise<{ medians: (which: keyof Times) => Record<string, number>; notes: string[] }> {
  const notes: string[] = [];
  const device = sessionDevice() === 'cpu' ? 'cpu' : 'cuda';
  const racing = [...peers];
  for (const layout of layouts) {
    const python = await startPython('steps.py', [network.python, device, layout, String(threads)]);
    if (typeof python === 'string') notes.push(`skipped: pytorch ${layout}: ${python}`);
    else {
      racing.push({
        name: `pytorch ${layout}`,
        steps: 10,
        time: async (count) => JSON.parse(await python.ask(String(count))) as Times,
        close: python.close,
      });
      notes.push(`pytorch ${layout}: ${python.version}`);
    }
  }
  const times = new Map<string, Times[]>(racing.map(({ name }) => [name, []]));
  for (const { time } of racing) await time(1);
  for (let round = 0; round < rounds; round++) {
    for (const { name, steps, time } of racing) times.get(name)?.push(await time(steps));
  }
  for (const { close } of racing) close();
  const medians = (which: keyof Times): Record<string, number> =>
    Object.fromEntries([...times].map(([name, own]) => [name, median(own.map((time) => time[which]))]));
  return { medians, notes };
}

/** Of PyTorch's two memory layouts, the faster one's seconds. */
export function fasterLayout(seconds: Record<string, number>): number | undefined {
  const known = layouts.flatMap((layout) => seconds[`pytorch ${layout}`] ?? []);
  return known.length > 0 ? Math.min(...known) : undefined;
}

export const ratio = (a: number | undefined, b: number | undefined): number | undefined => a && b && a / b;

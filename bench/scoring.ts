/**
 * Frames per second of scoring video files with MesoInception4 at 256 px, decoding included: two worker processes of one thread
 * beside PyTorch (`inference_mode`) and OpenCV, as one process of two threads and as two of one, one and sixteen frames per
 * run. All judge every whole frame of the same 256×256 H.264 files with the same, untrained network; logits of the
 * same pixels must agree. Medians of interleaved rounds.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { frameShape, judgeFrames, logitOfBytes } from '../src/frame-net/judge.ts';
import { mesoNet } from '../detectors/meso-inception/network.ts';
import { openEngine } from '../src/compute/engine.ts';
import { openModel } from '../src/compute/model.ts';
import { createParameters } from '../src/compute/parameters.ts';
import { encodeClip } from '../src/media/encode.ts';
import { createPool } from '../src/queue/pool.ts';
import { createRng, type Rng } from '../src/random.ts';
import type { NamedTensors } from '../src/tensors.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';
import { movingFrames } from './media.ts';
import { startPython, type PythonPeer } from './python.ts';
import { type Judged, scoreEveryFrame } from './scoring.job.ts';

export const sizePx = 256;
const clipCount = 4;
const framesPerClip = 75;
/** Frames per run, and PyTorch's faster memory layout for it (processor time per frame: 11 ms against 12; 13 against 47). */
const fasterLayouts = [
  [1, 'contiguous'],
  [16, 'channels_last'],
] as const;
/** Logits of the same pixels may differ by this much. */
const tolerance = 1e-3;

/** Who scores all clips, to the end, and says the processor's seconds of all its processes. */
type Scorer = { name: string; score(clips: string[]): Promise<number>; close(): Promise<void> | void };

export const scoring: Part = async ({ rounds }) => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-bench-'));
  const notes = [`load average at the start: ${loadavg()[0]!.toFixed(1)}; ${availableParallelism()} cores`];
  const scorers: Scorer[] = [];
  try {
    const clips = await writeClips(folder);
    const files = await writeNetwork(folder);
    scorers.push(ours(folder, files.model));
    for (const [processes, threads] of [
      [1, 2],
      [2, 1],
    ] as const)
      for (const [batch, layout] of fasterLayouts) {
        const peer = await theirs(files, { processes, threads, batch, layout }, notes);
        if (peer) scorers.push(peer);
      }
    const rates = scorers.map(({ name }) => ({ name, clock: [] as number[], processor: [] as number[] }));
    for (let round = 0; round <= rounds; round++) {
      for (const [i, { score }] of scorers.entries()) {
        const start = performance.now();
        const processor = await score(clips);
        // The first round warms up.
        if (round === 0) continue;
        rates[i]!.clock.push((1000 * clipCount * framesPerClip) / (performance.now() - start));
        rates[i]!.processor.push((clipCount * framesPerClip) / processor);
      }
    }
    notes.push(`load average at the end: ${loadavg()[0]!.toFixed(1)}`);
    const medians = (which: 'clock' | 'processor'): Record<string, number> =>
      Object.fromEntries(rates.map((rate) => [rate.name, median(rate[which])]));
    const [framesPerSecond, framesPerProcessorSecond] = [medians('clock'), medians('processor')];
    return {
      ratios: {
        // Against the better batch size: of one loop that has both cores, and of two loops side by side.
        scoringVsPytorch: againstBest(framesPerSecond, '1×2'),
        scoringVsTwoPytorch: againstBest(framesPerSecond, '2×1'),
        processorScoringVsPytorch: againstBest(framesPerProcessorSecond, '1×2'),
        processorScoringVsTwoPytorch: againstBest(framesPerProcessorSecond, '2×1'),
      },
      framesPerSecond,
      framesPerProcessorSecond,
      notes: [...new Set(notes)],
    };
  } finally {
    for (const { close } of scorers) await close();
    await rm(folder, { recursive: true, force: true });
  }
};

function againstBest({ masque, ...peers }: Record<string, number>, kind: string): number | undefined {
  const rates = Object.entries(peers).flatMap(([name, rate]) => (name.includes(kind) ? rate : []));
  return rates.length > 0 ? masque! / Math.max(...rates) : undefined;
}

export async function writeClips(folder: string): Promise<string[]> {
  const paths = Array.from({ length: clipCount }, (_, i) => join(folder, `${i}.mp4`));
  for (const [i, path] of paths.entries())
    await encodeClip(path, {
      frames: movingFrames(framesPerClip, i),
      fps: 25,
      width: sizePx,
      height: sizePx,
    });
  return paths;
}

type Files = { model: string; weights: string; pixels: string; logits: number[] };

/** The exported network, its weights, and the logits it gives for some frames. */
export async function writeNetwork(folder: string): Promise<Files> {
  const engine = await openEngine({ threads: 1, backend: 'onnx' });
  const { tf } = engine;
  const p = createParameters(tf, createRng(1, 'bench'));
  tf.tidy(() => void mesoNet(p, 'meso-inception4', tf.zeros([1, sizePx, sizePx, 3])));
  p.load(randomWeights(p.toTensors(), createRng(2, 'bench')));
  const bytes = await engine.export({
    inputs: { frames: { shape: frameShape(sizePx) } },
    outputs: ({ frames }) => ({ logit: logitOfBytes((q, x) => mesoNet(q, 'meso-inception4', x), p, frames) }),
    parameters: p,
  });
  const [model, weights, pixels] = ['network.onnx', 'weights.json', 'frames.rgb'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeFile(model, bytes);
  const plain = Object.entries(p.toTensors()).map(([name, { shape, data }]) => [
    name,
    { shape, data: [...data] },
  ]);
  await writeFile(weights, JSON.stringify(Object.fromEntries(plain)));
  const frames = movingFrames(4, 99).map(({ data }) => data);
  await writeFile(pixels, Buffer.concat(frames));
  const network = await openModel(bytes, { threads: 1 });
  async function* each(): AsyncGenerator<Uint8Array> {
    yield* frames;
  }
  const logits = await judgeFrames(network, each(), sizePx);
  network.close();
  return { model, weights, pixels, logits };
}

/** As after a training: no layer is zero and the norms change something. */
function randomWeights(tensors: NamedTensors, rng: Rng): NamedTensors {
  const values = (name: string, data: ArrayLike<number>): Float32Array => {
    if (name.endsWith('/variance') || name.endsWith('/scale'))
      return Float32Array.from(data, () => rng.uniform(0.5, 1.5));
    return name.endsWith('/kernel') && !name.startsWith('dense2')
      ? Float32Array.from(data)
      : Float32Array.from(data, () => rng.normal(0, 0.2));
  };
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: values(name, data) }]),
  );
}

function ours(folder: string, model: string): Scorer {
  const pool = createPool(2);
  return {
    name: 'masque',
    async score(clips) {
      const runs = clips.map((clip) => pool.run(scoreEveryFrame, { model, clip, sizePx }, folder));
      return sumJudged((await Promise.all(runs)).map(({ output }) => output));
    },
    close: () => pool.close(),
  };
}

/** The processor's seconds together. Throws unless every frame was judged. */
function sumJudged(parts: Judged[]): number {
  const frames = parts.reduce((sum, part) => sum + part.frames, 0);
  if (frames !== clipCount * framesPerClip) throw new Error(`${frames} frames were judged`);
  return parts.reduce((sum, part) => sum + part.processor, 0);
}

type Setting = { processes: number; threads: number; batch: number; layout: string };

/** PyTorch and OpenCV, or undefined with a note why not. Throws when its network is not the same. */
async function theirs(
  { weights, pixels, logits }: Files,
  { processes, threads, batch, layout }: Setting,
  notes: string[],
): Promise<Scorer | undefined> {
  const started = await Promise.all(
    Array.from({ length: processes }, () =>
      startPython('scoring.py', [String(threads), weights, String(batch), layout]),
    ),
  );
  const peers = started.filter((peer): peer is PythonPeer => typeof peer !== 'string');
  if (peers.length < processes) {
    notes.push(`skipped: pytorch with OpenCV: ${started.find((peer) => typeof peer === 'string')}`);
    return undefined;
  }
  const found = JSON.parse(await peers[0]!.ask(JSON.stringify({ rgb: pixels, side: sizePx }))) as number[];
  const worst = Math.max(...found.map((logit, i) => Math.abs(logit - logits[i]!)));
  if (!(worst < tolerance)) throw new Error(`PyTorch's logits ${found.join()} are not ${logits.join()}`);
  notes.push(`peer: ${peers[0]!.version}`);
  return {
    name: `pytorch ${processes}×${threads} threads, batch ${batch}, ${layout}`,
    async score(clips) {
      const shares = peers.map((_, i) => clips.filter((_clip, k) => k % peers.length === i));
      const answers = await Promise.all(peers.map(({ ask }, i) => ask(JSON.stringify(shares[i]))));
      return sumJudged(answers.map((answer) => JSON.parse(answer) as Judged));
    },
    close: () => {
      for (const { close } of peers) close();
    },
  };
}

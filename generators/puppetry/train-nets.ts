/**
 * Training of window net, temporal filter and one map per training person.
 * Paper: Adam 1e-4 for 50 epochs over 302,750 frames. Stated deviations for a short budget: a higher rate, falling along a
 * cosine (not in the preset `gpu`); Glorot's initialisation instead of N(0, 0.02), with a small last layer; maps that learn faster than the nets;
 * whole chunks of frames instead of single ones, which is the same loss.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../src/compute/engine.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { createRng } from '../../src/random.ts';
import { phoneColumnCount } from '../../src/speech/phones.ts';
import type { FileRef, Work } from '../../src/types.ts';
import { chunkLoss, filterFrames, filterOf, latentCount, windowNet } from './audio-net.ts';
import { drawChunks, windowCountOf } from './corpus.ts';
import type { Corpus } from './corpus.ts';
import { gramDistance } from './expression.ts';
import { learningRate, type Settings } from './options.ts';
import { concat } from '../../src/compute/rows.ts';
import { windowRows } from './speech-features.ts';
import { type AudioVariant, publishedAudio } from './variants.ts';
import {
  allFrames,
  applyPersonMap,
  closeAudioNet,
  fitPersonMap,
  frameBatch,
  openAudioNet,
  windowExpressions,
} from './speech-models.ts';

export type TrainedNets = { windowNet: FileRef; filter: FileRef; info: Record<string, unknown> };
type Nets = { windowNet: Uint8Array; filter: Uint8Array };

const longestChunk = 60;

/** Trains on a corpus; `held`, where it has sequences, chooses the weights. */
export async function trainNets(
  {
    corpus,
    held,
    settings,
    seed,
  }: { corpus: Corpus; held?: Corpus; settings: Settings['audio']; seed: number },
  work: Work,
): Promise<TrainedNets> {
  const { openEngine } = await import('../../src/compute/engine.ts');
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const { trainLoop } = await import('../../src/compute/train-loop.ts');
  const rng = createRng(seed, 'puppetry', 'audio-net');
  const frames = Math.min(longestChunk, ...corpus.sequences.map(({ frameCount }) => frameCount));
  const engine = await openEngine({ threads: 1 });
  const p = createParameters(engine.tf, rng.fork('weights'));
  const { batch, steps, checks, rate } = settings;
  const variant = settings.variant ?? publishedAudio;
  const trainer = await compileStep(engine, p, { batch, frames, corpus, variant });
  const everySteps = Math.ceil(steps / checks);
  const training = await trainLoop({
    name: 'audio-net',
    work,
    trainer,
    parameters: p,
    steps,
    rngs: [rng],
    batch(step) {
      return {
        ...drawChunks(corpus, frames, batch, rng),
        learningRate: learningRate(rate, step, steps),
      };
    },
    // Without anyone to choose by, the last weights stand.
    ...(held && held.sequences.length > 0
      ? {
          validation: { everySteps, error: async () => validate(await exportNets(engine, p, variant), held) },
        }
      : {}),
  });
  const nets = await exportNets(engine, p, variant);
  await writeFile(join(work.folder, 'window-net.onnx'), nets.windowNet);
  await writeFile(join(work.folder, 'filter.onnx'), nets.filter);
  return {
    windowNet: await work.keep('window-net.onnx'),
    filter: await work.keep('filter.onnx'),
    info: { people: corpus.grams.length, sequences: corpus.sequences.length, ...training },
  };
}

function compileStep(
  { tf, compile }: Engine,
  p: Parameters,
  {
    batch,
    frames,
    corpus,
    variant,
  }: { batch: number; frames: number; corpus: Corpus; variant: AudioVariant },
) {
  const { mapCount, coefficientCount: k } = corpus;
  return compile({
    parameters: p,
    inputs: {
      windows: { shape: [batch * windowCountOf(frames), windowRows, phoneColumnCount] },
      person: { shape: [batch, mapCount] },
      truth: { shape: [batch, frames + 2, k] },
      gram: { shape: [batch, k, k] },
      learningRate: { shape: [] },
    },
    loss: (chunks) => {
      const { loss, absolute, relative } = chunkLoss(tf, p, chunks, variant);
      return { loss, metrics: { absolute, relative } };
    },
    optimizer: { kind: 'adam', beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
  });
}

async function exportNets(
  { tf, export: exportModel }: Engine,
  p: Parameters,
  variant: AudioVariant,
): Promise<Nets> {
  return {
    windowNet: await exportModel({
      inputs: { x: { shape: [frameBatch, windowRows, phoneColumnCount] } },
      outputs: ({ x }) => ({ y: windowNet(tf, p, x) }),
      parameters: p,
    }),
    filter: await exportModel({
      inputs: { x: { shape: [frameBatch, filterFrames, latentCount] } },
      outputs: ({ x }) => ({ y: filterOf(variant)(tf, p, x) }),
      parameters: p,
    }),
  };
}

/** Vertex error (`expressionGram`, mm) on the held-out clips of people whose maps are fitted on their other clips. */
async function validate(trained: Nets, { sequences, grams, coefficientCount: k }: Corpus): Promise<number> {
  const nets = await openAudioNet(trained);
  let [squares, count] = [0, 0];
  for (const [person, gram] of grams.entries()) {
    const own = sequences.filter((sequence) => sequence.person === person);
    const heard: Float32Array[] = [];
    for (const { windowsOf, frameCount } of own)
      heard.push(await windowExpressions(nets, windowsOf(allFrames(frameCount))));
    const fitted = own.flatMap(({ fit }, i) => (fit ? [i] : []));
    const shown = fitted.map((i) => own[i]!.expressions);
    const map = fitPersonMap(concat(fitted.map((i) => heard[i]!)), concat(shown));
    own.forEach(({ fit, expressions, frameCount }, i) => {
      if (fit) return;
      const predicted = applyPersonMap(map, heard[i]!);
      for (let t = 0; t < frameCount; t++) {
        squares += gramDistance(gram, predicted, expressions, t * k, t * k);
      }
      count += frameCount;
    });
  }
  closeAudioNet(nets);
  return Math.sqrt(squares / count);
}

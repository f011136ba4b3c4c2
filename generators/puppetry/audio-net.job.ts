/**
 * Trains window net, temporal filter and one map per training person (A2–A6).
 * Paper: Adam 1e-4 for 50 epochs over 302,750 frames. Stated deviations for a short budget: a higher rate, falling along a
 * cosine (not in the preset `gpu`); Glorot's initialisation instead of N(0, 0.02), with a small last layer; maps that learn faster than the nets;
 * whole chunks of frames instead of single ones, which is the same loss.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../src/compute/engine.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import { phoneColumnCount } from '../../src/speech/phones.ts';
import type { Clip, FileRef, Work } from '../../src/types.ts';
import { chunkLoss, filterFrames, latentCount, temporalFilter, windowNet } from './audio-net.ts';
import { drawChunks, readCorpus, windowsOf } from './corpus.ts';
import type { Corpus } from './corpus.ts';
import { gramDistance } from './expression.ts';
import { learningRate, type Settings } from './options.ts';
import { personOf } from '../../src/pairs.ts';
import { concat } from '../../src/compute/rows.ts';
import { windowRows } from './speech-features.ts';
import {
  applyPersonMap,
  audioExpressions,
  closeAudioNet,
  fitPersonMap,
  frameBatch,
  openAudioNet,
} from './speech-models.ts';

/** `train`: clips with a track of the training people. `validation`: those of the validation people, `use` says which fit their maps. */
type Input = {
  train: Clip[];
  validation: Clip[];
  phoneNet: FileRef;
  settings: Settings['audio'];
  seed: number;
};
type Output = { windowNet: FileRef; filter: FileRef; info: Record<string, unknown> };
type Nets = { windowNet: Uint8Array; filter: Uint8Array };

const longestChunk = 60;

export const trainAudioNet = defineJob<Input, Output>({
  name: 'puppetry-audio-net',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ train, validation, phoneNet, settings, seed }: Input, work: Work): Promise<Output> {
  const { openEngine } = await import('../../src/compute/engine.ts');
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const { trainLoop } = await import('../../src/compute/train-loop.ts');
  const rng = createRng(seed, 'puppetry', 'audio-net');
  const corpus = await readCorpus(train, phoneNet);
  const held = await readCorpus(validation.filter(hasBothUses), phoneNet);
  const frames = Math.min(longestChunk, ...corpus.sequences.map(({ frameCount }) => frameCount));
  const engine = await openEngine({ threads: 1 });
  const p = createParameters(engine.tf, rng.fork('weights'));
  const { batch, steps, checks, rate } = settings;
  const trainer = await compileStep(engine, p, { batch, frames, people: corpus.grams.length });
  const everySteps = Math.ceil(steps / checks);
  const error = async (): Promise<number> => validate(await exportNets(engine, p), held);
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
    ...(held.sequences.length > 0 ? { validation: { everySteps, error } } : {}),
  });
  const nets = await exportNets(engine, p);
  await writeFile(join(work.folder, 'window-net.onnx'), nets.windowNet);
  await writeFile(join(work.folder, 'filter.onnx'), nets.filter);
  return {
    windowNet: await work.keep('window-net.onnx'),
    filter: await work.keep('filter.onnx'),
    info: { people: corpus.grams.length, sequences: corpus.sequences.length, ...training },
  };
}

/** Only people with clips of both uses can be held out: on one their map is fitted, on the other it is judged. */
function hasBothUses(clip: Clip, _: number, clips: Clip[]): boolean {
  const uses = clips.filter((other) => personOf(other) === personOf(clip)).map(({ use }) => use);
  return uses.includes('fit') && uses.includes('score');
}

function compileStep(
  { tf, compile }: Engine,
  p: Parameters,
  { batch, frames, people }: { batch: number; frames: number; people: number },
) {
  return compile({
    parameters: p,
    inputs: {
      windows: { shape: [batch * windowsOf(frames), windowRows, phoneColumnCount] },
      person: { shape: [batch, people] },
      truth: { shape: [batch, frames + 2, expressionCount] },
      gram: { shape: [batch, expressionCount, expressionCount] },
      learningRate: { shape: [] },
    },
    loss: (chunks) => {
      const { loss, absolute, relative } = chunkLoss(tf, p, chunks);
      return { loss, metrics: { absolute, relative } };
    },
    optimizer: { kind: 'adam', beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
  });
}

async function exportNets({ tf, export: exportModel }: Engine, p: Parameters): Promise<Nets> {
  return {
    windowNet: await exportModel({
      inputs: { x: { shape: [frameBatch, windowRows, phoneColumnCount] } },
      outputs: ({ x }) => ({ y: windowNet(tf, p, x) }),
      parameters: p,
    }),
    filter: await exportModel({
      inputs: { x: { shape: [frameBatch, filterFrames, latentCount] } },
      outputs: ({ x }) => ({ y: temporalFilter(tf, p, x) }),
      parameters: p,
    }),
  };
}

/** Vertex error (`expressionGram`, mm) on the held-out clips of people whose maps are fitted on their other clips. */
async function validate(trained: Nets, { sequences, grams }: Corpus): Promise<number> {
  const nets = await openAudioNet(trained);
  let [squares, count] = [0, 0];
  for (const [person, gram] of grams.entries()) {
    const own = sequences.filter((sequence) => sequence.person === person);
    const heard: Float32Array[] = [];
    for (const { features } of own) heard.push(await audioExpressions(nets, features));
    const fitted = own.flatMap(({ fit }, i) => (fit ? [i] : []));
    const shown = fitted.map((i) => own[i]!.expressions);
    const map = fitPersonMap(concat(fitted.map((i) => heard[i]!)), concat(shown));
    own.forEach(({ fit, expressions, frameCount }, i) => {
      if (fit) return;
      const predicted = applyPersonMap(map, heard[i]!);
      for (let t = 0; t < frameCount; t++) {
        squares += gramDistance(gram, predicted, expressions, t * expressionCount, t * expressionCount);
      }
      count += frameCount;
    });
  }
  closeAudioNet(nets);
  return Math.sqrt(squares / count);
}

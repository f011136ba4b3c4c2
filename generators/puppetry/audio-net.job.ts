/**
 * Trains window net, temporal filter and one map per training person (A2–A6) and fits the map of every other person (A7).
 * Paper: Adam 1e-4 for 50 epochs over 302,750 frames. Stated deviations for a short budget: a higher rate, falling along a
 * cosine, Glorot's initialisation instead of N(0, 0.02) but for a small last layer, and whole chunks of frames instead of single ones (same loss).
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { expressionCount } from '../../src/head/expressions.ts';
import { readTrack } from '../../src/head/track.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { Rng } from '../../src/random.ts';
import { phoneColumnCount } from '../../src/speech/phones.ts';
import type { Clip, FileRef, Work } from '../../src/types.ts';
import {
  chunkLoss,
  filterFrames,
  framesBefore,
  latentCount,
  temporalFilter,
  windowNet,
} from './audio-net.ts';
import type { Chunks } from './audio-net.ts';
import { clipAudio } from './clip-audio.ts';
import { expressionGram, gramDistance, speechPart } from './expression.ts';
import type { Settings } from './options.ts';
import { personOf } from './plan.ts';
import { concat } from './rows.ts';
import { audioWindows, speechFeatures, windowRows, windowWidth } from './speech-features.ts';
import {
  applyPersonMap,
  audioExpressions,
  closeAudioNet,
  fitPersonMap,
  frameBatch,
  openAudioNet,
  openPhoneNet,
} from './speech-models.ts';

/** `train`: clips with a track of the training people. `validation`: those of the validation people, `use` says which fit their maps. */
type Input = {
  train: Clip[];
  validation: Clip[];
  phoneNet: FileRef;
  settings: Settings['audio'];
  seed: number;
};
type Nets = { windowNet: FileRef; filter: FileRef };
type Output = Nets & { info: Record<string, unknown> };
type Checkpoint = { step: number; loss: number; absolute: number; relative: number; validationMm: number };

/** One clip as the audio net sees it: rows of 29 logits and of K target coefficients per frame. */
type Sequence = {
  person: number;
  fit: boolean;
  features: Float32Array;
  expressions: Float32Array;
  frameCount: number;
};
type Corpus = { sequences: Sequence[]; grams: Float32Array[] };

const longestChunk = 60;
const highestRate = 1.5e-3;

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
  const rng = createRng(seed, 'puppetry', 'audio-net');
  const corpus = await readCorpus(train, phoneNet);
  const held = await readCorpus(validation, phoneNet);
  const engine = await openEngine({ threads: 1 });
  const { tf } = engine;
  const p = createParameters(tf, rng.fork('weights'));
  const frames = Math.min(longestChunk, ...corpus.sequences.map(({ frameCount }) => frameCount));
  const { batch, steps, checkpoints } = settings;
  const trainer = await engine.compile({
    parameters: p,
    inputs: {
      windows: { shape: [batch * (frames + filterFrames + 1), windowRows, phoneColumnCount] },
      person: { shape: [batch, corpus.grams.length] },
      truth: { shape: [batch, frames + 2, expressionCount] },
      gram: { shape: [batch, expressionCount, expressionCount] },
      learningRate: { shape: [] },
    },
    loss: (inputs) => {
      const { loss, absolute, relative } = chunkLoss(tf, p, inputs as unknown as Chunks);
      return { loss, metrics: { absolute, relative } };
    },
    optimizer: { kind: 'adam', beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
  });
  const exportTo = async (name: string, shape: number[], net: (x: Tensor3D) => Tensor2D): Promise<void> => {
    const outputs = ({ x }: { x: unknown }) => ({ y: net(x as Tensor3D) });
    await writeFile(
      join(work.folder, name),
      await engine.export({ inputs: { x: { shape } }, outputs, parameters: p }),
    );
  };

  const curve: Checkpoint[] = [];
  let best: { files: Nets; error: number } | undefined;
  for (let step = 1; step <= steps; step++) {
    const learningRate = highestRate * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps));
    const { loss, metrics } = await trainer.step({ ...drawChunks(corpus, frames, batch, rng), learningRate });
    work.progress(step / steps, `loss ${loss.toFixed(2)}`);
    if (step % Math.ceil(steps / checkpoints) !== 0 && step !== steps) continue;
    await trainer.sync();
    await exportTo(`window-net-${step}.onnx`, [frameBatch, windowRows, phoneColumnCount], (x) =>
      windowNet(tf, p, x),
    );
    await exportTo(`filter-${step}.onnx`, [frameBatch, filterFrames, latentCount], (x) =>
      temporalFilter(tf, p, x),
    );
    const files = {
      windowNet: await work.keep(`window-net-${step}.onnx`),
      filter: await work.keep(`filter-${step}.onnx`),
    };
    const error = await validate(files, held);
    curve.push({ step, loss, ...(metrics as { absolute: number; relative: number }), validationMm: error });
    if (!best || error < best.error) best = { files, error };
  }
  trainer.dispose();
  for (const { step } of curve) {
    const names = [`window-net-${step}.onnx`, `filter-${step}.onnx`];
    if (!best!.files.filter.path.endsWith(names[1]!))
      await Promise.all(names.map((name) => rm(join(work.folder, name))));
  }
  return { ...best!.files, info: { people: corpus.grams.length, sequences: corpus.sequences.length, curve } };
}

/** The clips' features and targets; people are numbered in order of appearance. */
async function readCorpus(clips: Clip[], phoneNetFile: FileRef): Promise<Corpus> {
  const phoneNet = await openPhoneNet(phoneNetFile);
  const corpus: Corpus = { sequences: [], grams: [] };
  const numbers = new Map<string, number>();
  for (const clip of clips) {
    const track = await readTrack(clip.track!.path);
    const person = numbers.get(personOf(clip)) ?? numbers.size;
    if (person === numbers.size) {
      numbers.set(personOf(clip), person);
      corpus.grams.push(expressionGram(track.mesh));
    }
    const frameCount = track.frames.length;
    const features = await speechFeatures(phoneNet, await clipAudio(clip), { fps: track.fps, frameCount });
    const expressions = new Float32Array(frameCount * expressionCount);
    track.frames.forEach(({ expression }, t) => expressions.set(speechPart(expression), t * expressionCount));
    corpus.sequences.push({ person, fit: clip.use === 'fit', features, expressions, frameCount });
  }
  phoneNet.network.close();
  return corpus;
}

/** Chunks from random sequences, each sequence equally likely whatever its length. */
function drawChunks(
  { sequences, grams }: Corpus,
  frames: number,
  batch: number,
  rng: Rng,
): Record<string, Float32Array> {
  const windowCount = frames + filterFrames + 1;
  const windows = new Float32Array(batch * windowCount * windowWidth);
  const person = new Float32Array(batch * grams.length);
  const truth = new Float32Array(batch * (frames + 2) * expressionCount);
  const gram = new Float32Array(batch * expressionCount ** 2);
  for (let i = 0; i < batch; i++) {
    const sequence = rng.pick(sequences);
    const start = rng.int(sequence.frameCount - frames + 1);
    const heard = Array.from({ length: windowCount }, (_, j) => start - 1 - framesBefore + j);
    windows.set(audioWindows(sequence.features, heard), i * windowCount * windowWidth);
    person[i * grams.length + sequence.person] = 1;
    for (let j = 0; j < frames + 2; j++) {
      const frame = Math.max(0, Math.min(sequence.frameCount - 1, start - 1 + j));
      const target = sequence.expressions.subarray(frame * expressionCount, (frame + 1) * expressionCount);
      truth.set(target, (i * (frames + 2) + j) * expressionCount);
    }
    gram.set(grams[sequence.person]!, i * expressionCount ** 2);
  }
  return { windows, person, truth, gram };
}

/** Vertex error (`expressionGram`, mm) on the held-out clips of people whose maps are fitted on their other clips. */
async function validate(files: Nets, { sequences, grams }: Corpus): Promise<number> {
  const nets = await openAudioNet(files);
  let [squares, count] = [0, 0];
  for (const [person, gram] of grams.entries()) {
    const own = sequences.filter((sequence) => sequence.person === person);
    const heard = await Promise.all(own.map(({ features }) => audioExpressions(nets, features)));
    const fitted = own.map((_, i) => i).filter((i) => own[i]!.fit);
    const map = fitPersonMap(
      concat(fitted.map((i) => heard[i]!)),
      concat(fitted.map((i) => own[i]!.expressions)),
    );
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

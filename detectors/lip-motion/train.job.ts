/** Teaches the second network, which can read visemes, whether a movement is real; what the frozen first one sees of each clip is computed once. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { cosineRate } from '../../src/compute/cosine-rate.ts';
import { logitLoss } from '../../src/compute/logit-loss.ts';
import { exportRowModel } from '../../src/compute/rows.ts';
import { ItemError, UserError } from '../../src/errors.ts';
import {
  type Counterparts,
  counterpartsIn,
  dropMask,
  type Known,
  probabilityError,
} from '../../src/learn/two-kinds.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { personOf } from '../../src/pairs.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng, type Rng } from '../../src/random.ts';
import { drawVariation, varyCrop } from '../../src/sync/variation.ts';
import { readTensors } from '../../src/tensors.ts';
import type { Examples, FileRef, LabelledClip, Model, Truth, Work } from '../../src/types.ts';
import { type Look, openLook, openMotion, readMouth, scoreSeen } from './mouths.ts';
import { follow, followedCount, judge, seenCount } from './network.ts';
import { type Preset, presets } from './presets.ts';
import type { Reader } from './read.job.ts';

type Input = { examples: Examples; reader: Omit<Reader, 'info'>; preset: keyof typeof presets; seed: number };
/** What is seen of a clip as it is, or of copies varied each in its own way; the same ways for a fake and what it was made of. */
type Seen = Known & { copies: Float32Array[]; frameCount: number };
type Lessons = Record<Truth, Seen[]> & { leftOut: number };

const copyCount = 6;
const dropRate = 0.2;

export const trainLipMotion = defineJob<Input, Model>({
  name: 'train-lip-motion',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ examples, reader, preset, seed }, work) {
    const settings = presets[preset];
    const rng = createRng(seed, 'lip-motion', 'judge');
    const { look, close } = await openLook(reader.look.path, settings.net);
    const train = await seeAll(examples.train, settings, { look, split: 'train', rng });
    const validation = await seeAll(examples.validation, settings, { look, split: 'validation' });
    close();
    const { motion, info } = await learn(reader.weights, { train, validation }, settings, rng, work);
    await writeFile(join(work.folder, 'motion.onnx'), motion);
    return {
      files: { look: reader.look, motion: await work.keep('motion.onnx') },
      info: { ...info, leftOut: train.leftOut + validation.leftOut },
    };
  },
});

/** With `rng` varied copies of each clip, else each as it is. */
async function seeAll(
  clips: LabelledClip[],
  { net, frames }: Preset,
  { look, split, rng }: { look: Look; split: string; rng?: Rng },
): Promise<Lessons> {
  const lessons: Lessons = { real: [], fake: [], leftOut: 0 };
  for (const { clip, truth } of clips) {
    try {
      const crops = await readMouth(openClip(clip), net, frames);
      const moment = clip.track!.sha256;
      const copies: Float32Array[] = [];
      if (!rng) copies.push(await look(crops));
      for (let i = 0; rng && i < copyCount; i++) {
        const variation = drawVariation(rng.fork('variation', moment, i));
        copies.push(await look(crops.map((crop) => varyCrop(crop, variation, net.window))));
      }
      lessons[truth].push({ copies, frameCount: crops.length, person: personOf(clip), moment });
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      lessons.leftOut++;
    }
  }
  if (lessons.real.length > 0 && lessons.fake.length > 0) return lessons;
  throw new UserError(
    `detector "lip-motion" cannot learn: split "${split}" gave ${lessons.real.length} real and ${lessons.fake.length} fake mouths; it needs both. Add clips with a face track and ${frames} frames, or leave the detector out`,
  );
}

async function learn(
  weights: FileRef,
  { train, validation }: Record<keyof Examples, Lessons>,
  preset: Preset,
  rng: Rng,
  work: Work,
): Promise<{ motion: Uint8Array; info: Record<string, unknown> }> {
  const { openEngine } = await import('../../src/compute/engine.ts');
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const { trainLoop } = await import('../../src/compute/train-loop.ts');
  const { net, frames } = preset;
  const { windows, steps, stepsPerCheck, patience, rate } = preset.judge;
  const engine = await openEngine({ threads: 1 });
  const p = createParameters(engine.tf, rng.fork('weights'));
  p.load(await readTensors(weights.path));
  const hidden = followedCount(net);
  const trainer = await engine.compile({
    parameters: p,
    inputs: {
      seen: { shape: [windows, frames, seenCount(net)] },
      y: { shape: [windows, 1] },
      hide: { shape: [windows, hidden] },
      learningRate: { shape: [] },
    },
    loss: ({ seen, y, hide }) => ({
      loss: logitLoss(engine.tf, judge(p, follow(p, seen, net, true), hide), y),
    }),
    optimizer: { kind: 'adam' },
  });
  const motion = (): Promise<Uint8Array> =>
    exportRowModel(engine, p, [1, frames, seenCount(net)], (_, seen: Tf.Tensor3D) =>
      judge(p, follow(p, seen, net, false)),
    );
  const [batches, masks] = [rng.fork('batches'), rng.fork('dropout')];
  const counterpartsOf = counterpartsIn(train);
  const trained = await trainLoop({
    name: 'judge',
    work,
    trainer,
    parameters: p,
    steps,
    rngs: [batches, masks],
    batch: (step) => ({
      ...drawBatch(train, counterpartsOf, preset, batches),
      hide: dropMask(windows * hidden, dropRate, masks),
      learningRate: cosineRate(rate, step, steps),
    }),
    validation: {
      everySteps: stepsPerCheck,
      patience,
      error: async () => validationError(await motion(), validation, preset),
    },
  });
  return { motion: await motion(), info: { ...trained, batchSize: windows, learningRate: rate } };
}

/** Pairs of windows (`counterpartsIn`), from the same frame on and varied alike. */
function drawBatch(
  { real, fake }: Lessons,
  counterpartsOf: Counterparts<Seen>,
  { net, frames, judge: { windows } }: Preset,
  rng: Rng,
): { seen: Float32Array; y: Float32Array } {
  const width = seenCount(net);
  const size = frames * width;
  const seen = new Float32Array(windows * size);
  const y = new Float32Array(windows);
  for (let i = 0; i < windows; i += 2) {
    const realFirst = i % 4 === 0;
    const one = rng.pick(realFirst ? real : fake);
    const other = rng.pick(counterpartsOf(one, realFirst ? 'fake' : 'real'));
    const start = rng.int(Math.min(one.frameCount, other.frameCount) - frames + 1) * width;
    const copy = rng.int(copyCount);
    seen.set(one.copies[copy]!.subarray(start, start + size), i * size);
    seen.set(other.copies[copy]!.subarray(start, start + size), (i + 1) * size);
    y[realFirst ? i + 1 : i] = 1;
  }
  return { seen, y };
}

/** `probabilityError` over clips. */
async function validationError(file: Uint8Array, lessons: Lessons, { net, frames }: Preset): Promise<number> {
  const motion = await openMotion(file, net, frames);
  const logitsOf = async (some: Seen[]): Promise<number[]> => {
    const logits: number[] = [];
    for (const { copies } of some) logits.push(await scoreSeen(motion, copies[0]!));
    return logits;
  };
  const error = probabilityError({ real: await logitsOf(lessons.real), fake: await logitsOf(lessons.fake) });
  motion.network.close();
  return error;
}

/** Trains the networks of `sync-own` on genuine clips of people who are in no other part of the experiment. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../compute/engine.ts';
import { createParameters, type Parameters } from '../compute/parameters.ts';
import { exportRowModel } from '../compute/rows.ts';
import { cosineRate } from '../compute/cosine-rate.ts';
import { trainLoop } from '../compute/train-loop.ts';
import { mfccCount } from '../dsp/mfcc.ts';
import { ItemError } from '../errors.ts';
import { defineJob } from '../pipeline/job.ts';
import { createRng, type Rng } from '../random.ts';
import type { Clip, Model } from '../types.ts';
import {
  belonging,
  cropShape,
  featureCount,
  framesSeen,
  hear,
  rowsHeard,
  seeCrop,
  soundShape,
  weighFrames,
} from './own-net.ts';
import { ownNetNames, type OwnNetName, rowShapes } from './own-nets.ts';
import { prepare, type Prepared, putSound } from './own-windows.ts';
import { readClip } from './sync-input.ts';
import { drawVariation, varyCrop } from './variation.ts';

/** Stretches of a batch, and frames of each that are told apart; the frames around them are looked at too. */
const stretches = 6;
const length = 20;
const seenFrames = length + framesSeen - 1;
const highestRate = 2e-3;
const cropValues = cropShape[0] * cropShape[1];
const soundValues = rowsHeard * mfccCount;

export const trainSyncOwn = defineJob({
  name: 'train-sync-own',
  module: import.meta.url,
  threads: 1,
  async run({ clips, steps, seed }: { clips: Clip[]; steps: number; seed: number }, work): Promise<Model> {
    const { openEngine } = await import('../compute/engine.ts');
    const rng = createRng(seed, 'sync-own');
    const { lessons, leftOut } = await readLessons(clips);
    const engine = await openEngine({ threads: 1 });
    const parameters = createParameters(engine.tf, rng.fork('weights'));
    const trainer = await compile(engine, parameters);
    const batches = rng.fork('batches');
    const training = await trainLoop({
      name: 'sync-own',
      work,
      trainer,
      parameters,
      steps,
      rngs: [batches],
      batch: (step) => ({
        ...drawBatch(lessons, batches),
        learningRate: cosineRate(highestRate, step, steps),
      }),
    });
    const nets = await exportNets(engine, parameters);
    const files: Model['files'] = {};
    for (const name of ownNetNames) {
      await writeFile(join(work.folder, `${name}.onnx`), nets[name]);
      files[name] = await work.keep(`${name}.onnx`);
    }
    return { files, info: { ...training, steps, clips: lessons.length, leftOut } };
  },
});

/** Throws ItemError E_NOT_APPLICABLE when no clip can be learned from. */
async function readLessons(clips: Clip[]): Promise<{ lessons: Prepared[]; leftOut: number }> {
  const lessons: Prepared[] = [];
  for (const clip of clips) {
    try {
      const lesson = prepare(await readClip(clip));
      if (lesson.crops.length >= seenFrames) lessons.push(lesson);
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
    }
  }
  if (lessons.length > 0) return { lessons, leftOut: clips.length - lessons.length };
  throw new ItemError(
    'E_NOT_APPLICABLE',
    `none of the ${clips.length} clips for measuring has sound, a face track and ${seenFrames} frames`,
  );
}

function compile({ tf, compile: compileStep }: Engine, parameters: Parameters) {
  return compileStep({
    parameters,
    inputs: {
      crops: { shape: [stretches * seenFrames, ...cropShape] },
      sounds: { shape: [stretches * length, ...soundShape] },
      learningRate: { shape: [] },
    },
    loss: ({ crops, sounds }) => {
      const seen = tf.reshape(seeCrop(parameters, crops), [stretches, seenFrames, featureCount]);
      // Neighbourhoods by shifting the whole: each crop is seen once and weighed nine times.
      const shifted = Array.from({ length: framesSeen }, (_, i) =>
        tf.reshape(tf.slice(seen, [0, i, 0], [stretches, length, featureCount]), [
          stretches * length,
          1,
          featureCount,
        ]),
      );
      const picture = weighFrames(parameters, tf.concat(shifted, 1) as never);
      return { loss: belonging(parameters, picture, hear(parameters, sounds), length) };
    },
    optimizer: { kind: 'adam' },
  });
}

/** Stretches anywhere in the clips, all crops of a stretch varied alike. */
function drawBatch(clips: readonly Prepared[], rng: Rng): { crops: Float32Array; sounds: Float32Array } {
  const crops = new Float32Array(stretches * seenFrames * cropValues);
  const sounds = new Float32Array(stretches * length * soundValues);
  const before = (framesSeen - 1) / 2;
  for (let s = 0; s < stretches; s++) {
    const clip = rng.pick(clips);
    const start = before + rng.int(clip.crops.length - seenFrames + 1);
    const variation = drawVariation(rng);
    for (let i = 0; i < seenFrames; i++)
      crops.set(varyCrop(clip.crops[start - before + i]!, variation), (s * seenFrames + i) * cropValues);
    for (let i = 0; i < length; i++) putSound(sounds, (s * length + i) * soundValues, clip, start + i);
  }
  return { crops, sounds };
}

async function exportNets(engine: Engine, parameters: Parameters): Promise<Record<OwnNetName, Uint8Array>> {
  return {
    see: await exportRowModel(engine, parameters, rowShapes.see, seeCrop),
    weigh: await exportRowModel(engine, parameters, rowShapes.weigh, weighFrames),
    hear: await exportRowModel(engine, parameters, rowShapes.hear, hear),
  };
}

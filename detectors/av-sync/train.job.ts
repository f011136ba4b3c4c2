/** Trains the pair on genuine clips alone; the weights with the least loss on validation are kept. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { cosineRate } from '../../src/compute/cosine-rate.ts';
import type { Engine } from '../../src/compute/engine.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { exportRowModel } from '../../src/compute/rows.ts';
import { trainLoop } from '../../src/compute/train-loop.ts';
import { ItemError, UserError } from '../../src/errors.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng, type Rng } from '../../src/random.ts';
import { leastRows } from '../../src/sync/offsets.ts';
import { readClip } from '../../src/sync/sync-input.ts';
import { drawVariation, varyCrop } from '../../src/sync/variation.ts';
import type { Clip, FileRef, Work } from '../../src/types.ts';
import { openNets, pictureValues, rowShapes, soundValues } from './nets.ts';
import {
  contrast,
  contrastOf,
  embed,
  embeddingCount,
  framesSeen,
  pictureShape,
  soundShape,
} from './network.ts';
import { type Preset, presets } from './presets.ts';
import { prepare, type Prepared, putPicture, putSound } from './windows.ts';

type Input = { train: Clip[]; validation: Clip[]; preset: keyof typeof presets; seed: number };
type Output = { picture: FileRef; sound: FileRef; info: Record<string, unknown> };
type Nets = { picture: Uint8Array; sound: Uint8Array };

/** Clips of a batch, and moments of each that are told apart. */
const clipsPerBatch = 6;
const moments = 16;
const highestRate = 2e-3;

export const trainAvSync = defineJob<Input, Output>({
  name: 'train-av-sync',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ train, validation, preset, seed }, work) {
    const { openEngine } = await import('../../src/compute/engine.ts');
    const [shown, held] = [await readAll(train, 'train'), await readAll(validation, 'validation')];
    const engine = await openEngine({ threads: 1 });
    const rng = createRng(seed, 'av-sync');
    const { nets, info } = await learn(engine, shown.clips, held.clips, presets[preset], rng, work);
    await writeFile(join(work.folder, 'picture.onnx'), nets.picture);
    await writeFile(join(work.folder, 'sound.onnx'), nets.sound);
    return {
      picture: await work.keep('picture.onnx'),
      sound: await work.keep('sound.onnx'),
      info: { ...info, clips: shown.clips.length, leftOut: shown.leftOut + held.leftOut },
    };
  },
});

async function readAll(clips: Clip[], split: string): Promise<{ clips: Prepared[]; leftOut: number }> {
  const read: Prepared[] = [];
  for (const clip of clips) {
    try {
      const prepared = prepare(await readClip(clip));
      if (prepared.count >= leastRows) read.push(prepared);
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
    }
  }
  if (read.length > 0) return { clips: read, leftOut: clips.length - read.length };
  throw new UserError(
    `detector "av-sync" cannot learn: of ${clips.length} genuine clips of split "${split}" none has sound, a face track and ${leastRows + framesSeen - 1} frames. Add such clips, or leave the detector out`,
  );
}

async function learn(
  engine: Engine,
  train: Prepared[],
  validation: Prepared[],
  { steps, stepsPerCheck }: Preset,
  rng: Rng,
  work: Work,
): Promise<{ nets: Nets; info: Record<string, unknown> }> {
  const { tf } = engine;
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const parameters = createParameters(tf, rng.fork('weights'));
  const trainer = await engine.compile({
    parameters,
    inputs: {
      pictures: { shape: [clipsPerBatch * moments, ...pictureShape] },
      sounds: { shape: [clipsPerBatch * moments, ...soundShape] },
      learningRate: { shape: [] },
    },
    loss: ({ pictures, sounds }) => ({
      loss: contrast(tf, embed(parameters, 'picture', pictures), embed(parameters, 'sound', sounds), moments),
    }),
    optimizer: { kind: 'adam' },
  });
  const batches = rng.fork('batches');
  const training = await trainLoop({
    name: 'av-sync',
    work,
    trainer,
    parameters,
    steps,
    rngs: [batches],
    batch: (step) => ({
      ...drawBatch(train, batches),
      learningRate: cosineRate(highestRate, step, steps),
    }),
    validation: {
      everySteps: stepsPerCheck,
      error: async () => validationLoss(await exportNets(engine, parameters), validation),
    },
  });
  return { nets: await exportNets(engine, parameters), info: { ...training, steps } };
}

/** `moments` windows of one clip after the other, all of a clip varied alike. */
function drawBatch(clips: readonly Prepared[], rng: Rng): { pictures: Float32Array; sounds: Float32Array } {
  const pictures = new Float32Array(clipsPerBatch * moments * pictureValues);
  const sounds = new Float32Array(clipsPerBatch * moments * soundValues);
  for (let c = 0; c < clipsPerBatch; c++) {
    const clip = rng.pick(clips);
    const variation = drawVariation(rng);
    const varied = clip.pictures.map((picture) => varyCrop(picture, variation));
    const places = rng.shuffle(Array.from({ length: clip.count }, (_, i) => i)).slice(0, moments);
    for (const [m, place] of places.entries()) {
      putPicture(pictures, (c * moments + m) * pictureValues, varied, place);
      putSound(sounds, (c * moments + m) * soundValues, clip, place);
    }
  }
  return { pictures, sounds };
}

async function exportNets(engine: Engine, parameters: Parameters): Promise<Nets> {
  const one = (side: keyof Nets): Promise<Uint8Array> =>
    exportRowModel(engine, parameters, rowShapes[side], (p, x: Tf.Tensor4D) => embed(p, side, x));
  return { picture: await one('picture'), sound: await one('sound') };
}

/** The loss of `contrast` on evenly spaced moments of each clip, mean over clips. */
async function validationLoss(files: Nets, clips: readonly Prepared[]): Promise<number> {
  const nets = await openNets(files);
  let sum = 0;
  for (const clip of clips) {
    const [picture, sound] = [await nets.seeWindows(clip), await nets.hearWindows(clip)];
    const places = Array.from({ length: moments }, (_, m) => Math.floor((m * clip.count) / moments));
    sum += contrastOf(rowsAt(picture, places), rowsAt(sound, places));
  }
  nets.close();
  return sum / clips.length;
}

const rowsAt = (rows: Float32Array, places: readonly number[]): Float32Array[] =>
  places.map((place) => rows.subarray(place * embeddingCount, (place + 1) * embeddingCount));

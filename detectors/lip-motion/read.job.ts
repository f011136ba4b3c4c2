/** Teaches both networks to read visemes from genuine clips whose phones are known to the moment. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { cosineRate } from '../../src/compute/cosine-rate.ts';
import type { Engine } from '../../src/compute/engine.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { concat, exportRowModel, openRowModel, runRows } from '../../src/compute/rows.ts';
import { ItemError, UserError } from '../../src/errors.ts';
import { surpriseOf } from '../../src/learn/surprise.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng, type Rng } from '../../src/random.ts';
import { visemeCount, visemesOf } from '../../src/speech/visemes.ts';
import { drawVariation, varyCrop } from '../../src/sync/variation.ts';
import { writeTensors } from '../../src/tensors.ts';
import type { Clip, FileRef, Model, Work } from '../../src/types.ts';
import { lookShape, picturesOf, readMouth, windowStarts } from './mouths.ts';
import { follow, lookAt, pictureShape, readVisemes, seenCount } from './network.ts';
import { type Preset, presets } from './presets.ts';

type Input = { train: Clip[]; validation: Clip[]; preset: keyof typeof presets; seed: number };
/** `look`: the first network. `weights`: of both, for the second to go on from. */
export type Reader = { look: FileRef; weights: FileRef; info: Model['info'] };
type Spoken = { crops: Float32Array[]; visemes: Int32Array };

export const learnToRead = defineJob<Input, Reader>({
  name: 'lip-motion-read',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ train, validation, preset, seed }, work) {
    const { openEngine } = await import('../../src/compute/engine.ts');
    const { createParameters } = await import('../../src/compute/parameters.ts');
    const settings = presets[preset];
    const shown = await readAll(train, settings, 'train');
    const held = await readAll(validation, settings, 'validation');
    const rng = createRng(seed, 'lip-motion', 'read');
    const engine = await openEngine({ threads: 1 });
    const p = createParameters(engine.tf, rng.fork('weights'));
    const info = await learn(engine, p, settings, { shown, held, rng, work });
    const { net } = settings;
    const look = await exportRowModel(engine, p, lookShape(net), (_, x: Tf.Tensor4D) =>
      lookAt(p, x, net, false),
    );
    await writeFile(join(work.folder, 'look.onnx'), look);
    await writeTensors(join(work.folder, 'weights'), p.toTensors());
    return { look: await work.keep('look.onnx'), weights: await work.keep('weights'), info };
  },
});

/** A clip whose sound is another's says nothing of what its lips say. */
async function readAll(clips: Clip[], { net, frames }: Preset, split: string): Promise<Spoken[]> {
  const spoken: Spoken[] = [];
  for (const clip of clips) {
    const { phones, media, labels } = clip;
    if (!phones || !media.video || labels.pairing === 'fake') continue;
    try {
      const crops = await readMouth(openClip(clip), net, frames);
      spoken.push({ crops, visemes: visemesOf(phones, media.video.fps, crops.length) });
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
    }
  }
  if (spoken.length > 0) return spoken;
  throw new UserError(
    `detector "lip-motion" cannot learn to read lips: of ${clips.length} genuine clips of split "${split}" none has a face track, the times of its phones and ${frames} frames. Add such clips, or leave the detector out`,
  );
}

async function learn(
  engine: Engine,
  p: Parameters,
  preset: Preset,
  { shown, held, rng, work }: { shown: Spoken[]; held: Spoken[]; rng: Rng; work: Work },
): Promise<Model['info']> {
  const { trainLoop } = await import('../../src/compute/train-loop.ts');
  const { tf } = engine;
  const { net, frames, read } = preset;
  const logits = (x: Tf.Tensor4D, training: boolean): Tf.Tensor2D => {
    const seen: Tf.Tensor3D = tf.reshape(lookAt(p, x, net, training), [-1, frames, seenCount(net)]);
    return readVisemes(p, follow(p, seen, net, training));
  };
  const trainer = await engine.compile({
    parameters: p,
    inputs: {
      x: { shape: [read.windows * frames, ...pictureShape(net)] },
      y: { shape: [read.windows * frames, visemeCount] },
      learningRate: { shape: [] },
    },
    loss: ({ x, y }) => ({ loss: tf.losses.softmaxCrossEntropy(y, logits(x, true)) }),
    optimizer: { kind: 'adam' },
  });
  const judged = async (): Promise<Reading> => {
    const shape = [frames, ...pictureShape(net)] as const;
    const network = await exportRowModel(engine, p, shape, (_, x: Tf.Tensor4D) => logits(x, false));
    return readingOf(network, held, preset);
  };
  const batches = rng.fork('batches');
  const trained = await trainLoop({
    name: 'read',
    work,
    trainer,
    parameters: p,
    steps: read.steps,
    rngs: [batches],
    batch: (step) => ({
      ...drawBatch(shown, preset, batches),
      learningRate: cosineRate(read.rate, step, read.steps),
    }),
    validation: {
      everySteps: read.stepsPerCheck,
      patience: read.patience,
      error: async () => (await judged()).surprise,
    },
  });
  return { ...trained, clips: shown.length, accuracy: (await judged()).accuracy };
}

/** Windows anywhere in the clips, each varied in its own way, and what is spoken in their frames, one-hot. */
function drawBatch(
  spoken: readonly Spoken[],
  { net, frames, read: { windows } }: Preset,
  rng: Rng,
): { x: Float32Array; y: Float32Array } {
  const pictures: Float32Array[] = [];
  const y = new Float32Array(windows * frames * visemeCount);
  for (let w = 0; w < windows; w++) {
    const { crops, visemes } = rng.pick(spoken);
    const start = rng.int(crops.length - frames + 1);
    const variation = drawVariation(rng);
    const varied = crops.map((crop, t) =>
      t >= start - net.reach && t < start + frames + net.reach ? varyCrop(crop, variation, net.window) : crop,
    );
    pictures.push(picturesOf(varied, net, start, frames));
    for (let t = 0; t < frames; t++) y[(w * frames + t) * visemeCount + visemes[start + t]!] = 1;
  }
  return { x: concat(pictures), y };
}

/** `surprise`: mean −log of the probability of what is spoken, over frames. `accuracy`: share of frames where it is the likeliest. */
type Reading = { surprise: number; accuracy: number };

async function readingOf(
  file: Uint8Array,
  spoken: readonly Spoken[],
  { net, frames }: Preset,
): Promise<Reading> {
  const model = await openRowModel(file, [frames, ...pictureShape(net)]);
  let [surprise, right, count] = [0, 0, 0];
  for (const { crops, visemes } of spoken)
    for (const start of windowStarts(crops.length, frames)) {
      const logits = await runRows(model, picturesOf(crops, net, start, frames));
      for (let t = 0; t < frames; t++) {
        const row = logits.subarray(t * visemeCount, (t + 1) * visemeCount);
        const own = row[visemes[start + t]!]!;
        surprise += surpriseOf(own, row);
        if (own === Math.max(...row)) right++;
        count++;
      }
    }
  model.network.close();
  return { surprise: surprise / count, accuracy: right / count };
}

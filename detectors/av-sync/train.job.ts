/** Trains the pair on genuine clips alone; the checkpoint that finds lips and sound together most confidently on validation is kept. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../src/compute/engine.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { ItemError, UserError } from '../../src/errors.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng, type Rng } from '../../src/random.ts';
import { leastRows } from '../../src/sync/offsets.ts';
import { readClip, type SyncInput } from '../../src/sync/sync-input.ts';
import { syncOf } from '../../src/sync/sync-net.ts';
import { drawVariation, varyCrop } from '../../src/sync/variation.ts';
import type { Clip, FileRef } from '../../src/types.ts';
import { embedBatch, openNets, pictureValues, soundValues } from './nets.ts';
import { contrast, embed, framesSeen, pictureShape, soundShape } from './network.ts';
import { type Preset, presets } from './presets.ts';
import { prepare, type Prepared, putPicture, putSound } from './windows.ts';

type Input = { train: Clip[]; validation: Clip[]; preset: keyof typeof presets; seed: number };
type Output = { picture: FileRef; sound: FileRef; info: Record<string, unknown> };
type Nets = { picture: Uint8Array; sound: Uint8Array };

/** Clips of a batch, and moments of each that are told apart. */
const clipsPerBatch = 6;
const moments = 16;
const highestRate = 2e-3;
/** As many as the offsets that are compared need. */
const leastFrames = framesSeen - 1 + leastRows;

export const trainAvSync = defineJob<Input, Output>({
  name: 'train-av-sync',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ train, validation, preset, seed }, work) {
    const { openEngine } = await import('../../src/compute/engine.ts');
    const { createParameters } = await import('../../src/compute/parameters.ts');
    const rng = createRng(seed, 'av-sync');
    const [shown, held] = [await readAll(train, 'train'), await readAll(validation, 'validation')];
    const lessons = shown.inputs.map(prepare);
    const engine = await openEngine({ threads: 1 });
    const parameters = createParameters(engine.tf, rng.fork('weights'));
    const { nets, info } = await learn(
      engine,
      parameters,
      lessons,
      held.inputs,
      presets[preset],
      rng,
      work.progress,
    );
    await writeFile(join(work.folder, 'picture.onnx'), nets.picture);
    await writeFile(join(work.folder, 'sound.onnx'), nets.sound);
    return {
      picture: await work.keep('picture.onnx'),
      sound: await work.keep('sound.onnx'),
      info: { ...info, clips: lessons.length, leftOut: shown.leftOut + held.leftOut },
    };
  },
});

async function readAll(clips: Clip[], split: string): Promise<{ inputs: SyncInput[]; leftOut: number }> {
  const inputs: SyncInput[] = [];
  for (const clip of clips) {
    try {
      const input = await readClip(clip);
      if (input.crops.length >= leastFrames) inputs.push(input);
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
    }
  }
  if (inputs.length > 0) return { inputs, leftOut: clips.length - inputs.length };
  throw new UserError(
    `detector "av-sync" cannot learn: of ${clips.length} genuine clips of split "${split}" none has sound, a face track and ${leastFrames} frames. Add such clips, or leave the detector out`,
  );
}

async function learn(
  engine: Engine,
  parameters: Parameters,
  train: Prepared[],
  validation: SyncInput[],
  { steps, stepsPerCheck }: Preset,
  rng: Rng,
  progress: (fraction: number, note: string) => void,
): Promise<{ nets: Nets; info: Record<string, unknown> }> {
  const { tf } = engine;
  const inputs = {
    pictures: { shape: [clipsPerBatch * moments, ...pictureShape] },
    sounds: { shape: [clipsPerBatch * moments, ...soundShape] },
    learningRate: { shape: [] },
  } as const;
  const trainer = await engine.compile({
    parameters,
    inputs,
    loss: ({ pictures, sounds }) => ({
      loss: contrast(tf, embed(parameters, 'picture', pictures), embed(parameters, 'sound', sounds), moments),
    }),
    optimizer: { kind: 'adam' },
  });
  const batches = rng.fork('batches');
  const losses: [step: number, value: number][] = [];
  const checks: [step: number, value: number][] = [];
  let best: { nets: Nets; step: number; confidence: number } | undefined;
  for (let step = 1; step <= steps; step++) {
    const learningRate = highestRate * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps));
    const { loss } = await trainer.step({ ...drawBatch(train, batches), learningRate });
    losses.push([step, loss]);
    progress(step / steps, `loss ${loss.toFixed(2)}`);
    if (step % stepsPerCheck !== 0 && step !== steps) continue;
    await trainer.sync();
    const nets = await exportNets(engine, parameters);
    const confidence = await meanConfidence(nets, validation);
    checks.push([step, confidence]);
    if (!best || confidence > best.confidence) best = { nets, step, confidence };
  }
  trainer.dispose();
  return { nets: best!.nets, info: { losses, validationConfidence: checks, chosenStep: best!.step, steps } };
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

async function exportNets({ export: exportModel }: Engine, parameters: Parameters): Promise<Nets> {
  const one = (side: keyof Nets, shape: readonly number[]): Promise<Uint8Array> =>
    exportModel({
      inputs: { x: { shape: [embedBatch, ...shape] as [number, number, number, number] } },
      outputs: ({ x }) => ({ y: embed(parameters, side, x) }),
      parameters,
    });
  return { picture: await one('picture', pictureShape), sound: await one('sound', soundShape) };
}

async function meanConfidence(files: Nets, inputs: readonly SyncInput[]): Promise<number> {
  const nets = await openNets(files);
  let sum = 0;
  for (const input of inputs) sum += (await syncOf(nets, input)).confidence;
  nets.close();
  return sum / inputs.length;
}

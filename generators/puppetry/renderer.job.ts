/**
 * Trains the renderer on the `fit` footage of every target: the two networks together for all (a stated deviation: the paper
 * trains them for one target), a texture for each. That footage is never scored and no detector sees it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs';
import { cropFrame } from '../../src/faces/composite.ts';
import { readTrack } from '../../src/head/track.ts';
import type { Box, TrackFrame } from '../../src/head/track.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { Rng } from '../../src/random.ts';
import { writeTensors } from '../../src/tensors.ts';
import type { Clip, FileRef, Frame, Work } from '../../src/types.ts';
import type { Settings } from './options.ts';
import { personOf } from './plan.ts';
import { renderBatch } from './puppet.ts';
import { rendererLoss } from './renderer-loss.ts';
import { renderWindows } from './renderer-net.ts';
import { addColours, createColourSum, meanColours, rowsOf, textureChannels, textureSize } from './texture.ts';
import type { ColourSum } from './texture.ts';
import { faceImage, placeOf, stageOf } from './window.ts';
import type { Stage } from './window.ts';

/** Clips of `use: 'fit'` with a track, of all targets. */
type Input = { clips: Clip[]; settings: Settings['renderer']; seed: number };
/** `textures`: one tensor [size, size, 16] per person under their name. */
type Output = { net: FileRef; textures: FileRef; info: Record<string, unknown> };

/** One frame to learn from; only the window is kept of the picture. */
type Example = TrackFrame & { person: number; picture: Frame };
type Footage = { people: string[]; stages: Stage[]; colours: ColourSum[]; examples: Example[][] };

const highestRate = 2e-3;
/** Spread of the thirteen channels that do not start as colours. */
const textureSpread = 0.1;
/** How much a pixel around the mouth counts beside one elsewhere in the hole. */
const mouthWeight = 3;
/** Every how many frames colours are gathered for the textures' start. */
const colourStride = 10;

export const trainRenderer = defineJob<Input, Output>({
  name: 'puppetry-renderer',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ clips, settings, seed }: Input, work: Work): Promise<Output> {
  const { openEngine } = await import('../../src/compute/engine.ts');
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const { sampleTexture } = await import('../../src/compute/texture.ts');
  const rng = createRng(seed, 'puppetry', 'renderer');
  const footage = await readFootage(clips, settings);
  const { sizePx, width, batch, steps } = settings;
  const size = textureSize(settings.textureColumns);
  const { columns } = size;
  const rows = rowsOf(size);
  const engine = await openEngine({ threads: 1 });
  const { tf } = engine;
  const p = createParameters(tf, rng.fork('weights'));
  const textureShape = [footage.people.length * rows, columns, textureChannels];
  p.load({ texture: { shape: textureShape, data: firstTextures(footage, rng.fork('texture')) } });
  const picture = [batch, sizePx, sizePx] as const;
  const trainer = await engine.compile({
    parameters: p,
    inputs: {
      indices: { shape: [batch * sizePx * sizePx, 4], dtype: 'int32' },
      weights: { shape: [batch * sizePx * sizePx, 4] },
      truth: { shape: [...picture, 3] },
      face: { shape: [...picture, 1] },
      hole: { shape: [...picture, 1] },
      weight: { shape: [...picture, 1] },
      learningRate: { shape: [] },
    },
    loss: (inputs) => {
      const { truth, face, hole, weight } = inputs;
      const texture = p.get('texture', textureShape, 'zeros');
      const sampled = sampleTexture(tf, texture, inputs.indices, inputs.weights);
      const features: Tensor4D = tf.reshape(sampled, [...picture, textureChannels]);
      const background: Tensor4D = tf.mul(truth, tf.sub(1, hole));
      const rendered = renderWindows(tf, p, { features, face, background }, width);
      return rendererLoss(tf, rendered, { truth, face, hole, weight });
    },
    optimizer: { kind: 'adam', beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
  });
  const curve: Record<string, number>[] = [];
  for (let step = 1; step <= steps; step++) {
    const learningRate = highestRate * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps));
    const { loss, metrics } = await trainer.step({ ...drawBatch(footage, settings, rng), learningRate });
    work.progress(step / steps, `loss ${loss.toFixed(2)}`);
    if (step === 1 || step % Math.ceil(steps / 20) === 0) curve.push({ step, loss, ...metrics });
  }
  await trainer.sync();
  trainer.dispose();
  const inference = [renderBatch, sizePx, sizePx] as const;
  const bytes = await engine.export({
    inputs: {
      features: { shape: [...inference, textureChannels] },
      face: { shape: [...inference, 1] },
      background: { shape: [...inference, 3] },
    },
    outputs: (inputs) => {
      const { features, face, background } = inputs as unknown as Record<
        'features' | 'face' | 'background',
        Tensor4D
      >;
      return { picture: renderWindows(tf, p, { features, face, background }, width).final };
    },
    parameters: p,
  });
  await writeFile(join(work.folder, 'renderer.onnx'), bytes);
  const values = rows * columns * textureChannels;
  const all = p.toTensors()['texture']!.data as Float32Array;
  await writeTensors(
    join(work.folder, 'textures.safetensors'),
    Object.fromEntries(
      footage.people.map((person, i) => [
        person,
        { shape: [rows, columns, textureChannels], data: all.slice(i * values, (i + 1) * values) },
      ]),
    ),
  );
  const frames = footage.examples.reduce((sum, examples) => sum + examples.length, 0);
  return {
    net: await work.keep('renderer.onnx'),
    textures: await work.keep('textures.safetensors'),
    info: { people: footage.people.length, frames, curve },
  };
}

/** Decodes the clips and keeps each frame's window; gathers the colours that each texture starts from. */
async function readFootage(
  clips: Clip[],
  { sizePx, textureColumns }: Settings['renderer'],
): Promise<Footage> {
  const { decodeFrames } = await import('../../src/media/decode.ts');
  const footage: Footage = { people: [], stages: [], colours: [], examples: [] };
  for (const clip of clips) {
    const track = await readTrack(clip.track!.path);
    let person = footage.people.indexOf(personOf(clip));
    if (person < 0) {
      person = footage.people.push(personOf(clip)) - 1;
      footage.stages.push(stageOf(track, textureSize(textureColumns)));
      footage.colours.push(createColourSum(footage.stages[person]!.space));
      footage.examples.push([]);
    }
    const stage = footage.stages[person]!;
    let t = 0;
    for await (const frame of decodeFrames(clip.media.path, { frameCount: track.frames.length })) {
      const { pose, expression } = track.frames[t]!;
      const place = placeOf(stage, pose, sizePx);
      const picture = cropFrame(frame, place.window);
      footage.examples[person]!.push({ person, picture, pose, expression });
      if (t % colourStride === 0) {
        addColours(footage.colours[person]!, faceImage(stage, pose, expression, place).table, picture);
      }
      t++;
    }
  }
  return footage;
}

/** All textures, one below the other: mean colours in the first three channels, noise in the rest. */
function firstTextures({ colours }: Footage, rng: Rng): Float32Array {
  const parts = colours.map((sum) => {
    const mean = meanColours(sum);
    return Float32Array.from({ length: sum.weight.length * textureChannels }, (_, i) => {
      const channel = i % textureChannels;
      const texel = (i - channel) / textureChannels;
      return channel < 3 ? mean[texel * 3 + channel]! : rng.normal(0, textureSpread);
    });
  });
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.forEach((part, i) => all.set(part, i * part.length));
  return all;
}

/** Random frames, each person equally likely. */
function drawBatch({ stages, examples }: Footage, settings: Settings['renderer'], rng: Rng) {
  const { sizePx, textureColumns, batch } = settings;
  const size = textureSize(textureColumns);
  const pixels = sizePx * sizePx;
  const inputs = {
    indices: new Int32Array(batch * pixels * 4),
    weights: new Float32Array(batch * pixels * 4),
    truth: new Float32Array(batch * pixels * 3),
    face: new Float32Array(batch * pixels),
    hole: new Float32Array(batch * pixels),
    weight: new Float32Array(batch * pixels),
  };
  for (let i = 0; i < batch; i++) {
    const { person, picture, pose, expression } = rng.pick(rng.pick(examples));
    const stage = stages[person]!;
    const place = placeOf(stage, pose, sizePx);
    const { table, face, mouth } = faceImage(stage, pose, expression, place);
    const firstTexel = person * rowsOf(size) * size.columns;
    inputs.indices.set(
      table.indices.map((texel) => texel + firstTexel),
      i * pixels * 4,
    );
    inputs.weights.set(table.weights, i * pixels * 4);
    inputs.face.set(face, i * pixels);
    inputs.hole.set(place.hole, i * pixels);
    inputs.weight.set(weightOf(place.hole, mouth, sizePx), i * pixels);
    inputs.truth.set(
      Float32Array.from(picture.data, (value) => value / 127.5 - 1),
      i * pixels * 3,
    );
  }
  return inputs;
}

function weightOf(hole: Float32Array, { x, y, width, height }: Box, sizePx: number): Float32Array {
  return hole.map((inside, i) => {
    const [column, row] = [i % sizePx, Math.floor(i / sizePx)];
    const inMouth = column >= x && column <= x + width && row >= y && row <= y + height;
    return inside * (inMouth ? mouthWeight : 1);
  });
}

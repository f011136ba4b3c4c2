/** Trains one network on the `fit` footage of some people, which is never scored and no detector sees. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { cosineRate } from '../../src/compute/cosine-rate.ts';
import type { Engine } from '../../src/compute/engine.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import { writeTensors } from '../../src/tensors.ts';
import type { Clip, FileRef, Work } from '../../src/types.ts';
import { drawBatch, emptyBatch, type Footage, meanLook, readFootage } from './footage.ts';
import { swapLoss } from './loss.ts';
import { type Settings } from './options.ts';
import { decodePair, encodePair, type Person } from './pair-nets.ts';
import { centred, decodeShared, encodeShared } from './shared-net.ts';
import { type SwapFiles } from './swapper.ts';

/** `people`: two for the networks of pairs. Clips of `use: 'fit'` with a track. */
type Input = { people: string[]; clips: Clip[]; settings: Settings; seed: number };
type Output = { files: SwapFiles; info: Record<string, unknown> };

/** Of the training: faces are distorted at first, so that the encoder learns what a face does and not whose it is; then they become sharp. */
const warpedShare = 0.7;

export const trainSwap = defineJob<Input, Output>({
  name: 'face-swap-train',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ people, clips, settings, seed }: Input, work: Work): Promise<Output> {
  const { openEngine } = await import('../../src/compute/engine.ts');
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const { trainLoop } = await import('../../src/compute/train-loop.ts');
  const { net, steps, rate } = settings;
  const rng = createRng(seed, 'face-swap', ...people);
  const footage = await readFootage(clips, people, net.sizePx);
  const engine = await openEngine({ threads: 1 });
  const p = createParameters(engine.tf, rng.fork('weights'));
  if (net.form === 'shared') p.load({ 'person/look': firstLooks(footage, net.sizePx) });
  const trainer = await compileStep(engine, p, settings, people.length);
  const inputs = emptyBatch(settings, people.length);
  const batches = rng.fork('batches');
  const training = await trainLoop({
    name: 'face-swap',
    work,
    trainer,
    parameters: p,
    steps,
    rngs: [batches],
    batch(step) {
      drawBatch(inputs, footage, settings, batches, step <= warpedShare * steps);
      return { ...inputs, learningRate: cosineRate(rate, step, steps) };
    },
  });
  const files = await writeNets(engine, p, settings, footage, work);
  return { files, info: { people: people.length, faces: footage.examples.flat().length, ...training } };
}

/** Everybody's mean face and mask as what the sigmoid makes them of. */
function firstLooks(footage: Footage, sizePx: number) {
  const values = sizePx * sizePx * 4;
  const data = new Float32Array(footage.people.length * values);
  for (const person of footage.people.keys())
    data.set(
      meanLook(footage, person, sizePx).map((value) => {
        const open = Math.max(0.02, Math.min(0.98, value));
        return Math.log(open / (1 - open));
      }),
      person * values,
    );
  return { shape: [footage.people.length, values], data };
}

function compileStep({ tf, compile }: Engine, p: Parameters, { net, batch }: Settings, people: number) {
  const faces = batch.people * batch.facesEach;
  const picture = [faces, net.sizePx, net.sizePx] as const;
  const reconstruct = (warped: Tf.Tensor4D, who: Tf.Tensor2D): Tf.Tensor4D => {
    if (net.form === 'shared')
      return decodeShared(p, net, centred(tf, encodeShared(p, net, warped), batch.people), who);
    const found = encodePair(p, net, warped);
    const each = tf.split(found, 2, 0).map((half, person) => decodePair(p, net, half, person as Person));
    return tf.concat(each, 0);
  };
  return compile({
    parameters: p,
    inputs: {
      warped: { shape: [...picture, 3] },
      truth: { shape: [...picture, 3] },
      mask: { shape: [...picture, 1] },
      who: { shape: [faces, people] },
      learningRate: { shape: [] },
    },
    loss: ({ warped, who, truth, mask }) => swapLoss(tf, reconstruct(warped, who), { truth, mask }),
    optimizer: { kind: 'adam', beta1: 0.5, beta2: 0.999, epsilon: 1e-7 },
  });
}

/** The encoder, a decoder per person, and where the shared network's codes are counted from. */
async function writeNets(
  engine: Engine,
  p: Parameters,
  { net }: Settings,
  footage: Footage,
  work: Work,
): Promise<SwapFiles> {
  const { tf } = engine;
  const write = async (name: string, bytes: Uint8Array): Promise<FileRef> => {
    await writeFile(join(work.folder, name), bytes);
    return work.keep(name);
  };
  let codeShape: number[] = [];
  const encoder = await engine.export({
    inputs: { faces: { shape: [1, net.sizePx, net.sizePx, 3] } },
    outputs: ({ faces }) => {
      const code = net.form === 'shared' ? encodeShared(p, net, faces) : encodePair(p, net, faces);
      codeShape = [...code.shape];
      return { code };
    },
    parameters: p,
  });
  const decoders: Record<string, FileRef> = {};
  for (const [i, person] of footage.people.entries()) {
    const bytes = await engine.export({
      inputs: { code: { shape: codeShape } },
      outputs: ({ code }) => {
        const who = tf.oneHot(tf.tensor1d([i], 'int32'), footage.people.length) as Tf.Tensor2D;
        const drawn =
          net.form === 'shared'
            ? decodeShared(p, net, code as Tf.Tensor2D, who)
            : decodePair(p, net, code, i as Person);
        return { face: tf.sigmoid(drawn) };
      },
      parameters: p,
    });
    decoders[person] = await write(`decoder-${i}.onnx`, bytes);
  }
  const files: SwapFiles = { encoder: await write('encoder.onnx', encoder), decoders };
  if (net.form !== 'shared') return files;
  const { meanCodes } = await import('./mean-codes.ts');
  await writeTensors(join(work.folder, 'codes.safetensors'), await meanCodes(encoder, footage, net.sizePx));
  return { ...files, codes: await work.keep('codes.safetensors') };
}

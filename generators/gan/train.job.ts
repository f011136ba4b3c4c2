/** Trains generator and discriminator against each other on the training people's `fit` footage. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { cosineRate } from '../../src/compute/cosine-rate.ts';
import type { Engine } from '../../src/compute/engine.ts';
import type { Parameters } from '../../src/compute/parameters.ts';
import { stopGradient } from '../../src/compute/stop-gradient.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng, type Rng } from '../../src/random.ts';
import type { Clip, Model } from '../../src/types.ts';
import { augment, augmentShapes, drawAugment } from './diff-augment.ts';
import { lossesOf } from './losses.ts';
import { generate, judgeOf, judgePictures } from './networks.ts';
import type { GanNet, Settings } from './options.ts';
import { generateR3, judgeR3 } from './r3gan.ts';
import { portraitsOf } from '../../src/faces/portrait.ts';
import { personOf } from '../../src/pairs.ts';

/** Clips of `use: 'fit'` with a track and a picture. */
type Input = { clips: Clip[]; settings: Settings; seed: number };

/** Every how many frames one is kept: neighbours are nearly alike. */
const frameStride = 3;
/** Portraits drawn at once. */
const drawnAtOnce = 1;

export const trainGan = defineJob<Input, Model>({
  name: 'gan-train',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ clips, settings, seed }, work) {
    const { openEngine } = await import('../../src/compute/engine.ts');
    const { createParameters } = await import('../../src/compute/parameters.ts');
    const { trainLoop } = await import('../../src/compute/train-loop.ts');
    const { net, batch, steps } = settings;
    const byPerson = new Map<string, Uint8Array[]>();
    for await (const { clip, portrait } of portraitsOf(clips, net.sizePx, frameStride))
      byPerson.set(personOf(clip), [...(byPerson.get(personOf(clip)) ?? []), portrait.data]);
    const people = [...byPerson.values()];
    const rng = createRng(seed, 'gan');
    const engine = await openEngine({ threads: 1 });
    const parameters = createParameters(engine.tf, rng.fork('weights'));
    const trainer = await compileStep(engine, parameters, settings);
    const batches = rng.fork('batches');
    const training = await trainLoop({
      name: 'gan',
      work,
      trainer,
      parameters,
      steps,
      rngs: [batches],
      batch: (step) => ({
        real: drawReal(people, batch, net.sizePx, batches),
        latents: Float32Array.from({ length: batch * net.latent }, () => batches.normal()),
        ...drawAugment(batch, net.sizePx, settings.augmented, batches),
        penalty: ramp(settings.penalty, step, settings.rampSteps),
        // At first the average follows fast: it would else remember the weights of the beginning.
        kept: Math.min(0.5 ** (batch / settings.halfLife), step / (step + 10)),
        learningRate: ramp(settings.rate, step, settings.rampSteps),
      }),
    });
    await writeFile(join(work.folder, 'generator.onnx'), await exportAveraged(engine, parameters, settings));
    return {
      files: { generator: await work.keep('generator.onnx') },
      info: { people: people.length, portraits: people.flat().length, ...training },
    };
  },
});

/** One step for both networks. */
function compileStep({ tf, compile }: Engine, p: Parameters, { net, batch, beta2 }: Settings) {
  return compile({
    parameters: p,
    inputs: {
      real: { shape: [batch, net.sizePx, net.sizePx, 3] },
      latents: { shape: [batch, net.latent] },
      ...augmentShapes(batch, net.sizePx),
      penalty: { shape: [] },
      kept: { shape: [] },
      learningRate: { shape: [] },
    },
    loss: ({ real, latents, penalty, kept, ...drawn }) => {
      const change = (pictures: Tf.Tensor4D): Tf.Tensor4D => augment(tf, pictures, drawn);
      const found = lossesOf(p, net, { real, latents, penalty, change });
      average(p, kept);
      return {
        loss: tf.add(found.discriminator, found.generator),
        metrics: { discriminator: found.discriminator, real: tf.mean(found.real), made: tf.mean(found.made) },
      };
    },
    optimizer: { kind: 'adam', beta1: 0, beta2 },
  });
}

/** From the first value to the second along half a cosine, and there it stays. */
function ramp([from, to]: [number, number], step: number, steps: number): number {
  return to + cosineRate(from - to, Math.min(step, steps), steps);
}

const averaged = 'average/';

/** Lets the averages of the generator's weights follow them (as they were before the step). */
function average(p: Parameters, keep: Tf.Scalar): void {
  const { tf } = p;
  for (const [name, weight] of p.trainable()) {
    if (!name.startsWith('generator/')) continue;
    const mean = p.buffer(averaged + name, weight.shape, 'zeros');
    p.assign(mean, tf.add(tf.mul(mean, keep), tf.mul(stopGradient(tf, weight), tf.sub(1, keep))));
  }
}

/** The averaged generator with the moving statistics of its normalisations, and what the discriminator says of each portrait. */
async function exportAveraged(engine: Engine, p: Parameters, { net }: Settings): Promise<Uint8Array> {
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const tensors = p.toTensors();
  const means = createParameters(engine.tf, createRng(0));
  means.load(
    Object.fromEntries(Object.entries(tensors).map(([name, own]) => [name, tensors[averaged + name] ?? own])),
  );
  for (const [name, { shape }] of p.trainable()) means.get(name, shape, 'zeros');
  for (const [name, { shape }] of p.buffers()) means.buffer(name, shape, 'zeros');
  return engine.export({
    inputs: { latents: { shape: [drawnAtOnce, net.latent] } },
    outputs: ({ latents }) => {
      const portraits = drawWith(means, net, latents);
      return { portraits, realism: judgeWith(means, net, portraits) };
    },
    parameters: means,
  });
}

function drawWith(p: Parameters, net: GanNet, latents: Tf.Tensor2D): Tf.Tensor4D {
  return net.form === 'dcgan' ? generate(p, net, latents, false) : generateR3(p, net, latents);
}

function judgeWith(p: Parameters, net: GanNet, portraits: Tf.Tensor4D): Tf.Tensor1D {
  return net.form === 'dcgan'
    ? judgePictures(p.tf, judgeOf(p, net, false), portraits)
    : judgeR3(p, net, portraits);
}

/** Real portraits in [-1, 1], of each person as often, each second one mirrored. */
function drawReal(people: readonly Uint8Array[][], batch: number, sizePx: number, rng: Rng): Float32Array {
  const real = new Float32Array(batch * sizePx * sizePx * 3);
  for (let i = 0; i < batch; i++) {
    const portrait = rng.pick(rng.pick(people));
    const mirrored = rng.uniform() < 0.5;
    for (let pixel = 0; pixel < sizePx * sizePx; pixel++) {
      const column = pixel % sizePx;
      const from = mirrored ? pixel - column + (sizePx - 1 - column) : pixel;
      for (let c = 0; c < 3; c++)
        real[(i * sizePx * sizePx + pixel) * 3 + c] = portrait[from * 3 + c]! / 127.5 - 1;
    }
  }
  return real;
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, openEngine } from '../../src/compute/engine.ts';
import { openModel } from '../../src/compute/model.ts';
import { createParameters, type Parameters } from '../../src/compute/parameters.ts';
import { trainLoop } from '../../src/compute/train-loop.ts';
import { UserError } from '../../src/errors.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng, type Rng } from '../../src/random.ts';
import type { Examples, Model, Work } from '../../src/types.ts';
import { type FrameStore, putFrame, type StoredFrame, storeFrames } from './frames.ts';
import { featureCount, hiddenCount, logitOfBytes, mesoInception4 } from './network.ts';
import { frameShape, judgeFrames } from './judge.ts';
import { type Preset, presets } from './presets.ts';

/** As published. */
const highestRate = 1e-3;
const hiddenDropRate = 0.5;
/** Per clip at most; every check judges all of them. */
const validationFrames = 10;

export const trainMesoInception = defineJob({
  name: 'train-meso-inception',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run(
    { examples, preset, seed }: { examples: Examples; preset: keyof typeof presets; seed: number },
    work,
  ): Promise<Model> {
    const { framesPerClip } = presets[preset];
    const counts = { train: framesPerClip, validation: Math.min(framesPerClip, validationFrames) };
    let clips = 0;
    const total = examples.train.length + examples.validation.length;
    const decoded = (): void => work.progress((0.15 * ++clips) / total, 'reading frames');
    const store = (split: keyof Examples) =>
      storeFrames(
        join(work.folder, `${split}.raw`),
        examples[split],
        counts[split],
        presets[preset],
        decoded,
      );
    const [train, validation] = [await store('train'), await store('validation')];
    try {
      requireBoth(train, 'train');
      requireBoth(validation, 'validation');
      const { network, info } = await trainNetwork(
        train,
        validation,
        presets[preset],
        createRng(seed, 'meso-inception'),
        { ...work, progress: (fraction, note) => work.progress(0.15 + 0.85 * fraction, note) },
      );
      await writeFile(join(work.folder, 'network.onnx'), network);
      return {
        files: { network: await work.keep('network.onnx') },
        info: { ...info, leftOut: train.leftOut + validation.leftOut },
      };
    } finally {
      await train.remove();
      await validation.remove();
    }
  },
});

function requireBoth({ real, fake }: FrameStore, split: string): void {
  if (real.length > 0 && fake.length > 0) return;
  throw new UserError(
    `detector "meso-inception" cannot learn: split "${split}" gave ${real.length} real and ${fake.length} fake frames; it needs both. Add clips, or leave the detector out`,
  );
}

type Trained = { network: Uint8Array; info: Record<string, unknown> };

/**
 * Minimises the cross-entropy, as DeepfakeBench does; the squared error of the authors' code needs far more steps than fit into
 * a minute. The weights with the least squared error of the probability on validation are kept.
 */
async function trainNetwork(
  train: FrameStore,
  validation: FrameStore,
  preset: Preset,
  rng: Rng,
  work: Work,
): Promise<Trained> {
  const { sizePx, batch, steps, stepsPerCheck, patience, stepsPerDecay } = preset;
  const engine = await openEngine({ threads: 1 });
  const parameters = createParameters(engine.tf, rng.fork('weights'));
  const trainer = await compileTrainer(engine, parameters, preset);
  const [batches, masks] = [rng.fork('batches'), rng.fork('dropout')];
  const network = (): Promise<Uint8Array> => exportNetwork(engine, parameters, sizePx);
  const training = await trainLoop({
    name: 'meso-inception',
    work,
    trainer,
    parameters,
    steps,
    rngs: [batches, masks],
    async batch(step) {
      const frames = await drawBatch(train, preset, batches);
      const learningRate = highestRate * 0.1 ** Math.floor((step - 1) / stepsPerDecay);
      return { ...frames, ...drawMasks(preset, masks), learningRate };
    },
    validation: {
      everySteps: stepsPerCheck,
      patience,
      error: async () => validationError(await network(), validation, sizePx),
    },
  });
  return {
    network: await network(),
    info: { ...training, batchSize: batch, learningRate: highestRate },
  };
}

function compileTrainer(engine: Engine, parameters: Parameters, { sizePx, batch }: Preset) {
  const { tf } = engine;
  return engine.compile({
    parameters,
    inputs: {
      x: { shape: [batch, sizePx, sizePx, 3] },
      y: { shape: [batch, 1] },
      features: { shape: [batch, featureCount(sizePx)] },
      hidden: { shape: [batch, hiddenCount] },
      learningRate: { shape: [] },
    },
    loss: ({ x, y, features, hidden }) => {
      const logit = mesoInception4(parameters, x, { features, hidden });
      // −log of the probability of the truth: softplus(logit) − y · logit, without overflow.
      const softplus = tf.add(tf.relu(logit), tf.softplus(tf.neg(tf.abs(logit))));
      return { loss: tf.mean(tf.sub(softplus, tf.mul(logit, y))) };
    },
    optimizer: { kind: 'adam' },
  });
}

function exportNetwork(engine: Engine, parameters: Parameters, sizePx: number): Promise<Uint8Array> {
  return engine.export({
    inputs: { frames: { shape: frameShape(sizePx) } },
    outputs: ({ frames }) => ({ logit: logitOfBytes(parameters, frames) }),
    parameters,
  });
}

/**
 * Pairs of a real and a fake frame, mirrored together with probability ½: of the same moment where there are both, so that a step sees
 * what was changed and little else; else of the same person; else any.
 */
async function drawBatch(
  { real, fake, read }: FrameStore,
  { sizePx, batch }: Preset,
  rng: Rng,
): Promise<{ x: Float32Array; y: Float32Array }> {
  const x = new Float32Array(batch * sizePx * sizePx * 3);
  const y = new Float32Array(batch);
  const put = async (i: number, frame: StoredFrame, flip: boolean): Promise<void> =>
    putFrame(x, i * sizePx * sizePx * 3, await read(frame), sizePx, flip);
  for (let i = 0; i < batch; i += 2) {
    // The truths take turns in choosing the person, so that also people with frames of one kind alone are seen.
    const [first, others] = i % 4 === 0 ? [real, fake] : [fake, real];
    const one = rng.pick(first);
    const flip = rng.uniform() < 0.5;
    await put(i, one, flip);
    await put(i + 1, rng.pick(counterparts(one, others)), flip);
    y[first === fake ? i : i + 1] = 1;
  }
  return { x, y };
}

function counterparts({ person, moment }: StoredFrame, others: StoredFrame[]): StoredFrame[] {
  const then = others.filter((other) => moment !== undefined && other.moment === moment);
  if (then.length > 0) return then;
  const same = others.filter((other) => other.person === person);
  return same.length > 0 ? same : others;
}

function drawMasks(
  { sizePx, batch, featureDropRate }: Preset,
  rng: Rng,
): { features: Float32Array; hidden: Float32Array } {
  const mask = (count: number, rate: number): Float32Array => {
    const values = new Float32Array(batch * count);
    for (let i = 0; i < values.length; i++) values[i] = rng.uniform() < rate ? 0 : 1 / (1 - rate);
    return values;
  };
  return { features: mask(featureCount(sizePx), featureDropRate), hidden: mask(hiddenCount, hiddenDropRate) };
}

/** The squared error of the probability over frames, the two classes weighing the same. */
async function validationError(network: Uint8Array, store: FrameStore, sizePx: number): Promise<number> {
  const model = await openModel(network, { threads: 1 });
  const errorOf = async (stored: StoredFrame[], truth: 0 | 1): Promise<number> => {
    async function* frames(): AsyncGenerator<Uint8Array> {
      for (const frame of stored) yield store.read(frame);
    }
    const logits = await judgeFrames(model, frames(), sizePx);
    return logits.reduce((sum, logit) => sum + (1 / (1 + Math.exp(-logit)) - truth) ** 2, 0) / logits.length;
  };
  try {
    return ((await errorOf(store.real, 0)) + (await errorOf(store.fake, 1))) / 2;
  } finally {
    model.close();
  }
}

/** Trains a network that judges single frames: pairs of a real and a fake frame, cross-entropy, Adam, weights chosen on validation. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import type { Engine } from '../compute/engine.ts';
import { logitLoss } from '../compute/logit-loss.ts';
import type { Parameters } from '../compute/parameters.ts';
import { UserError } from '../errors.ts';
import { type Counterparts, counterpartsIn, dropMask, probabilityError } from '../learn/two-kinds.ts';
import { createRng, type Rng } from '../random.ts';
import type { Examples, Model, Work } from '../types.ts';
import {
  type FrameStore,
  type LessonsOf,
  plainLessons,
  putFrame,
  type StoredFrame,
  storeFrames,
} from './frames.ts';
import { frameShape, judgeFrames, logitOfBytes } from './judge.ts';
import type { FrameSettings } from './settings.ts';

/** A pair to learn from: RGB bytes of two squares. */
export type FramePair = { real: Uint8Array; fake: Uint8Array };

export type FrameTraining = {
  /** The detector's. */
  name: string;
  settings: FrameSettings;
  /**
   * The logit of being fake, [batch, 1], of frames [batch, size, size, 3] in [0, 1]. `drops` is there in training alone: a multiplier
   * mask [batch, count] for each entry of `drops` below.
   */
  logit(p: Parameters, frames: Tf.Tensor4D, drops?: Record<string, Tf.Tensor2D>): Tf.Tensor2D;
  /** What training hides at random: how many values of an example, and which share of them. */
  drops?: Record<string, { count: number; rate: number }>;
  /** What is learned from a clip; its frames as they are unless said. */
  lessonsOf?: LessonsOf;
  /** Changes a pair before it is learned from. */
  augment?(pair: FramePair, sizePx: number, rng: Rng): Promise<FramePair> | FramePair;
};

/** Per clip at most; every check judges all of them. */
const validationFrames = 10;

/**
 * Trains on `examples` and leaves `network.onnx`: from one frame as it is decoded (`frameShape`, 0 to 255) to its logit. The weights with
 * the least squared error of the probability on validation are kept, the two classes weighing the same.
 * @throws UserError when train or validation is left without real or fake frames.
 */
export async function trainFrameNet(
  training: FrameTraining,
  { examples, seed }: { examples: Examples; seed: number },
  work: Work,
): Promise<Model> {
  const { name, settings } = training;
  const counts = {
    train: settings.framesPerClip,
    validation: Math.min(settings.framesPerClip, validationFrames),
  };
  let clips = 0;
  const total = examples.train.length + examples.validation.length;
  const decoded = (): void => work.progress((0.15 * ++clips) / total, 'reading frames');
  const store = (split: keyof Examples): Promise<FrameStore> =>
    storeFrames(
      join(work.folder, `${split}.raw`),
      examples[split],
      { count: counts[split], square: settings, lessonsOf: training.lessonsOf ?? plainLessons },
      decoded,
    );
  const train = await store('train');
  try {
    const validation = await store('validation');
    try {
      requireBoth(name, train, 'train');
      requireBoth(name, validation, 'validation');
      const { network, gradient, info } = await learn(training, train, validation, createRng(seed, name), {
        ...work,
        progress: (fraction, note) => work.progress(0.15 + 0.85 * fraction, note),
      });
      await writeFile(join(work.folder, 'network.onnx'), network);
      await writeFile(join(work.folder, 'gradient.onnx'), gradient);
      return {
        files: { network: await work.keep('network.onnx'), gradient: await work.keep('gradient.onnx') },
        info: { ...info, leftOut: train.leftOut + validation.leftOut },
      };
    } finally {
      await validation.remove();
    }
  } finally {
    await train.remove();
  }
}

function requireBoth(name: string, { real, fake }: FrameStore, split: string): void {
  if (real.length > 0 && fake.length > 0) return;
  throw new UserError(
    `detector "${name}" cannot learn: split "${split}" gave ${real.length} real and ${fake.length} fake frames; it needs both. Add clips, or leave the detector out`,
  );
}

async function learn(
  training: FrameTraining,
  train: FrameStore,
  validation: FrameStore,
  rng: Rng,
  work: Work,
): Promise<{ network: Uint8Array; gradient: Uint8Array; info: Record<string, unknown> }> {
  const { openEngine } = await import('../compute/engine.ts');
  const { createParameters } = await import('../compute/parameters.ts');
  const { trainLoop } = await import('../compute/train-loop.ts');
  const { name, settings } = training;
  const { sizePx, batch, steps, stepsPerCheck, patience, rate, stepsPerDecay } = settings;
  const engine = await openEngine({ threads: 1 });
  const parameters = createParameters(engine.tf, rng.fork('weights'));
  const trainer = await compileTrainer(engine, parameters, training);
  const [batches, masks] = [rng.fork('batches'), rng.fork('dropout')];
  const network = (): Promise<Uint8Array> => exportNetwork(engine, parameters, training);
  const counterpartsOf = counterpartsIn(train);
  const trained = await trainLoop({
    name,
    work,
    trainer,
    parameters,
    steps,
    rngs: [batches, masks],
    async batch(step) {
      const frames = await drawBatch(train, counterpartsOf, training, batches);
      const learningRate = stepsPerDecay ? rate * 0.1 ** Math.floor((step - 1) / stepsPerDecay) : rate;
      return { ...frames, ...drawMasks(training, masks), learningRate };
    },
    validation: {
      everySteps: stepsPerCheck,
      patience,
      error: async () => validationError(await network(), validation, sizePx),
    },
  });
  return {
    network: await network(),
    gradient: await exportGradient(engine, parameters, training),
    info: { ...trained, batchSize: batch, learningRate: rate },
  };
}

function compileTrainer(
  engine: Engine,
  parameters: Parameters,
  { settings, drops = {}, logit }: FrameTraining,
) {
  const { tf } = engine;
  const { sizePx, batch } = settings;
  return engine.compile({
    parameters,
    inputs: {
      x: { shape: [batch, sizePx, sizePx, 3] },
      y: { shape: [batch, 1] },
      learningRate: { shape: [] },
      ...Object.fromEntries(
        Object.entries(drops).map(([name, { count }]) => [`drop/${name}`, { shape: [batch, count] }]),
      ),
    },
    loss: ({ x, y, ...others }: Record<string, Tf.Tensor>) => {
      const given = Object.keys(drops).map((name) => [name, others[`drop/${name}`]]);
      const found = logit(
        parameters,
        x as Tf.Tensor4D,
        Object.fromEntries(given) as Record<string, Tf.Tensor2D>,
      );
      return { loss: logitLoss(tf, found, y!) };
    },
    optimizer: { kind: 'adam' },
  });
}

function exportNetwork(
  engine: Engine,
  parameters: Parameters,
  { settings, logit }: FrameTraining,
): Promise<Uint8Array> {
  return engine.export({
    inputs: { frames: { shape: frameShape(settings.sizePx) } },
    outputs: ({ frames }) => ({ logit: logitOfBytes(logit, parameters, frames) }),
    parameters,
  });
}

/** For attacks (`attack.ts`): how the logit changes with every value of a frame, 0 to 255, and the logit itself. */
export function exportGradient(
  engine: Engine,
  parameters: Parameters,
  { settings, logit }: Pick<FrameTraining, 'logit'> & { settings: Pick<FrameSettings, 'sizePx'> },
): Promise<Uint8Array> {
  const { tf } = engine;
  return engine.export({
    inputs: { frames: { shape: frameShape(settings.sizePx) } },
    outputs: ({ frames }) => {
      const { value, grad } = tf.valueAndGrad((x: Tf.Tensor) =>
        tf.sum(logitOfBytes(logit, parameters, x as Tf.Tensor4D)),
      )(frames);
      return { gradient: grad, logit: value };
    },
    parameters,
  });
}

/** Pairs of a real and a fake frame (`counterpartsIn`), mirrored together with probability ½. */
async function drawBatch(
  { real, fake, read }: FrameStore,
  counterpartsOf: Counterparts<StoredFrame>,
  { settings: { sizePx, batch }, augment }: FrameTraining,
  rng: Rng,
): Promise<{ x: Float32Array; y: Float32Array }> {
  const x = new Float32Array(batch * sizePx * sizePx * 3);
  const y = new Float32Array(batch);
  for (let i = 0; i < batch; i += 2) {
    const realFirst = i % 4 === 0;
    const one = rng.pick(realFirst ? real : fake);
    const flip = rng.uniform() < 0.5;
    const other = rng.pick(counterpartsOf(one, realFirst ? 'fake' : 'real'));
    const [first, second] = [await read(one), await read(other)];
    const drawn = realFirst ? { real: first, fake: second } : { real: second, fake: first };
    const pair = augment ? await augment(drawn, sizePx, rng) : drawn;
    putFrame(x, i * sizePx * sizePx * 3, realFirst ? pair.real : pair.fake, sizePx, flip);
    putFrame(x, (i + 1) * sizePx * sizePx * 3, realFirst ? pair.fake : pair.real, sizePx, flip);
    y[realFirst ? i + 1 : i] = 1;
  }
  return { x, y };
}

function drawMasks({ settings, drops = {} }: FrameTraining, rng: Rng): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(drops).map(([name, { count, rate }]) => [
      `drop/${name}`,
      dropMask(settings.batch * count, rate, rng),
    ]),
  );
}

async function validationError(
  network: Uint8Array,
  { real, fake, read }: FrameStore,
  sizePx: number,
): Promise<number> {
  const { openModel } = await import('../compute/model.ts');
  const model = await openModel(network, { threads: 1 });
  const logitsOf = (stored: StoredFrame[]): Promise<number[]> => {
    async function* frames(): AsyncGenerator<Uint8Array> {
      for (const frame of stored) yield read(frame);
    }
    return judgeFrames(model, frames(), sizePx);
  };
  try {
    return probabilityError({ real: await logitsOf(real), fake: await logitsOf(fake) });
  } finally {
    model.close();
  }
}

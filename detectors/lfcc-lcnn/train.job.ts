/** Trains the light CNN on pairs of a genuine and a forged stretch of sound: cross-entropy, Adam, weights chosen on validation. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { logitLoss } from '../../src/compute/logit-loss.ts';
import { lfccWidth } from '../../src/dsp/lfcc.ts';
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
import type { Examples, LabelledClip, Model, Truth, Work } from '../../src/types.ts';
import { judgeRows } from './judge.ts';
import { lcnnRows, putMap, startsIn } from './maps.ts';
import { dropRate, featureShape, lcnn, mapShape, type Standard } from './network.ts';
import { type Preset, presets } from './presets.ts';

type Input = { examples: Examples; preset: keyof typeof presets; steps?: number; seed: number };
type Heard = Known & { rows: Float32Array };
type Lessons = Record<Truth, Heard[]> & { leftOut: number };

export const trainLfccLcnn = defineJob<Input, Model>({
  name: 'train-lfcc-lcnn',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ examples, preset, steps, seed }, work) {
    const [train, validation] = [
      await hear(examples.train, 'train'),
      await hear(examples.validation, 'validation'),
    ];
    const { network, info } = await learn(
      train,
      validation,
      { ...presets[preset], ...(steps ? { steps } : {}) },
      createRng(seed, 'lfcc-lcnn'),
      work,
    );
    await writeFile(join(work.folder, 'network.onnx'), network);
    return {
      files: { network: await work.keep('network.onnx') },
      info: { ...info, leftOut: train.leftOut + validation.leftOut },
    };
  },
});

async function hear(examples: LabelledClip[], split: string): Promise<Lessons> {
  const heard: Lessons = { real: [], fake: [], leftOut: 0 };
  for (const { clip, truth } of examples) {
    try {
      const moment = clip.track?.sha256;
      const rows = await lcnnRows(openClip(clip));
      heard[truth].push({ rows, person: personOf(clip), ...(moment === undefined ? {} : { moment }) });
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      heard.leftOut++;
    }
  }
  if (heard.real.length > 0 && heard.fake.length > 0) return heard;
  throw new UserError(
    `detector "lfcc-lcnn" cannot learn: split "${split}" gave ${heard.real.length} real and ${heard.fake.length} fake sounds; it needs both. Add clips, or leave the detector out`,
  );
}

async function learn(
  train: Lessons,
  validation: Lessons,
  preset: Preset,
  rng: Rng,
  work: Work,
): Promise<{ network: Uint8Array; info: Record<string, unknown> }> {
  const { openEngine } = await import('../../src/compute/engine.ts');
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const { trainLoop } = await import('../../src/compute/train-loop.ts');
  const { batch, steps, stepsPerCheck, patience, rate, stepsPerHalving } = preset;
  const engine = await openEngine({ threads: 1 });
  const { tf } = engine;
  const parameters = createParameters(tf, rng.fork('weights'));
  const standard = standardOf([...train.real, ...train.fake]);
  const trainer = await engine.compile({
    parameters,
    inputs: {
      x: { shape: mapShape(preset, batch) },
      y: { shape: [batch, 1] },
      drops: { shape: [batch, ...featureShape(preset)] },
      learningRate: { shape: [] },
    },
    loss: ({ x, y, drops }) => {
      const logit = lcnn(parameters, x, standard, preset, drops);
      return { loss: logitLoss(tf, logit, y) };
    },
    optimizer: { kind: 'adam' },
  });
  const network = (): Promise<Uint8Array> =>
    engine.export({
      inputs: { maps: { shape: mapShape(preset, 1) } },
      outputs: ({ maps }) => ({ logit: lcnn(parameters, maps, standard, preset) }),
      parameters,
    });
  const [batches, masks] = [rng.fork('batches'), rng.fork('dropout')];
  const counterpartsOf = counterpartsIn(train);
  const trained = await trainLoop({
    name: 'lfcc-lcnn',
    work,
    trainer,
    parameters,
    steps,
    rngs: [batches, masks],
    batch: (step) => ({
      ...drawBatch(train, counterpartsOf, preset, batches),
      drops: drawMask(preset, masks),
      learningRate: rate * 0.5 ** Math.floor((step - 1) / stepsPerHalving),
    }),
    validation: {
      everySteps: stepsPerCheck,
      patience,
      error: async () => validationError(await network(), validation, preset),
    },
  });
  return { network: await network(), info: { ...trained, batchSize: batch, learningRate: rate } };
}

/** Mean and standard deviation of each column over all rows. */
function standardOf(heard: Heard[]): Standard {
  const [sum, squares] = [new Float64Array(lfccWidth), new Float64Array(lfccWidth)];
  let count = 0;
  for (const { rows } of heard) {
    count += rows.length / lfccWidth;
    for (let at = 0; at < rows.length; at++) {
      sum[at % lfccWidth]! += rows[at]!;
      squares[at % lfccWidth]! += rows[at]! ** 2;
    }
  }
  const mean = Float32Array.from(sum, (value) => value / count);
  const spread = Float32Array.from(squares, (value, c) =>
    Math.max(1e-3, Math.sqrt(Math.max(0, value / count - (sum[c]! / count) ** 2))),
  );
  return { mean, spread };
}

/** Pairs of a genuine and a forged stretch (`counterpartsIn`), from the same moment on. */
function drawBatch(
  { real, fake }: Lessons,
  counterpartsOf: Counterparts<Heard>,
  { batch, rows: count }: Preset,
  rng: Rng,
): { x: Float32Array; y: Float32Array } {
  const size = count * lfccWidth;
  const x = new Float32Array(batch * size);
  const y = new Float32Array(batch);
  for (let i = 0; i < batch; i += 2) {
    const realFirst = i % 4 === 0;
    const one = rng.pick(realFirst ? real : fake);
    const other = rng.pick(counterpartsOf(one, realFirst ? 'fake' : 'real'));
    const start = rng.int(Math.min(startsIn(one.rows, count), startsIn(other.rows, count)));
    putMap(x, i * size, one.rows, start, count);
    putMap(x, (i + 1) * size, other.rows, start, count);
    y[realFirst ? i + 1 : i] = 1;
  }
  return { x, y };
}

function drawMask(preset: Preset, rng: Rng): Float32Array {
  const [moments, features] = featureShape(preset);
  return dropMask(preset.batch * moments * features, dropRate, rng);
}

/** `probabilityError` over sounds. */
async function validationError(
  network: Uint8Array,
  { real, fake }: Lessons,
  preset: Preset,
): Promise<number> {
  const { openModel } = await import('../../src/compute/model.ts');
  const model = await openModel(network, { threads: 1 });
  const logitsOf = async (heard: Heard[]): Promise<number[]> => {
    const logits: number[] = [];
    for (const { rows } of heard) logits.push(await judgeRows(model, rows, preset));
    return logits;
  };
  try {
    return probabilityError({ real: await logitsOf(real), fake: await logitsOf(fake) });
  } finally {
    model.close();
  }
}

/**
 * Trains the network that stands in for DeepSpeech: 494 MFCC values of ±9 rows of 20 ms → 128 → 128 → 29 pre-softmax outputs,
 * by cross-entropy against the phones that are known exactly. A stated deviation: DeepSpeech's outputs are characters and its
 * network is recurrent; an ONNX file of the real one with the same input and output can take this one's place.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor2D } from '@tensorflow/tfjs';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { Rng } from '../../src/random.ts';
import { phoneColumnCount } from '../../src/speech/phones.ts';
import type { Clip, FileRef, Work } from '../../src/types.ts';
import { clipAudio } from './clip-audio.ts';
import { learningRate, type Settings } from './options.ts';
import { runRows } from '../../src/compute/rows.ts';
import { highestColumn, phoneColumns, phoneInputs, phoneWindows, silenceColumn } from './speech-features.ts';
import { openPhoneNet, phoneBatch } from './speech-models.ts';

/** `train`: clips to learn from; `validation`: clips whose accuracy is reported. All with `phones`. */
type Input = { train: Clip[]; validation: Clip[]; settings: Settings['phone']; seed: number };
type Output = { net: FileRef; info: Record<string, unknown> };
type Samples = { windows: Float32Array; columns: Int32Array; noise: Float32Array };

const highestRate = 2e-3;
/** Keeps the outputs from running away from phones that are never in doubt on the training voices (Szegedy et al. 2016). */
const labelSmoothing = 0.1;
/** Spread of the noise on the normalised inputs, against learning the training voices by heart; pieces of one long draw. */
const inputNoise = 0.5;
const noiseCount = 2 ** 18;

export const trainPhoneNet = defineJob<Input, Output>({
  name: 'puppetry-phone-net',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ train, validation, settings, seed }: Input, work: Work): Promise<Output> {
  const { openEngine } = await import('../../src/compute/engine.ts');
  const { createParameters } = await import('../../src/compute/parameters.ts');
  const { dense } = await import('../../src/compute/layers.ts');
  const { trainLoop } = await import('../../src/compute/train-loop.ts');
  const rng = createRng(seed, 'puppetry', 'phone-net');
  const noise = Float32Array.from({ length: noiseCount }, () => rng.normal(0, inputNoise));
  const samples = { ...(await readSamples(train)), noise };
  const engine = await openEngine({ threads: 1 });
  const { tf } = engine;
  const p = createParameters(tf, rng.fork('weights'));
  const logits = (x: Tensor2D) => {
    const hidden1 = tf.relu(dense(p, 'phone/fc1', x, { units: 128 }));
    const hidden2 = tf.relu(dense(p, 'phone/fc2', hidden1, { units: 128 }));
    return dense(p, 'phone/fc3', hidden2, { units: phoneColumnCount });
  };
  const trainer = await engine.compile({
    parameters: p,
    inputs: {
      x: { shape: [settings.batch, phoneInputs] },
      y: { shape: [settings.batch, phoneColumnCount] },
      learningRate: { shape: [] },
    },
    loss: ({ x, y }) => ({ loss: tf.losses.softmaxCrossEntropy(y, logits(x), undefined, labelSmoothing) }),
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  });
  const { losses } = await trainLoop({
    name: 'phone-net',
    work,
    trainer,
    parameters: p,
    steps: settings.steps,
    rngs: [rng],
    batch(step) {
      const rate = learningRate({ highest: highestRate }, step - 1, settings.steps);
      return { ...drawBatch(samples, settings.batch, rng), learningRate: rate };
    },
  });
  const bytes = await engine.export({
    inputs: { x: { shape: [phoneBatch, phoneInputs] } },
    outputs: ({ x }) => ({ y: logits(x) }),
    parameters: p,
  });
  await writeFile(join(work.folder, 'phone-net.onnx'), bytes);
  const net = await work.keep('phone-net.onnx');
  return {
    net,
    info: {
      rows: samples.columns.length,
      losses,
      ...(await accuracy(net, validation)),
    },
  };
}

async function readSamples(clips: Clip[]): Promise<Omit<Samples, 'noise'>> {
  const parts: Omit<Samples, 'noise'>[] = [];
  for (const clip of clips) {
    const windows = phoneWindows(await clipAudio(clip));
    parts.push({ windows, columns: phoneColumns(clip.phones ?? [], windows.length / phoneInputs) });
  }
  const count = parts.reduce((sum, { columns }) => sum + columns.length, 0);
  const samples = { windows: new Float32Array(count * phoneInputs), columns: new Int32Array(count) };
  let at = 0;
  for (const { windows, columns } of parts) {
    samples.windows.set(windows, at * phoneInputs);
    samples.columns.set(columns, at);
    at += columns.length;
  }
  return samples;
}

/** Random rows with noise, and the columns spoken in them, one-hot. */
function drawBatch(
  { windows, columns, noise }: Samples,
  batch: number,
  rng: Rng,
): { x: Float32Array; y: Float32Array } {
  const x = new Float32Array(batch * phoneInputs);
  const y = new Float32Array(batch * phoneColumnCount);
  for (let i = 0; i < batch; i++) {
    const row = rng.int(columns.length);
    const from = row * phoneInputs;
    const noiseFrom = rng.int(noiseCount - phoneInputs);
    for (let j = 0; j < phoneInputs; j++) {
      x[i * phoneInputs + j] = windows[from + j]! + noise[noiseFrom + j]!;
    }
    y[i * phoneColumnCount + columns[row]!] = 1;
  }
  return { x, y };
}

/** Share of rows whose highest output is the phone spoken, over all and over those that are not silence. */
async function accuracy(net: FileRef, clips: Clip[]): Promise<Record<string, number>> {
  if (clips.length === 0) return {};
  const phoneNet = await openPhoneNet(net);
  let [rows, right, spoken, spokenRight] = [0, 0, 0, 0];
  for (const clip of clips) {
    const windows = phoneWindows(await clipAudio(clip));
    const logits = await runRows(phoneNet, windows);
    const columns = phoneColumns(clip.phones ?? [], windows.length / phoneInputs);
    columns.forEach((column, row) => {
      const hit = highestColumn(logits, row) === column ? 1 : 0;
      rows++;
      right += hit;
      if (column === silenceColumn) return;
      spoken++;
      spokenRight += hit;
    });
  }
  phoneNet.network.close();
  return { accuracy: right / rows, accuracySpoken: spokenRight / spoken };
}

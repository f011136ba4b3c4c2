/** Trains the neural vocoder on genuine sound. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cosineRate } from '../../src/compute/cosine-rate.ts';
import { exportRowModel } from '../../src/compute/rows.ts';
import { trainLoop } from '../../src/compute/train-loop.ts';
import { powerOf, stft } from '../../src/dsp/stft.ts';
import { UserError } from '../../src/errors.ts';
import { decodeAudio } from '../../src/media/decode.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng, type Rng } from '../../src/random.ts';
import type { Clip, Model } from '../../src/types.ts';
import {
  binsFor,
  chunkShape,
  framesFor,
  gains,
  hearSound,
  heardWidth,
  margin,
  noisePower,
  putRow,
  smallest,
} from './neural.ts';

/** `clips`: all of one sampling rate. */
type Input = { clips: Clip[]; sampleRate: number; steps: number; seed: number };
/** A sound and the power, frame by frame and bin by bin, of its pulses and of itself. */
type Lesson = { rows: Float32Array; count: number; pulses: Float32Array; target: Float32Array };

/** So many clips teach at most; 80 of 2.4 s are three minutes of speech, 50 MB of spectra. */
const mostClips = 80;
const batch = 16;
/** Frames of a stretch. */
const length = 32;
const highestRate = 2e-3;

export const trainNeural = defineJob<Input, Model>({
  name: 'vocoder-neural',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ clips, sampleRate, steps, seed }, work) {
    const { openEngine } = await import('../../src/compute/engine.ts');
    const { createParameters } = await import('../../src/compute/parameters.ts');
    const rng = createRng(seed, 'vocoder', 'neural');
    const lessons: Lesson[] = [];
    for (const clip of rng.fork('clips').shuffle(clips).slice(0, mostClips)) {
      const lesson = lessonOf((await decodeAudio(clip.media.path, sampleRate)).samples, sampleRate);
      if (lesson.count >= length) lessons.push(lesson);
      work.progress((0.2 * lessons.length) / mostClips, 'listening');
    }
    if (lessons.length === 0)
      throw new UserError(
        `generator "vocoder" cannot learn: all ${clips.length} clips of split train, use fit, are shorter than a quarter of a second. Add longer ones, or choose another method`,
      );
    const engine = await openEngine({ threads: 1 });
    const { tf } = engine;
    const parameters = createParameters(tf, rng.fork('weights'));
    const bins = binsFor(sampleRate);
    const trainer = await engine.compile({
      parameters,
      inputs: {
        heard: { shape: [batch, length + 2 * margin, heardWidth] },
        pulses: { shape: [batch, length, bins] },
        target: { shape: [batch, length, bins] },
        learningRate: { shape: [] },
      },
      loss: ({ heard, pulses, target }) => {
        const found = gains(parameters, heard, sampleRate);
        const [voiced, breathed] = tf.split(tf.exp(found), 2, 2);
        const power = tf.add(tf.add(tf.mul(voiced!, pulses), breathed!), smallest);
        const ratio = tf.div(target, power);
        return { loss: tf.mean(tf.sub(tf.sub(ratio, tf.log(ratio)), 1)) };
      },
      optimizer: { kind: 'adam' },
    });
    const batches = rng.fork('batches');
    const trained = await trainLoop({
      name: 'vocoder',
      work: { ...work, progress: (fraction, note) => work.progress(0.2 + 0.8 * fraction, note) },
      trainer,
      parameters,
      steps,
      rngs: [batches],
      batch: (step) => ({
        ...drawBatch(lessons, bins, batches),
        learningRate: cosineRate(highestRate, step, steps),
      }),
    });
    const network = await exportRowModel(engine, parameters, chunkShape, (p, x) =>
      gains(p, x as Parameters<typeof gains>[1], sampleRate),
    );
    await writeFile(join(work.folder, 'vocoder.onnx'), network);
    return {
      files: { vocoder: await work.keep('vocoder.onnx') },
      info: { ...trained, clips: lessons.length, sampleRate },
    };
  },
});

function lessonOf(samples: Float32Array, sampleRate: number): Lesson {
  const frames = framesFor(sampleRate);
  const { rows, count, pulses } = hearSound(samples, sampleRate);
  const scale = 1 / noisePower(frames);
  const powers = (sound: Float32Array): Float32Array => {
    const bins = frames.size / 2 + 1;
    const all = new Float32Array(count * bins);
    for (const [t, spectrum] of stft(sound, frames).entries())
      all.set(
        powerOf(spectrum).map((value) => value * scale + smallest),
        t * bins,
      );
    return all;
  };
  return { rows, count, pulses: powers(pulses), target: powers(samples) };
}

/** Stretches of `length` frames, each of a clip and a place drawn at random. */
function drawBatch(
  lessons: Lesson[],
  bins: number,
  rng: Rng,
): Record<'heard' | 'pulses' | 'target', Float32Array> {
  const wide = length + 2 * margin;
  const heard = new Float32Array(batch * wide * heardWidth);
  const pulses = new Float32Array(batch * length * bins);
  const target = new Float32Array(batch * length * bins);
  for (let b = 0; b < batch; b++) {
    const lesson = rng.pick(lessons);
    const start = rng.int(lesson.count - length + 1);
    for (let i = 0; i < wide; i++) putRow(heard, b * wide + i, lesson.rows, lesson.count, start + i - margin);
    const [from, to] = [start * bins, (start + length) * bins];
    pulses.set(lesson.pulses.subarray(from, to), b * length * bins);
    target.set(lesson.target.subarray(from, to), b * length * bins);
  }
  return { heard, pulses, target };
}

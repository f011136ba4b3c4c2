/**
 * Trains the network behind `kid-own` on genuine portraits: who it is, and by how many quarter turns it was turned (Gidaris, Singh & Komodakis, ICLR 2018).
 * The one asks for looks, the other for how a head is put together; that it was blurred or noisy nobody tells it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cosineRate } from '../compute/cosine-rate.ts';
import { exportRowModel } from '../compute/rows.ts';
import { portraitsOf } from '../faces/portrait.ts';
import { personOf } from '../pairs.ts';
import { defineJob } from '../pipeline/job.ts';
import { createRng, type Rng } from '../random.ts';
import type { Clip, Model } from '../types.ts';
import { embed, embedShape, guess, portraitPx } from './own-embedding.ts';

/** `clips`: with a picture and a track. */
type Input = { clips: Clip[]; steps: number; seed: number };

const frameStride = 5;
const batch = 16;
const highestRate = 2e-3;

export const trainEmbedding = defineJob<Input, Model>({
  name: 'train-kid-own',
  module: import.meta.url,
  threads: 1,
  async run({ clips, steps, seed }, work) {
    const { openEngine } = await import('../compute/engine.ts');
    const { createParameters } = await import('../compute/parameters.ts');
    const { trainLoop } = await import('../compute/train-loop.ts');
    const people = [...new Set(clips.map(personOf))];
    const lessons: { who: number; portrait: Uint8Array }[] = [];
    for await (const { clip, portrait } of portraitsOf(clips, portraitPx, frameStride))
      lessons.push({ who: people.indexOf(personOf(clip)), portrait: portrait.data });
    const rng = createRng(seed, 'kid-own');
    const engine = await openEngine({ threads: 1 });
    const { tf } = engine;
    const parameters = createParameters(tf, rng.fork('weights'));
    const trainer = await engine.compile({
      parameters,
      inputs: {
        portraits: { shape: [batch, portraitPx, portraitPx, 3] },
        who: { shape: [batch, people.length] },
        turns: { shape: [batch, 4] },
        learningRate: { shape: [] },
      },
      loss: ({ portraits, who, turns }) => {
        const guessed = guess(parameters, embed(parameters, portraits, true), people.length);
        const [ofWho, ofTurns] = [
          tf.losses.softmaxCrossEntropy(who, guessed.who),
          tf.losses.softmaxCrossEntropy(turns, guessed.turns),
        ];
        return { loss: tf.add(ofWho, ofTurns), metrics: { who: ofWho, turns: ofTurns } };
      },
      optimizer: { kind: 'adam' },
    });
    const batches = rng.fork('batches');
    const trained = await trainLoop({
      name: 'kid-own',
      work,
      trainer,
      parameters,
      steps,
      rngs: [batches],
      batch: (step) => ({
        ...drawBatch(lessons, people.length, batches),
        learningRate: cosineRate(highestRate, step, steps),
      }),
    });
    const network = await exportRowModel(engine, parameters, embedShape, (p, x) =>
      embed(p, x as Parameters<typeof embed>[1]),
    );
    await writeFile(join(work.folder, 'embedding.onnx'), network);
    return {
      files: { embedding: await work.keep('embedding.onnx') },
      info: { people: people.length, portraits: lessons.length, ...trained },
    };
  },
});

function drawBatch(
  lessons: readonly { who: number; portrait: Uint8Array }[],
  people: number,
  rng: Rng,
): Record<'portraits' | 'who' | 'turns', Float32Array> {
  const size = portraitPx * portraitPx * 3;
  const drawn = {
    portraits: new Float32Array(batch * size),
    who: new Float32Array(batch * people),
    turns: new Float32Array(batch * 4),
  };
  for (let i = 0; i < batch; i++) {
    const { who, portrait } = rng.pick(lessons);
    const turns = rng.int(4);
    drawn.who[i * people + who] = 1;
    drawn.turns[i * 4 + turns] = 1;
    drawn.portraits.set(turned(portrait, turns), i * size);
  }
  return drawn;
}

/** Bytes of a portrait as numbers in [-1, 1], turned by quarters. */
function turned(rgb: Uint8Array, quarters: number): Float32Array {
  const last = portraitPx - 1;
  const values = new Float32Array(rgb.length);
  for (let y = 0; y < portraitPx; y++)
    for (let x = 0; x < portraitPx; x++) {
      const [fromX, fromY] = [
        [x, y],
        [last - y, x],
        [last - x, last - y],
        [y, last - x],
      ][quarters] as [number, number];
      for (let c = 0; c < 3; c++)
        values[(y * portraitPx + x) * 3 + c] = rgb[(fromY * portraitPx + fromX) * 3 + c]! / 127.5 - 1;
    }
  return values;
}

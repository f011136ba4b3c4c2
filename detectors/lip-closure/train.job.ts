/** Teaches the reader on genuine clips alone, and where lips count as closed: midway between how they close and how they open there. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ridge } from '../../src/dsp/ridge.ts';
import { ItemError, UserError } from '../../src/errors.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { closedBelow } from '../../src/speech/lip-closure.ts';
import type { Clip, Model } from '../../src/types.ts';
import {
  extremes,
  inputs,
  type Mouth,
  readMouth,
  readOpenings,
  shareClosed,
  trueOpenings,
} from './reader.ts';

/** Chosen on validation. */
const strengths = [0.001, 0.01, 0.1, 1];

type Lesson = { mouth: Mouth; openings: number[] };

export const trainLipClosure = defineJob({
  name: 'train-lip-closure',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ train, validation }: { train: Clip[]; validation: Clip[] }, work): Promise<Model> {
    const [shown, held] = [await readAll(train, 'train'), await readAll(validation, 'validation')];
    const fits = strengths.map((strength) => {
      const weights = [...fit(shown, strength)];
      return { strength, weights, correlation: mean(held.map((lesson) => correlation(weights, lesson))) };
    });
    const best = fits.reduce((first, one) => (one.correlation > first.correlation ? one : first));
    const { weights } = best;
    const found = shown.map(({ mouth }) => extremes(readOpenings({ weights }, mouth), mouth));
    const limit = closedBelow({
      closures: found.flatMap(({ closures }) => closures),
      vowels: found.flatMap(({ vowels }) => vowels),
    });
    if (limit === undefined) throw cannotLearn('those of split "train" have no vowel');
    const reader = { weights, closedBelow: limit };
    await writeFile(join(work.folder, 'reader.json'), JSON.stringify(reader));
    return {
      files: { reader: await work.keep('reader.json') },
      info: {
        clips: shown.length,
        leftOut: train.length + validation.length - shown.length - held.length,
        strength: best.strength,
        openingCorrelation: best.correlation,
        validationShareClosed: mean(held.map(({ mouth }) => shareClosed(reader, mouth))),
      },
    };
  },
});

async function readAll(clips: Clip[], split: string): Promise<Lesson[]> {
  const lessons: Lesson[] = [];
  for (const clip of clips) {
    const open = openClip(clip);
    try {
      const mouth = await readMouth(open);
      lessons.push({ mouth, openings: await trueOpenings(open, mouth.frameCount) });
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
    }
  }
  if (lessons.length > 0) return lessons;
  throw cannotLearn(
    `of ${clips.length} of split "${split}" none has a face track, the times of its phones and a p, b or m`,
  );
}

const cannotLearn = (why: string): UserError =>
  new UserError(
    `detector "lip-closure" cannot learn from the genuine clips: ${why}. Add such clips, or leave the detector out`,
  );

function fit(lessons: readonly Lesson[], strength: number): Float64Array {
  const count = lessons.reduce((sum, { openings }) => sum + openings.length, 0);
  const [x, y] = [new Float64Array(count * inputs), new Float64Array(count)];
  let at = 0;
  for (const { mouth, openings } of lessons) {
    x.set(mouth.cells, at * inputs);
    y.set(openings, at);
    at += openings.length;
  }
  return ridge(x, y, { inputs, outputs: 1, strength });
}

/** Between what is read and what is true; both have mean 0 and deviation 1. */
const correlation = (weights: number[], { mouth, openings }: Lesson): number =>
  mean(readOpenings({ weights }, mouth).map((value, t) => value * openings[t]!));

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

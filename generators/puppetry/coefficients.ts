/**
 * A corpus of coefficients without media: the audio net learns from the first 80 % of each sequence and is judged on the rest. There
 * is no mesh, so errors count in coefficients, each alike.
 */
import { UserError } from '../../src/errors.ts';
import { readTensors } from '../../src/tensors.ts';
import type { Clip } from '../../src/types.ts';
import type { Corpus, Sequence } from './corpus.ts';
import { evenGram } from './expression.ts';
import { allFrames } from './speech-models.ts';
import { windowWidth } from './speech-features.ts';

const trainShare = 0.8;
/** Of a shorter sequence the last fifth would be a frame or two. */
const leastFrames = 20;

/** Frames of a sequence that are learned from. */
export const trainFrames = (frameCount: number): number => Math.floor(trainShare * frameCount);

/** Each clip's whole sequence, every one a person of its own. @throws UserError where one is too short. */
export async function readCoefficients(clips: readonly Clip[]): Promise<Corpus> {
  const sequences: Sequence[] = [];
  let k = 0;
  for (const [person, { id, coefficients }] of clips.entries()) {
    const tensors = await readTensors(coefficients!.path);
    const [windows, expressions] = [tensors['windows']!, tensors['expressions']!];
    const frameCount = expressions.shape[0]!;
    k = expressions.shape[1]!;
    if (frameCount < leastFrames)
      throw new UserError(
        `${id}: ${frameCount} frames; at least ${leastFrames} are needed to learn and to test`,
      );
    const windowsOf = pickWindows(windows.data as Float32Array, frameCount);
    sequences.push({
      person,
      fit: true,
      windowsOf,
      expressions: expressions.data as Float32Array,
      frameCount,
    });
  }
  const gram = evenGram(k);
  return { sequences, grams: sequences.map(() => gram), mapCount: sequences.length, coefficientCount: k };
}

function pickWindows(all: Float32Array, frameCount: number): Sequence['windowsOf'] {
  return (frames) => {
    const windows = new Float32Array(frames.length * windowWidth);
    frames.forEach((wanted, i) => {
      const frame = Math.max(0, Math.min(frameCount - 1, wanted));
      windows.set(all.subarray(frame * windowWidth, (frame + 1) * windowWidth), i * windowWidth);
    });
    return windows;
  };
}

/** The frames to learn from alone. */
export function firstPart(corpus: Corpus): Corpus {
  const k = corpus.coefficientCount;
  return {
    ...corpus,
    sequences: corpus.sequences.map(({ person, fit, windowsOf, expressions, frameCount }) => {
      const count = trainFrames(frameCount);
      const all = windowsOf(allFrames(count));
      return {
        person,
        fit,
        windowsOf: pickWindows(all, count),
        expressions: expressions.subarray(0, count * k),
        frameCount: count,
      };
    }),
  };
}

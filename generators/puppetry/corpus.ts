/** What the audio net learns from: the clips' features and target expressions, drawn in chunks. */
import { expressionCount } from '../../src/head/expressions.ts';
import { readTrack } from '../../src/head/track.ts';
import type { Rng } from '../../src/random.ts';
import type { Clip, FileRef } from '../../src/types.ts';
import { filterFrames, framesBefore } from './audio-net.ts';
import { clipAudio } from './clip-audio.ts';
import { evenGram, expressionGram, speechPart } from './expression.ts';
import { personOf } from '../../src/pairs.ts';
import { audioWindows, heardFeatures, windowWidth } from './speech-features.ts';
import { openPhoneNet } from './speech-models.ts';
import type { AudioVariant } from './variants.ts';

/** One clip as the audio net sees it. */
export type Sequence = {
  person: number;
  fit: boolean;
  /** The 16×29 windows of the frames asked for; frames beyond the ends are those at the ends. */
  windowsOf(frames: readonly number[]): Float32Array;
  /** Rows of K target coefficients. */
  expressions: Float32Array;
  frameCount: number;
};
/** People are numbered in order of appearance; `grams`: of each the K×K form of errors that counts (`expressionGram`). */
export type Corpus = {
  sequences: Sequence[];
  grams: Float32Array[];
  /** As many as people, or 1 where all share one map. */
  mapCount: number;
  coefficientCount: number;
};

/** Reads the clips. All have a track and sound. */
export async function readCorpus(
  clips: Clip[],
  phoneNetFile: FileRef,
  { input, space, maps }: Pick<AudioVariant, 'input' | 'space' | 'maps'>,
): Promise<Corpus> {
  const phoneNet = await openPhoneNet(phoneNetFile);
  const corpus: Corpus = { sequences: [], grams: [], mapCount: 0, coefficientCount: expressionCount };
  const numbers = new Map<string, number>();
  for (const clip of clips) {
    const track = await readTrack(clip.track!.path);
    const person = numbers.get(personOf(clip)) ?? numbers.size;
    if (person === numbers.size) {
      numbers.set(personOf(clip), person);
      corpus.grams.push(space === 'vertices' ? expressionGram(track.mesh) : evenGram(expressionCount));
    }
    const frameCount = track.frames.length;
    const video = { fps: track.fps, frameCount };
    const features = await heardFeatures(input, phoneNet, await clipAudio(clip), video);
    const expressions = new Float32Array(frameCount * expressionCount);
    track.frames.forEach(({ expression }, t) => expressions.set(speechPart(expression), t * expressionCount));
    const windowsOf = (frames: readonly number[]): Float32Array => audioWindows(features, frames);
    corpus.sequences.push({ person, fit: clip.use === 'fit', windowsOf, expressions, frameCount });
  }
  phoneNet.network.close();
  corpus.mapCount = maps === 'shared' ? 1 : corpus.grams.length;
  return corpus;
}

/** How many windows a chunk of so many frames needs: those of its frames, of one more on each side, and of their neighbours. */
export const windowCountOf = (frames: number): number => frames + 2 + filterFrames - 1;

/** Chunks from random sequences, each sequence equally likely whatever its length. */
export function drawChunks(
  { sequences, grams, mapCount, coefficientCount: k }: Corpus,
  frames: number,
  batch: number,
  rng: Rng,
): Record<string, Float32Array> {
  const windowCount = windowCountOf(frames);
  const windows = new Float32Array(batch * windowCount * windowWidth);
  const person = new Float32Array(batch * mapCount);
  const truth = new Float32Array(batch * (frames + 2) * k);
  const gram = new Float32Array(batch * k ** 2);
  for (let i = 0; i < batch; i++) {
    const sequence = rng.pick(sequences);
    const start = rng.int(sequence.frameCount - frames + 1);
    const heard = Array.from({ length: windowCount }, (_, j) => start - 1 - framesBefore + j);
    windows.set(sequence.windowsOf(heard), i * windowCount * windowWidth);
    person[i * mapCount + (mapCount === 1 ? 0 : sequence.person)] = 1;
    for (let j = 0; j < frames + 2; j++) {
      const frame = Math.max(0, Math.min(sequence.frameCount - 1, start - 1 + j));
      const target = sequence.expressions.subarray(frame * k, (frame + 1) * k);
      truth.set(target, (i * (frames + 2) + j) * k);
    }
    gram.set(grams[sequence.person]!, i * k ** 2);
  }
  return { windows, person, truth, gram };
}

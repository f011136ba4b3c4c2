/** How close expressions heard are to those shown, on sentences that the person's map was not fitted on. */
import { expressionCount } from '../../src/head/expressions.ts';
import { readTrack } from '../../src/head/track.ts';
import type { FaceTrack } from '../../src/head/track.ts';
import type { Clip } from '../../src/types.ts';
import { loudnessGuess, loudnessOf, meanGuess, phoneGuess } from './baselines.ts';
import type { Guess, Shown } from './baselines.ts';
import { clipAudio } from './clip-audio.ts';
import { gramDistance, mouthGram } from './expression.ts';
import { type Ears, listen, speechOf } from './puppet.ts';
import { concat } from '../../src/compute/rows.ts';
import { speechFeatures } from './speech-features.ts';
import { applyPersonMap, fitPersonMap, type PersonMap } from './speech-models.ts';

/** A clip with everything that is known of it and heard in it; rows per frame. */
export type Lesson = Shown & { clip: Clip; track: FaceTrack; latents: Float32Array };

/** @param ears Those of networks: the phone network's features are a baseline of their own. */
export async function readLesson(clip: Clip, ears: Ears): Promise<Lesson> {
  if (!ears.nets) throw new Error('only puppets that hear by networks are judged by phones');
  const track = await readTrack(clip.track!.path);
  const video = { fps: track.fps, frameCount: track.frames.length };
  const audio = await clipAudio(clip);
  const features = await speechFeatures(ears.nets.phoneNet, audio, video);
  return {
    clip,
    track,
    features,
    latents: await listen(ears, audio, video),
    loudness: loudnessOf(audio, track.fps, video.frameCount),
    expressions: speechOf(track),
  };
}

/** All clips as one. */
export function joinLessons(lessons: readonly Lesson[]): Shown & { latents: Float32Array } {
  const all = (pick: (lesson: Lesson) => Float32Array): Float32Array => concat(lessons.map(pick));
  return {
    features: all(({ features }) => features),
    latents: all(({ latents }) => latents),
    loudness: all(({ loudness }) => loudness),
    expressions: all(({ expressions }) => expressions),
  };
}

/** RMS displacement of the mouth's vertices over all frames of the scored clips, mm: of the puppet and of its baselines. */
export type ExpressionErrors = Record<'puppetry' | 'mean' | 'loudness' | 'phone', number>;

/** `map` is the puppet's own; the guesses are fitted on `fit`. */
export function expressionErrors(
  map: PersonMap,
  fit: readonly Lesson[],
  scored: readonly Lesson[],
): ExpressionErrors {
  const own = joinLessons(fit);
  const errorOf = (guess: (lesson: Lesson) => Float32Array): number => rmsMm(scored, guess);
  const of = (guess: Guess): number => errorOf(guess);
  return {
    puppetry: errorOf(({ latents }) => applyPersonMap(map, latents)),
    mean: of(meanGuess(own)),
    loudness: of(loudnessGuess(own)),
    phone: of(phoneGuess(own)),
  };
}

/** A7: the puppet's error when its map is fitted on the first 1, 2, … clips of the person. */
export function errorsByFootage(
  fit: readonly Lesson[],
  scored: readonly Lesson[],
): { seconds: number; mm: number }[] {
  return fit.map((_, i) => {
    const used = fit.slice(0, i + 1);
    const { latents, expressions } = joinLessons(used);
    const map = fitPersonMap(latents, expressions);
    const seconds = used.reduce((sum, { track }) => sum + track.frames.length / track.fps, 0);
    return { seconds, mm: rmsMm(scored, (lesson) => applyPersonMap(map, lesson.latents)) };
  });
}

function rmsMm(scored: readonly Lesson[], guess: (lesson: Lesson) => Float32Array): number {
  const gram = mouthGram(scored[0]!.track.mesh);
  let [squares, count] = [0, 0];
  for (const lesson of scored) {
    const guessed = guess(lesson);
    for (let at = 0; at < guessed.length; at += expressionCount) {
      squares += gramDistance(gram, guessed, lesson.expressions, at, at);
      count++;
    }
  }
  return Math.sqrt(squares / count);
}

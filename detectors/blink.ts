import { z } from 'zod';
import { ItemError } from '../src/errors.ts';
import { landmarksOf, trackOf } from '../src/head/track.ts';
import type { Clip, Detector } from '../src/types.ts';

const options = z.strictObject({});

/** First of the six landmarks of either eye among the inner 51. */
const eyes = [19, 25];
/** An eye is closed below this aspect ratio, and a blink lasts at least so many frames. */
const closedBelow = 0.2;
const leastFrames = 2;
/** People at rest. */
const blinksPerMinute = 17;

/**
 * Does the person blink as people do? The score is the surprise, −ln P, of the number of blinks in a Poisson process of 17 a
 * minute: high where nobody blinks for long, or all the time. It sees the face track, not the pixels.
 */
export const blink: Detector<z.infer<typeof options>> = {
  name: 'blink',
  cite: 'Soukupová, Čech: Real-Time Eye Blink Detection using Facial Landmarks, CVWW 2016 (eye aspect ratio, threshold 0.2)',
  family: 'physiological',
  judges: 'video',
  needs: 'track',
  constructed:
    'rendered people blink because we let them; the landmarks are those of the clip that a fake was made of, so it finds nothing in fakes that keep the eyes',
  options,
  label: () => 'blink',
  async load() {
    return { score: ({ clip }) => surprise(clip) };
  },
};

/** @throws ItemError E_NOT_APPLICABLE without a picture or a face track, E_TRACK for a damaged one. */
async function surprise(clip: Clip): Promise<number> {
  const { id, media } = clip;
  const track = await trackOf(clip, 'the eyes are');
  if (!media.video) throw new ItemError('E_NOT_APPLICABLE', `${id}: has no picture`);
  if (track.frames.length === 0) throw new ItemError('E_TRACK', `${id}: its face track has no frames`);
  const ratios = track.frames.map((_, t) => {
    const landmarks = landmarksOf(track, t);
    return (eyeAspectRatio(landmarks, eyes[0]!) + eyeAspectRatio(landmarks, eyes[1]!)) / 2;
  });
  return poissonSurprise(countBlinks(ratios), (blinksPerMinute * track.frames.length) / track.fps / 60);
}

/** (|p2 − p6| + |p3 − p5|) / (2 |p1 − p4|) of the six landmarks from `first` on; `landmarks`: x and y alternating. */
export function eyeAspectRatio(landmarks: ArrayLike<number>, first: number): number {
  const between = (a: number, b: number): number => {
    const [i, j] = [(first + a - 1) * 2, (first + b - 1) * 2];
    return Math.hypot(landmarks[i]! - landmarks[j]!, landmarks[i + 1]! - landmarks[j + 1]!);
  };
  return (between(2, 6) + between(3, 5)) / (2 * between(1, 4));
}

/** Stretches of at least two frames in which the eyes are closed. */
export function countBlinks(ratios: readonly number[]): number {
  let [blinks, closed] = [0, 0];
  for (const ratio of ratios) {
    closed = ratio < closedBelow ? closed + 1 : 0;
    if (closed === leastFrames) blinks++;
  }
  return blinks;
}

/** −ln P(count) where `expected` are expected. */
export function poissonSurprise(count: number, expected: number): number {
  let logFactorial = 0;
  for (let i = 2; i <= count; i++) logFactorial += Math.log(i);
  return expected - count * Math.log(expected) + logFactorial;
}

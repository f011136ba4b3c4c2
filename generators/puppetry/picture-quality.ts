/** How close the painted mouth is to the filmed one, beside what doing little would give. */
import { cropFrame } from '../../src/faces/composite.ts';
import { mouthBox } from '../../src/head/track.ts';
import type { Box } from '../../src/head/track.ts';
import { psnr, ssim, unrest } from '../../src/metrics/image.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { numbered } from '../../src/media/sample-frames.ts';
import { closureFrames } from '../../src/speech/lip-closure.ts';
import type { Frame, Measured } from '../../src/types.ts';
import type { Lesson } from './expression-quality.ts';
import type { Judge } from './judge.ts';
import { landmarkDistanceMm, type Mouth, mouthOf } from './mouth-reader.ts';
import { applyPersonMap } from './speech-models.ts';
import { byWay, type Comparison, makeAllWays, type Way, ways } from './ways.ts';

/**
 * Of one scored clip: means over its frames inside the mouth box; lip openings read from the pixels, one per frame; the least
 * opening read at each /p b m/.
 */
export type ClipQuality = {
  psnrDb: Record<Way, number>;
  ssim: Record<Way, number>;
  /** Mean absolute difference of the colours, of 0 to 1, over the whole frame and over the window that is repainted. */
  frameDifference: Record<Way, number>;
  windowDifference: Record<Way, number>;
  openingMm: Record<Way | 'filmed' | 'true', number[]>;
  /** Mean distance of the mouth's landmarks read from the pixels from the true ones, without the head's pose. */
  landmarkMm: Record<Way | 'filmed', number>;
  /** `unrest` of the mouth box over that of the filmed frames; of clips too short or too still to look at there is none. */
  flickerRatio?: Record<Way, number>;
  closuresMm: Record<Way | 'filmed', number[]>;
};

/** Every how many frames are painted and judged, and at every how many flicker is looked for, with their two neighbours. */
const frameStride = 3;
const flickerStride = 12;

/** Judges a scored clip; `other` is another one of the person, whose sound drives the way `shuffled`. `see` is shown every comparison. */
export async function judgeClip(
  judge: Judge,
  lesson: Lesson,
  other: Lesson,
  see: (comparison: Comparison) => void,
): Promise<ClipQuality> {
  const { actor, stage, read } = judge;
  const { track, clip } = lesson;
  const heard = applyPersonMap(actor.map, lesson.latents);
  const shuffled = applyPersonMap(actor.map, other.latents);
  const closures = closureFrames(clip.phones ?? [], track.fps, track.frames.length);
  const closing = new Set(closures.flat());
  const psnrDb = { puppetry: 0, mean: 0, nearest: 0, shuffled: 0 };
  const similarity = { ...psnrDb };
  const [inFrame, inWindow] = [{ ...psnrDb }, { ...psnrDb }];
  const mouths = new Map<number, Record<Way | 'filmed', Mouth>>();
  const sampled: number[] = [];
  const flicker: Record<Way, number>[] = [];
  let recent: Comparison[] = [];
  for await (const [t, filmed] of numbered(decodeFrames(clip.media.path))) {
    const besideFlicker = (t + 1) % flickerStride <= 2;
    if (t % frameStride !== 0 && !closing.has(t) && !besideFlicker) continue;
    const comparison = await makeAllWays(judge, lesson, t, filmed, [heard, shuffled]);
    const { made, window } = comparison;
    const { pose } = track.frames[t]!;
    const mouth = { filmed: read({ frame: filmed, pose }) } as Record<Way | 'filmed', Mouth>;
    for (const way of ways) mouth[way] = read({ frame: made[way], pose });
    mouths.set(t, mouth);
    recent = [...recent.slice(-2), comparison];
    if (t % flickerStride === 1 && t > flickerStride) {
      const ratio = flickerOf(recent, wholePixels(mouthBox(track, t - 1), recent[1]!.window));
      if (ratio) flicker.push(ratio);
    }
    if (t % frameStride !== 0) continue;
    sampled.push(t);
    const box = wholePixels(mouthBox(track, t), window);
    for (const way of ways) {
      psnrDb[way] += valueOf(psnr(filmed, made[way], box));
      similarity[way] += valueOf(ssim(filmed, made[way], box));
      inFrame[way] += meanDifference(filmed, made[way]);
      inWindow[way] += meanDifference(cropFrame(filmed, window), cropFrame(made[way], window));
    }
    see(comparison);
  }
  const each = (way: Way | 'filmed', frames: readonly number[]): number[] =>
    frames.map((t) => mouths.get(t)![way].openingMm);
  const shown = ['filmed', ...ways] as const;
  const truth = sampled.map((t) => mouthOf(stage, track.frames[t]!.expression));
  const landmarkMm = (way: Way | 'filmed'): number =>
    mean(sampled.map((t, i) => landmarkDistanceMm(mouths.get(t)![way], truth[i]!)));
  return {
    psnrDb: byWay(ways, (way) => psnrDb[way] / sampled.length),
    ssim: byWay(ways, (way) => similarity[way] / sampled.length),
    frameDifference: byWay(ways, (way) => inFrame[way] / sampled.length),
    windowDifference: byWay(ways, (way) => inWindow[way] / sampled.length),
    openingMm: {
      ...byWay(shown, (way) => each(way, sampled)),
      true: truth.map(({ openingMm }) => openingMm),
    },
    landmarkMm: byWay(shown, landmarkMm),
    ...(flicker.length > 0
      ? { flickerRatio: byWay(ways, (way) => mean(flicker.map((ratio) => ratio[way]))) }
      : {}),
    closuresMm: byWay(shown, (way) => closures.map((frames) => Math.min(...each(way, frames)))),
  };
}

/** Of three successive frames; undefined where nothing moves in the film. */
function flickerOf(recent: readonly Comparison[], box: Box): Record<Way, number> | undefined {
  const film = unrest(
    recent.map(({ filmed }) => filmed),
    box,
  );
  if (film === 0) return undefined;
  const of = (way: Way): number =>
    unrest(
      recent.map(({ made }) => made[way]),
      box,
    );
  return byWay(ways, (way) => of(way) / film);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of two pictures of one size, 0 to 1. */
function meanDifference(a: Frame, b: Frame): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / a.data.length / 255;
}

/** The whole pixels inside both boxes. */
function wholePixels(box: Box, within: Box): Box {
  const x = Math.max(within.x, Math.ceil(box.x));
  const y = Math.max(within.y, Math.ceil(box.y));
  const right = Math.min(within.x + within.width, Math.floor(box.x + box.width));
  const bottom = Math.min(within.y + within.height, Math.floor(box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

function valueOf(measured: Measured): number {
  if (measured.value === null) throw new Error(`the mouth cannot be judged: ${measured.reason}`);
  return measured.value;
}

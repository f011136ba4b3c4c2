/** How close the painted mouth is to the filmed one, beside what doing little would give. */
import { compositeFrame, cropFrame } from '../../src/faces/composite.ts';
import { fitAffine, warpFrame } from '../../src/faces/warp.ts';
import { lipOpeningMm } from '../../src/head/lip-opening.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { deform, project } from '../../src/head/mesh.ts';
import type { Pose } from '../../src/head/mesh.ts';
import { mouthBox } from '../../src/head/track.ts';
import type { Box } from '../../src/head/track.ts';
import { psnr, ssim } from '../../src/metrics/image.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { numbered } from '../../src/media/sample-frames.ts';
import { closureFrames } from '../../src/speech/lip-closure.ts';
import type { Frame, Measured } from '../../src/types.ts';
import { gramDistance, withSpeech } from './expression.ts';
import type { Lesson } from './expression-quality.ts';
import type { Judge } from './judge.ts';
import { paint } from './puppet.ts';
import { applyPersonMap } from './speech-models.ts';
import { placeOf } from './window.ts';
import type { Place } from './window.ts';

export const ways = ['puppetry', 'mean', 'nearest', 'shuffled'] as const;
export type Way = (typeof ways)[number];

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
  closuresMm: Record<Way | 'filmed', number[]>;
};

/** Every how many frames are painted and judged. */
const frameStride = 3;
/** One frame filmed, and painted in four ways. */
export type Comparison = { filmed: Frame; window: Box; made: Record<Way, Frame> };

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
  const openings = new Map<number, Record<Way | 'filmed', number>>();
  const sampled: number[] = [];
  for await (const [t, filmed] of numbered(decodeFrames(clip.media.path))) {
    if (t % frameStride !== 0 && !closing.has(t)) continue;
    const comparison = await makeAllWays(judge, lesson, t, filmed, [heard, shuffled]);
    const { made, window } = comparison;
    const { pose } = track.frames[t]!;
    const opening = { filmed: read({ frame: filmed, pose }) } as Record<Way | 'filmed', number>;
    for (const way of ways) opening[way] = read({ frame: made[way], pose });
    openings.set(t, opening);
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
    frames.map((t) => openings.get(t)![way]);
  const shown = ['filmed', ...ways] as const;
  const truth = sampled.map((t) => lipOpeningMm(stage.mesh, deform(stage.mesh, track.frames[t]!.expression)));
  return {
    psnrDb: byWay(ways, (way) => psnrDb[way] / sampled.length),
    ssim: byWay(ways, (way) => similarity[way] / sampled.length),
    frameDifference: byWay(ways, (way) => inFrame[way] / sampled.length),
    windowDifference: byWay(ways, (way) => inWindow[way] / sampled.length),
    openingMm: { ...byWay(shown, (way) => each(way, sampled)), true: truth },
    closuresMm: byWay(shown, (way) => closures.map((frames) => Math.min(...each(way, frames)))),
  };
}

function byWay<W extends string, T>(names: readonly W[], of: (way: W) => T): Record<W, T> {
  return Object.fromEntries(names.map((way) => [way, of(way)])) as Record<W, T>;
}

/** Frame `t` with the mouth painted as heard, at rest, from the nearest footage, and as heard in another sentence. */
async function makeAllWays(
  judge: Judge,
  { track }: Lesson,
  t: number,
  filmed: Frame,
  [heard, shuffled]: readonly [Float32Array, Float32Array],
): Promise<Comparison> {
  const { actor, stage } = judge;
  const { pose, expression } = track.frames[t]!;
  const place = placeOf(stage, pose, actor.sizePx);
  const speech = [rowAt(heard, t), judge.mean, rowAt(shuffled, t)];
  const shots = speech.map((part) => ({
    stage,
    place,
    frame: filmed,
    pose,
    expression: withSpeech(expression, part),
  }));
  const [puppetry, mean, misled] = await paint(actor, shots);
  const nearest = warpNearest(judge, rowAt(heard, t), pose, place);
  const patches: Record<Way, Frame> = { puppetry: puppetry!, mean: mean!, nearest, shuffled: misled! };
  const made = byWay(ways, (way) => compositeFrame(filmed, patches[way], place.window, place.mask));
  return { filmed, window: place.window, made };
}

/** The fitted frame whose expression is nearest to `speech`, moved to `pose`: the window's pixels. */
function warpNearest(
  { stage, footage, gram }: Judge,
  speech: Float32Array,
  pose: Pose,
  { window }: Place,
): Frame {
  let [nearest, least] = [footage[0]!, Infinity];
  for (const candidate of footage) {
    const distance = gramDistance(gram, withSpeech(speech, candidate.expression), speech);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  const [here, there] = [pose, nearest.pose].map((at) => project(stage.region.points, at, stage.camera));
  return warpFrame(nearest.frame, fitAffine(here!, there!, 3), window);
}

function rowAt(rows: Float32Array, t: number): Float32Array {
  return rows.subarray(t * expressionCount, (t + 1) * expressionCount);
}

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

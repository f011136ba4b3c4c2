/** How close the painted mouth is to the filmed one, beside what doing little would give. */
import { compositeFrame } from '../../src/faces/composite.ts';
import { fitAffine, warpFrame } from '../../src/faces/warp.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { deform, project } from '../../src/head/mesh.ts';
import type { Pose } from '../../src/head/mesh.ts';
import { mouthBox } from '../../src/head/track.ts';
import type { Box } from '../../src/head/track.ts';
import { psnr, ssim } from '../../src/metrics/image.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import type { Frame, Measured } from '../../src/types.ts';
import { fitApertureReader, lipOpeningMm } from './aperture.ts';
import type { ApertureReader, PosedFrame } from './aperture.ts';
import { meanGuess } from './baselines.ts';
import { expressionGram, gramDistance, withSpeech } from './expression.ts';
import { joinLessons } from './expression-quality.ts';
import type { Lesson } from './expression-quality.ts';
import { paint } from './puppet.ts';
import type { Actor } from './puppet.ts';
import { applyPersonMap } from './speech-models.ts';
import { textureSize } from './texture.ts';
import { placeOf, stageOf } from './window.ts';
import type { Place, Stage } from './window.ts';

export const ways = ['puppetry', 'mean', 'nearest', 'shuffled'] as const;
export type Way = (typeof ways)[number];

/** Of one scored clip: means over its frames inside the mouth box; lip openings read from the pixels, one per frame. */
export type ClipQuality = {
  psnrDb: Record<Way, number>;
  ssim: Record<Way, number>;
  openingMm: Record<Way | 'filmed' | 'true', number[]>;
};

/** Every how many frames are painted and judged. */
const frameStride = 3;
/** Every how many frames of the fitted footage may be the nearest one, and teach the aperture reader. */
const footageStride = 2;

type FootageFrame = PosedFrame & { expression: Float32Array };

/** What is needed of a person before any of their clips is judged. */
export type Judge = {
  actor: Actor;
  stage: Stage;
  footage: FootageFrame[];
  read: ApertureReader;
  mean: Float32Array;
  gram: Float32Array;
};

export async function createJudge(actor: Actor, fit: readonly Lesson[]): Promise<Judge> {
  const stage = stageOf(fit[0]!.track, textureSize(actor.textureSettings));
  const footage: FootageFrame[] = [];
  for (const { clip, track } of fit) {
    for await (const [t, frame] of numbered(decodeFrames(clip.media.path))) {
      if (t % footageStride === 0) footage.push({ frame, ...track.frames[t]! });
    }
  }
  const openings = footage.map(({ expression }) => lipOpeningMm(stage.mesh, deform(stage.mesh, expression)));
  const shown = joinLessons(fit);
  const mean = rowAt(meanGuess(shown)(shown), 0);
  const read = fitApertureReader(stage, footage, openings);
  return { actor, stage, footage, read, mean, gram: expressionGram(fit[0]!.track.mesh) };
}

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
  const heard = applyPersonMap(actor.map, lesson.latents);
  const shuffled = applyPersonMap(actor.map, other.latents);
  const quality: ClipQuality = {
    psnrDb: { puppetry: 0, mean: 0, nearest: 0, shuffled: 0 },
    ssim: { puppetry: 0, mean: 0, nearest: 0, shuffled: 0 },
    openingMm: { puppetry: [], mean: [], nearest: [], shuffled: [], filmed: [], true: [] },
  };
  let count = 0;
  for await (const [t, filmed] of numbered(decodeFrames(lesson.clip.media.path))) {
    if (t % frameStride !== 0) continue;
    count++;
    const { pose, expression } = lesson.track.frames[t]!;
    const place = placeOf(stage, pose, actor.sizePx);
    const row = (rows: Float32Array): Float32Array => rowAt(rows, t);
    const speech = [row(heard), judge.mean, row(shuffled)];
    const shots = speech.map((part) => ({
      stage,
      place,
      frame: filmed,
      pose,
      expression: withSpeech(expression, part),
    }));
    const [puppetry, mean, misled] = await paint(actor, shots);
    const nearest = warpNearest(judge, row(heard), pose, place);
    const patches: Record<Way, Frame> = { puppetry: puppetry!, mean: mean!, nearest, shuffled: misled! };
    const box = wholePixels(mouthBox(lesson.track, t), place.window);
    const made = {} as Record<Way, Frame>;
    for (const way of ways) {
      made[way] = compositeFrame(filmed, patches[way], place.window, place.mask);
      quality.psnrDb[way] += valueOf(psnr(filmed, made[way], box));
      quality.ssim[way] += valueOf(ssim(filmed, made[way], box));
      quality.openingMm[way].push(read({ frame: made[way], pose }));
    }
    quality.openingMm.filmed.push(read({ frame: filmed, pose }));
    quality.openingMm.true.push(lipOpeningMm(stage.mesh, deform(stage.mesh, expression)));
    see({ filmed, window: place.window, made });
  }
  for (const way of ways) {
    quality.psnrDb[way] /= count;
    quality.ssim[way] /= count;
  }
  return quality;
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

async function* numbered<T>(items: AsyncIterable<T>): AsyncGenerator<[number, T]> {
  let i = 0;
  for await (const item of items) yield [i++, item];
}

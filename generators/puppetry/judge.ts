/** What is needed of a person before any of their clips is judged, all of it from their fitted footage. */
import { expressionCount } from '../../src/head/expressions.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { numbered } from '../../src/media/sample-frames.ts';
import { closedBelow, closureFrames, type LipOpenings, vowelFrames } from '../../src/speech/lip-closure.ts';
import { meanGuess } from './baselines.ts';
import { expressionGram } from './expression.ts';
import { joinLessons } from './expression-quality.ts';
import type { Lesson } from './expression-quality.ts';
import { fitMouthReader, mouthOf } from './mouth-reader.ts';
import type { MouthReader, PosedFrame } from './mouth-reader.ts';
import type { Actor } from './puppet.ts';
import { textureSize } from './texture.ts';
import { stageOf } from './window.ts';
import type { Stage } from './window.ts';

/** Every how many frames of the fitted footage may be the nearest one, and teach the mouth reader. */
const footageStride = 2;

type FootageFrame = PosedFrame & { expression: Float32Array };

/** `closedBelowMm`: below which opening this person's lips count as closed, where their footage shows it. */
export type Judge = {
  actor: Actor;
  stage: Stage;
  footage: FootageFrame[];
  read: MouthReader;
  mean: Float32Array;
  gram: Float32Array;
  closedBelowMm?: number;
};

export async function createJudge(actor: Actor, fit: readonly Lesson[]): Promise<Judge> {
  const stage = stageOf(fit[0]!.track, textureSize(actor.textureSettings));
  const clips: FootageFrame[][] = [];
  for (const { clip, track } of fit) {
    const frames: FootageFrame[] = [];
    for await (const [t, frame] of numbered(decodeFrames(clip.media.path)))
      frames.push({ frame, ...track.frames[t]! });
    clips.push(frames);
  }
  const footage = clips.flatMap((frames) => frames.filter((_, t) => t % footageStride === 0));
  const mouths = footage.map(({ expression }) => mouthOf(stage, expression));
  const shown = joinLessons(fit);
  const mean = meanGuess(shown)(shown).subarray(0, expressionCount);
  const read = fitMouthReader(stage, footage, mouths);
  const limit = closedBelow(footageOpenings(fit, clips, read));
  const gram = expressionGram(fit[0]!.track.mesh);
  return {
    actor,
    stage,
    footage,
    read,
    mean,
    gram,
    ...(limit === undefined ? {} : { closedBelowMm: limit }),
  };
}

/** How far the lips open at the /p b m/ and the vowels of the fitted footage, as the reader sees it. */
function footageOpenings(
  fit: readonly Lesson[],
  clips: readonly FootageFrame[][],
  read: MouthReader,
): LipOpenings {
  const openings: LipOpenings = { closures: [], vowels: [] };
  for (const [i, { clip, track }] of fit.entries()) {
    const readings = clips[i]!.map((posed) => read(posed).openingMm);
    const at = (frames: readonly number[]): number[] => frames.map((t) => readings[t]!);
    const spans = [clip.phones ?? [], track.fps, track.frames.length] as const;
    for (const frames of closureFrames(...spans)) openings.closures.push(Math.min(...at(frames)));
    for (const frames of vowelFrames(...spans)) openings.vowels.push(Math.max(...at(frames)));
  }
  return openings;
}

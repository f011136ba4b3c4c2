/** What is needed of a person before any of their clips is judged, all of it from their fitted footage. */
import { deform } from '../../src/head/mesh.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { numbered } from '../../src/media/sample-frames.ts';
import { fitApertureReader, lipOpeningMm } from './aperture.ts';
import type { ApertureReader, PosedFrame } from './aperture.ts';
import { meanGuess } from './baselines.ts';
import { expressionGram } from './expression.ts';
import { joinLessons } from './expression-quality.ts';
import type { Lesson } from './expression-quality.ts';
import { closedBelowMm, closureFrames, type LipOpenings, vowelFrames } from './lip-closure.ts';
import type { Actor } from './puppet.ts';
import { textureSize } from './texture.ts';
import { stageOf } from './window.ts';
import type { Stage } from './window.ts';

/** Every how many frames of the fitted footage may be the nearest one, and teach the aperture reader. */
const footageStride = 2;

type FootageFrame = PosedFrame & { expression: Float32Array };

/** `closedBelowMm`: below which opening this person's lips count as closed, where their footage shows it. */
export type Judge = {
  actor: Actor;
  stage: Stage;
  footage: FootageFrame[];
  read: ApertureReader;
  mean: Float32Array;
  gram: Float32Array;
  closedBelowMm?: number;
};

export async function createJudge(actor: Actor, fit: readonly Lesson[]): Promise<Judge> {
  const stage = stageOf(fit[0]!.track, textureSize(actor.textureSettings));
  const footage: FootageFrame[][] = [];
  for (const { clip, track } of fit) {
    const frames: FootageFrame[] = [];
    for await (const [t, frame] of numbered(decodeFrames(clip.media.path))) {
      if (t % footageStride === 0) frames.push({ frame, ...track.frames[t]! });
    }
    footage.push(frames);
  }
  const all = footage.flat();
  const openings = all.map(({ expression }) => lipOpeningMm(stage.mesh, deform(stage.mesh, expression)));
  const shown = joinLessons(fit);
  const mean = meanGuess(shown)(shown).subarray(0, expressionCount);
  const read = fitApertureReader(stage, all, openings);
  const limit = closedBelowMm(footageOpenings(fit, footage, read));
  const gram = expressionGram(fit[0]!.track.mesh);
  return {
    actor,
    stage,
    footage: all,
    read,
    mean,
    gram,
    ...(limit === undefined ? {} : { closedBelowMm: limit }),
  };
}

/** How far the lips open at the /p b m/ and the vowels of the fitted footage, as the reader sees it. */
function footageOpenings(
  fit: readonly Lesson[],
  footage: readonly FootageFrame[][],
  read: ApertureReader,
): LipOpenings {
  const openings: LipOpenings = { closuresMm: [], vowelsMm: [] };
  for (const [i, { clip, track }] of fit.entries()) {
    const readings = footage[i]!.map(read);
    const at = (frames: readonly number[]): number[] =>
      frames.filter((t) => t % footageStride === 0).map((t) => readings[t / footageStride]!);
    const spans = [clip.phones ?? [], track.fps, track.frames.length] as const;
    for (const frames of closureFrames(...spans)) openings.closuresMm.push(...least(at(frames)));
    for (const frames of vowelFrames(...spans)) openings.vowelsMm.push(...greatest(at(frames)));
  }
  return openings;
}

const least = (values: number[]): number[] => (values.length > 0 ? [Math.min(...values)] : []);
const greatest = (values: number[]): number[] => (values.length > 0 ? [Math.max(...values)] : []);

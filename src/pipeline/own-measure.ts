/** What the measures of fakes that learn for themselves (`sync-own`, `kid-own`) have in common. */
import type { Clip, Measured } from '../types.ts';
import type { LineItem } from './items.ts';
import type { MadeFakes } from './make-fakes.ts';

export type Figures = Record<string, Measured>;
/** `figures`: whether the measure itself can be trusted, on real clips. `ofGenerator`: by the generator's label. */
export type Measure = {
  info: Record<string, unknown>;
  trainSeconds: number;
  figures: Figures;
  ofGenerator: Record<string, Figures>;
};
/** Clips, the real ones as published, and fakes as they come. */
export type MeasuredLine = { clips: Clip[]; published: Promise<LineItem[]>; fakes: Promise<MadeFakes>[] };

/** Fifteen training steps a clip, so that few clips are not learnt by heart, and no more than it takes. */
export const stepsFor = (lessons: readonly Clip[]): number => Math.min(300, 15 * lessons.length);

/** Detectors judge one clip at one level of a perturbation, which is made once for all of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { perturbations } from '../perturbations/index.ts';
import { createRng } from '../random.ts';
import type { Clip, OpenClip, Work } from '../types.ts';
import { failureOf } from './items.ts';
import { defineJob } from './job.ts';
import { answersOf, type Said } from './others.ts';
import { type DetectorRef, openForScoring, scoreWith } from './scorer.ts';

/** A level of one of its series; the first is 1. */
export type PerturbationRef = { name: string; options: unknown; series: string; level: number };
export type DistortedInput = {
  clip: Clip;
  perturbation: PerturbationRef;
  seed: number;
  /** Whose draw it is: the person seen, so that what is done to a real clip is done to its fakes. */
  person: string;
  /** `others`: places in this list, before its own, of those that it asks. */
  detectors: (DetectorRef & { label: string; others?: number[] })[];
};

export const scoreDistorted = defineJob({
  name: 'score-distorted',
  module: import.meta.url,
  threads: 1,
  async run(
    { clip, perturbation, seed, person, detectors }: DistortedInput,
    work: Work,
  ): Promise<{ said: Said[] }> {
    const folder = await mkdtemp(join(work.folder, 'distorted-'));
    try {
      const distorted = await distort(clip, perturbation, createRng(seed, 'perturbation', person), folder);
      const said: Said[] = [];
      for (const { label, others, ...detector } of detectors) {
        const answers =
          others && answersOf(others.map((i) => ({ label: detectors[i]!.label, said: said[i]! })));
        said.push(answers && 'failure' in answers ? answers : await sayOf(detector, distorted, answers));
      }
      return { said };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

async function distort(
  clip: Clip,
  { name, options, series, level }: PerturbationRef,
  draw: ReturnType<typeof createRng>,
  folder: string,
): Promise<OpenClip> {
  const found = perturbations[name]!.series(options).find((one) => one.name === series)!.levels[level - 1]!;
  return found.distort(await openForScoring(clip), draw.fork(series, level), folder);
}

async function sayOf(
  detector: DetectorRef,
  clip: OpenClip,
  others: (number | null)[] | undefined,
): Promise<Said> {
  try {
    return { score: await scoreWith(detector, clip, others) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

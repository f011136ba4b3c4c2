/** Detectors judge one clip at one level of a perturbation, which is made once for all of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { perturbations } from '../perturbations/index.ts';
import { createRng } from '../random.ts';
import type { Clip, OpenClip, Series, Truth, Work } from '../types.ts';
import { failureOf } from './items.ts';
import { defineJob } from './job.ts';
import { answersOf, type Said } from './others.ts';
import { type DetectorRef, openForScoring, scoreAttacked, scoreWith } from './scorer.ts';

/** A level of one of its series; the first is 1. */
export type PerturbationRef = { name: string; options: unknown; series: string; level: number };
export type DistortedInput = {
  clip: Clip;
  perturbation: PerturbationRef;
  seed: number;
  /** Whose draw it is: the person seen, so that what is done to a real clip is done to its fakes. */
  person: string;
  /** Of an attack alone: what it makes the clip look like. */
  towards?: Truth;
  /** `others`: places in this list, before its own, of those that it asks. */
  detectors: (DetectorRef & { label: string; others?: number[] })[];
};

export const scoreDistorted = defineJob({
  name: 'score-distorted',
  module: import.meta.url,
  threads: 1,
  isFinal: ({ said }) => said.every((one) => 'score' in one || one.failure.code === 'E_NOT_APPLICABLE'),
  async run(input: DistortedInput, work: Work): Promise<{ said: Said[] }> {
    const { clip, perturbation, seed, person, detectors } = input;
    const level = levelOf(perturbation);
    const draw = createRng(seed, 'perturbation', person).fork(perturbation.series, perturbation.level);
    const open = await openForScoring(clip);
    if ('attack' in level) {
      const settings = { ...level.attack, towards: input.towards! };
      const attacks = detectors.map((one) => () => scoreAttacked(one, open, settings, draw.fork(one.label)));
      return { said: await inOrder(attacks) };
    }
    const folder = await mkdtemp(join(work.folder, 'distorted-'));
    try {
      return { said: await askAll(detectors, await level.distort(open, draw, folder)) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

const levelOf = ({ name, options, series, level }: PerturbationRef): Series['levels'][number] =>
  perturbations[name]!.series(options).find((one) => one.name === series)!.levels[level - 1]!;

async function askAll(detectors: DistortedInput['detectors'], clip: OpenClip): Promise<Said[]> {
  const said: Said[] = [];
  for (const { label: _, others, ...detector } of detectors) {
    const answers = others && answersOf(others.map((i) => ({ label: detectors[i]!.label, said: said[i]! })));
    const [own] =
      answers && 'failure' in answers ? [answers] : await inOrder([() => scoreWith(detector, clip, answers)]);
    said.push(own!);
  }
  return said;
}

/** One after the other: each gives a score or fails for a reason that lies in the clip. */
async function inOrder(asked: (() => Promise<number>)[]): Promise<Said[]> {
  const said: Said[] = [];
  for (const ask of asked) {
    try {
      said.push({ score: await ask() });
    } catch (error) {
      said.push({ failure: failureOf(error) });
    }
  }
  return said;
}

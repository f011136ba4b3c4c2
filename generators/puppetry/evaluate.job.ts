/** Judges the puppet of one person on their scored clips, on which nothing was fitted. */
import { join } from 'node:path';
import { cropFrame } from '../../src/faces/composite.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Clip, FileRef, Frame, Work } from '../../src/types.ts';
import { errorsByFootage, expressionErrors, readLesson } from './expression-quality.ts';
import type { ExpressionErrors, Lesson } from './expression-quality.ts';
import { heardBy, type Settings } from './options.ts';
import { createJudge, type Judge } from './judge.ts';
import { judgeClip } from './picture-quality.ts';
import type { ClipQuality } from './picture-quality.ts';
import { closeActor, closeEars, openActor, openEars } from './puppet.ts';
import type { ModelFiles } from './puppet.ts';
import { type Comparison, ways } from './ways.ts';

/** All clips of one person with a track, at least one to fit and two to score. */
type Input = { person: string; clips: Clip[]; files: ModelFiles; settings: Settings };
export type PersonQuality = {
  person: string;
  errors: ExpressionErrors;
  byFootage: { seconds: number; mm: number }[];
  clips: ClipQuality[];
  closedBelowMm?: number;
  /** Frames one below the other, filmed and made in each way, the window three times enlarged. */
  sheet: FileRef;
};

export const judgePerson = defineJob<Input, PersonQuality>({
  name: 'puppetry-judge',
  module: import.meta.url,
  threads: 1,
  run,
});

const sheetRows = 4;
const sheetScale = 2;

async function run({ person, clips, files, settings }: Input, work: Work): Promise<PersonQuality> {
  const { montage, resizeFrame, writeJpeg } = await import('../../src/media/images.ts');
  const ears = await openEars(files, heardBy(settings.audio));
  const lessons: Lesson[] = [];
  try {
    for (const clip of clips) lessons.push(await readLesson(clip, ears));
  } finally {
    closeEars(ears);
  }
  const fit = lessons.filter(({ clip }) => clip.use === 'fit');
  const scored = lessons.filter(({ clip }) => clip.use === 'score');
  const actor = await openActor(files, person, settings.renderer);
  const judged: ClipQuality[] = [];
  const cells: Frame[] = [];
  let judge: Judge;
  try {
    judge = await createJudge(actor, fit);
    for (const [i, lesson] of scored.entries()) {
      const seen: Comparison[] = [];
      const other = scored[(i + 1) % scored.length]!;
      judged.push(await judgeClip(judge, lesson, other, (comparison) => seen.push(comparison)));
      if (i < sheetRows) cells.push(...rowOf(widestOpen(seen, judged.at(-1)!)));
      work.progress((i + 1) / scored.length);
    }
  } finally {
    closeActor(actor);
  }
  const sheet = montage(cells, ways.length + 1);
  await writeJpeg(
    join(work.folder, 'sheet.jpg'),
    await resizeFrame(sheet, sheet.width * sheetScale, sheet.height * sheetScale),
  );
  return {
    person,
    errors: expressionErrors(actor.map, fit, scored),
    byFootage: errorsByFootage(fit, scored),
    clips: judged,
    ...(judge.closedBelowMm === undefined ? {} : { closedBelowMm: judge.closedBelowMm }),
    sheet: await work.keep('sheet.jpg'),
  };
}

/** The frame of a clip at which the mouth is really open the most: what tells the ways apart. */
function widestOpen(seen: Comparison[], { openingMm }: ClipQuality): Comparison {
  const widest = openingMm.true.indexOf(Math.max(...openingMm.true));
  return seen[widest]!;
}

function rowOf({ filmed, window, made }: Comparison): Frame[] {
  return [filmed, ...ways.map((way) => made[way])].map((frame) => cropFrame(frame, window));
}

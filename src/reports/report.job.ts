/**
 * Writes `report.html` and the figures into a run's folder from what lies there: `outcomes.csv`, `human.csv` where people judged, and the record and pictures it is given.
 * A job, because escaping and joining megabytes would keep the main process from its signals for too long.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScoredItem } from '../metrics/detection.ts';
import { defineJob } from '../pipeline/job.ts';
import type { RunRecord } from '../records/record.ts';
import type { FileRef } from '../types.ts';
import type { Facts } from './fakes-section.ts';
import type { HardItem } from './hardest.ts';
import type { ItemPictures } from './item.job.ts';
import type { LookedAt } from './looked-section.ts';
import type { OcclusionMap } from './occlusion.job.ts';
import type { Strip } from './strip.job.ts';

/** `sheets`: pictures of a generator's quality with their titles. `strips`: the fakes shown, each with what is known of it. `hardest`: the clips that most detectors get wrong. `looked`: where detectors look. */
export type ReportInput = {
  record: RunRecord;
  strips: (Facts & { strip: Strip })[];
  sheets: { generator: string; title: string; picture: FileRef }[];
  hardest: (HardItem & { pictures: ItemPictures })[];
  looked: (LookedAt & (OcclusionMap | { reason: string }))[];
};

/** Its folder is the run's. Every report is written anew: it is a view, and nothing is gained by keeping old ones. */
export const drawReport = defineJob({
  name: 'report',
  module: import.meta.url,
  threads: 1,
  async run({ record, strips, sheets, hardest, looked }: ReportInput, { folder }): Promise<null> {
    const { atomicWrite } = await import('../files.ts');
    const { readOutcomes } = await import('../records/outcomes.ts');
    const { rocFigures } = await import('./figures.ts');
    const { buildReport } = await import('./report.ts');
    const outcomes = await readOutcomes(join(folder, 'outcomes.csv'));
    const human = await humanAnswers(join(folder, 'human.csv'));
    const assets = {
      ...(human ? { human } : {}),
      strips: await Promise.all(
        strips.map(async ({ strip, ...facts }) => ({
          ...facts,
          video: await toDataUri(strip.video, 'video/mp4'),
          poster: await toDataUri(strip.poster, 'image/jpeg'),
        })),
      ),
      sheets: await Promise.all(
        sheets.map(async ({ generator, title, picture }) => {
          const kind = picture.path.endsWith('.png') ? 'image/png' : 'image/jpeg';
          return { generator, title, image: await toDataUri(picture, kind) };
        }),
      ),
      hardest: await Promise.all(
        hardest.map(async ({ pictures: { frames, sound }, ...item }) => ({
          ...item,
          ...(frames ? { frames: await toDataUri(frames, 'image/jpeg') } : {}),
          ...(sound ? { sound: await toDataUri(sound, 'image/jpeg') } : {}),
        })),
      ),
      looked: await Promise.all(
        looked.map(async (map) =>
          'picture' in map ? { ...map, picture: await toDataUri(map.picture, 'image/jpeg') } : map,
        ),
      ),
    };
    await atomicWrite(join(folder, 'report.html'), buildReport(record, outcomes, assets));
    await rm(join(folder, 'figures'), { recursive: true, force: true });
    await mkdir(join(folder, 'figures'));
    for (const { name, svg, csv } of rocFigures(record, outcomes)) {
      await atomicWrite(join(folder, 'figures', `${name}.svg`), svg);
      await atomicWrite(join(folder, 'figures', `${name}.csv`), csv);
    }
    return null;
  },
});

/** Undefined where nobody has answered yet. */
async function humanAnswers(path: string): Promise<ScoredItem[] | undefined> {
  if (!existsSync(path)) return undefined;
  const { readScores } = await import('../score-files/read.ts');
  const { rows } = await readScores(path, 'csv');
  return rows.flatMap(({ id, score, truth, group = id, driver }) =>
    truth ? [{ truth, score, group, ...(driver ? { driver } : {}) }] : [],
  );
}

async function toDataUri({ path }: FileRef, kind: string): Promise<string> {
  return `data:${kind};base64,${(await readFile(path)).toString('base64')}`;
}

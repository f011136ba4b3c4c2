/**
 * Writes `report.html` and the figures into a run's folder from what lies there: `outcomes.csv`, and the record and pictures it is given.
 * A job, because escaping and joining megabytes would keep the main process from its signals for too long.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defineJob } from '../pipeline/job.ts';
import type { RunRecord } from '../records/record.ts';
import type { FileRef } from '../types.ts';
import type { Facts } from './fakes-section.ts';
import type { Strip } from './strip.job.ts';

/** `sheets`: pictures of a generator's quality with their titles. `strips`: the fakes shown, each with what is known of it. */
export type ReportInput = {
  record: RunRecord;
  strips: (Facts & { strip: Strip })[];
  sheets: { generator: string; title: string; picture: FileRef }[];
};

/** Its folder is the run's. Every report is written anew: it is a view, and nothing is gained by keeping old ones. */
export const drawReport = defineJob({
  name: 'report',
  module: import.meta.url,
  threads: 1,
  async run({ record, strips, sheets }: ReportInput, { folder }): Promise<null> {
    const { atomicWrite } = await import('../files.ts');
    const { readOutcomes } = await import('../records/outcomes.ts');
    const { rocFigures } = await import('./figures.ts');
    const { buildReport } = await import('./report.ts');
    const outcomes = await readOutcomes(join(folder, 'outcomes.csv'));
    const assets = {
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

async function toDataUri({ path }: FileRef, kind: string): Promise<string> {
  return `data:${kind};base64,${(await readFile(path)).toString('base64')}`;
}

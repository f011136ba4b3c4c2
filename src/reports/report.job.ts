/**
 * Writes `report.html` into a run's folder from what lies there: `outcomes.csv`, and the record and pictures it is given.
 * A job, because escaping and joining megabytes would keep the main process from its signals for too long.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineJob } from '../pipeline/job.ts';
import type { RunRecord } from '../records/record.ts';
import type { FileRef } from '../types.ts';
import type { ReportPicture } from './report.ts';

export type PictureFile = { generator: string; id: string; picture: FileRef };
export type ReportInput = { record: RunRecord; strips: PictureFile[]; sheets: PictureFile[] };

/** Its folder is the run's. Every report is written anew: it is a view, and nothing is gained by keeping old ones. */
export const drawReport = defineJob({
  name: 'report',
  module: import.meta.url,
  threads: 1,
  async run({ record, strips, sheets }: ReportInput, { folder }): Promise<null> {
    const { atomicWrite } = await import('../files.ts');
    const { readOutcomes } = await import('../records/outcomes.ts');
    const { buildReport } = await import('./report.ts');
    const outcomes = await readOutcomes(join(folder, 'outcomes.csv'));
    const assets = { strips: await embed(strips), sheets: await embed(sheets) };
    await atomicWrite(join(folder, 'report.html'), buildReport(record, outcomes, assets));
    return null;
  },
});

function embed(files: PictureFile[]): Promise<ReportPicture[]> {
  return Promise.all(
    files.map(async ({ generator, id, picture }) => ({ generator, id, image: await toDataUri(picture) })),
  );
}

async function toDataUri({ path }: FileRef): Promise<string> {
  const bytes = await readFile(path);
  const kind = bytes[0] === 0x89 ? 'png' : 'jpeg';
  return `data:image/${kind};base64,${bytes.toString('base64')}`;
}

/** Made-up runs on the disk, as a run leaves them: record, outcomes and items, with their hashes in the record. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256OfFile } from '../../src/files.ts';
import { formatItems, type ItemRow } from '../../src/records/item-table.ts';
import { writeOutcomes } from '../../src/records/outcomes.ts';
import { type RunRecord, writeRecord } from '../../src/records/record.ts';
import type { MadeUpRun } from './made-up-run.ts';

/** Leaves the runs in a new folder, in the order given. */
export async function runsFolder(...runs: (MadeUpRun & { items?: ItemRow[] })[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'masque-runs-'));
  for (const run of runs) await leaveRun(folder, run);
  return folder;
}

export async function leaveRun(
  runs: string,
  { record, outcomes, items }: MadeUpRun & { items?: ItemRow[] },
): Promise<void> {
  const folder = join(runs, record.id);
  await mkdir(folder);
  await writeOutcomes(folder, outcomes);
  if (items) await writeFile(join(folder, 'items.csv'), formatItems(items));
  const hashes: NonNullable<RunRecord['sha256']> = {};
  for (const name of ['outcomes.csv', ...(items ? ['items.csv'] : [])])
    hashes[name] = await sha256OfFile(join(folder, name));
  await writeRecord(folder, { ...record, sha256: hashes });
}

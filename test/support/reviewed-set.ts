/** An export of reviewed files, as small as it can be: two that decode, one of them a fake. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { sha256OfFile } from '../../src/files.ts';
import { formatCsv } from '../../src/records/csv.ts';
import { reviewedColumns } from '../../src/screening/reviewed.ts';
import { goldenPath } from '../golden/make.ts';

/** Returns the folder. `decided`: by golden file. */
export async function writeReviewed(
  folder: string,
  decided: Record<string, { label: string; basis: string; group?: string }> = {
    'clip.mp4': { label: 'real', basis: 'original-found' },
    'silent.mp4': { label: 'fake', basis: 'opinion' },
  },
): Promise<string> {
  await mkdir(join(folder, 'files'), { recursive: true });
  const rows = await Promise.all(
    Object.entries(decided).map(async ([name, { label, basis, group }]) => {
      const sha256 = await sha256OfFile(goldenPath(name));
      const file = `files/${sha256}${extname(name)}`;
      await copyFile(goldenPath(name), join(folder, file));
      return [file, sha256, label, basis, group ?? sha256];
    }),
  );
  await writeFile(join(folder, 'reviewed.csv'), formatCsv([[...reviewedColumns], ...rows]));
  return folder;
}

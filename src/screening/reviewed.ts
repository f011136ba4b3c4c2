/**
 * What reviewers decided, as labelled files to learn from and to be asked about: read where the service lies, or exported (`reviewed.csv` and `files/`) to go elsewhere. No names, no
 * sources, no submitters: only contents, what was decided, and on what grounds.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { atomicWrite, replaceFolder, sha256OfFile } from '../files.ts';
import { formatCsv } from '../records/csv.ts';
import type { Truth } from '../types.ts';
import type { Db } from './database.ts';
import { requireServiceFolder } from './service-folder.ts';
import { mostDifferingBits } from './similar.ts';
import { type Basis, bases, type Decision } from './types.ts';
import { vaultName } from './vault.ts';

/** `file`: below the folder. `group`: that of all near copies, the least of their hashes: they lie in one split. */
export type ReviewedItem = { sha256: string; file: string; label: Truth; basis: Basis; group: string };

export const reviewedTable = 'reviewed.csv';
export const reviewedColumns = ['file', 'sha256', 'label', 'basis', 'group'] as const;

type Row = { sha256: string; extension: string; kept: number; state: Decision; bases: string };

/** The decided contents of a service, by hash; `erased`: how many more there are whose bytes are gone. @throws UserError where its database is damaged. */
export async function reviewedIn(folder: string): Promise<{ items: ReviewedItem[]; erased: number }> {
  const { openDatabase } = await import('./database.ts');
  const db = openDatabase(folder, { make: false });
  try {
    const groups = groupsIn(db);
    // The last decision counts; of a content that was released and then confirmed, the second.
    const rows = db.all<Row>(
      `SELECT c.sha256, c.extension, c.kept, q.state,
         (SELECT json_group_array(basis) FROM reviews r WHERE r.quarantineId = q.quarantineId AND r.decision = q.state) AS bases
       FROM contents c JOIN quarantines q ON q.number =
         (SELECT max(number) FROM quarantines WHERE sha256 = c.sha256 AND state <> 'held')
       ORDER BY c.sha256`,
    );
    const items = rows
      .filter(({ kept }) => kept === 1)
      .map(
        (row): ReviewedItem => ({
          sha256: row.sha256,
          file: join('vault', vaultName(row)),
          label: row.state === 'confirmed' ? 'fake' : 'real',
          basis: bestOf(JSON.parse(row.bases) as Basis[]),
          group: groups(row.sha256),
        }),
      );
    return { items, erased: rows.length - items.length };
  } finally {
    db.close();
  }
}

/** One independent reason is enough: another reviewer's opinion beside it does not take from it. */
const bestOf = (given: readonly Basis[]): Basis => bases.find((basis) => given.includes(basis)) ?? 'opinion';

/** Near copies of near copies are one group too. */
function groupsIn(db: Db): (sha256: string) => string {
  const above = new Map<string, string>();
  const top = (sha256: string): string => {
    let at = sha256;
    for (let next = above.get(at); next !== undefined; next = above.get(at)) at = next;
    return at;
  };
  const pairs = db.all<{ sha256: string; other: string }>(
    'SELECT sha256, other FROM similar WHERE bits <= ? AND sha256 < other ORDER BY sha256, other',
    mostDifferingBits,
  );
  for (const { sha256, other } of pairs) {
    const [least, greatest] = [top(sha256), top(other)].toSorted() as [string, string];
    if (least !== greatest) above.set(greatest, least);
  }
  return top;
}

/**
 * Copies what was decided into the folder `to`, which is replaced, for the data set `reviewed`. Returns how many files.
 * @throws UserError where there is no service in `folder`, nothing decided whose bytes are kept, or one of the files was changed since.
 */
export async function exportReviewed(folder: string, to: string): Promise<number> {
  requireServiceFolder(folder);
  const { items } = await reviewedIn(folder);
  if (items.length === 0)
    throw new UserError(
      `${folder}: nothing is decided whose bytes are still kept, so there is nothing to export`,
    );
  if (existsSync(to) && !existsSync(join(to, reviewedTable)))
    throw new UserError(`${to}: is there already and no export; take another folder`);
  await replaceFolder(to, async (fresh) => {
    await mkdir(join(fresh, 'files'));
    const rows = items.map(({ file, ...item }) => ({
      ...item,
      from: file,
      file: `files/${file.slice('vault/ab/'.length)}`,
    }));
    for (const { from, file, sha256 } of rows) {
      await copyFile(join(folder, from), join(fresh, file));
      if ((await sha256OfFile(join(fresh, file))) !== sha256)
        throw new UserError(`${join(folder, from)}: is not what was decided about; its hash is another`);
    }
    const table = [[...reviewedColumns], ...rows.map((row) => reviewedColumns.map((column) => row[column]))];
    await atomicWrite(join(fresh, reviewedTable), formatCsv(table));
  });
  return items.length;
}

/**
 * What happened to files, in `audit.log.jsonl`, where nothing can be changed, left out or moved unnoticed (`src/records/audit-log.ts`). An entry is written into the
 * database in the same step as what it tells of, and from there into the log, under the same number: so neither has what the other will never have,
 * wherever a crash comes. The database keeps the log's last hash, so that a log cut short is found too.
 */
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { failPoint } from '../fail-point.ts';
import {
  type Entry,
  type Line,
  linesWhere,
  openLog,
  type Verified,
  verifyLog,
} from '../records/audit-log.ts';
import { lockOwner } from '../records/run-lock.ts';
import { type Db, openDatabase } from './database.ts';
import { requireServiceFolder } from './service-folder.ts';
import { pageOf } from './store.ts';
import type { Page, Paging } from './types.ts';

export type Audit = {
  /** Brings what the database has into the log, soon. */
  follow(): void;
  /** Resolves when all of it is there. @throws where it cannot be written. */
  settled(): Promise<void>;
  /** Whether the last attempt to write succeeded. */
  isFine(): boolean;
  close(): Promise<void>;
};

export const auditPath = (folder: string): string => join(folder, 'audit.log.jsonl');
export const auditRemedy =
  'put back a copy of it, or keep the whole folder as evidence and begin in a new one';
/** Entries a write. */
const batch = 1000;
const retryMs = 1000;

/** Notes an entry; to be called in a step of `db.change`. No names of files, no sources: logs are handed around. */
export function noteEntry(db: Db, entry: Entry & { sha256?: string }): void {
  db.run('INSERT INTO audit (sha256, entry) VALUES (?, ?)', entry.sha256 ?? null, JSON.stringify(entry));
}

/** The entries of a content, newest first. */
export function listEntries(db: Db, sha256: string, paging: Paging): Page<Entry> {
  const own = 'FROM audit WHERE sha256 = ?';
  const { n } = db.first<{ n: number }>(`SELECT count(*) AS n ${own}`, sha256)!;
  return pageOf(paging, n, (limit, offset) =>
    db
      .all<{ entry: string }>(
        `SELECT entry ${own} ORDER BY number DESC LIMIT ? OFFSET ?`,
        sha256,
        limit,
        offset,
      )
      .map(({ entry }) => JSON.parse(entry) as Entry),
  );
}

/** How far the log was written, as the database knows it. */
function noted(db: Db): { number: number; head: string | undefined } {
  const value = (name: string): string | undefined =>
    db.first<{ value: string }>('SELECT value FROM settings WHERE name = ?', name)?.value;
  return { number: Number(value('auditNumber') ?? 0), head: value('auditHead') };
}

const rowsAfter = (db: Db, number: number): { number: number; entry: string }[] =>
  db.all('SELECT number, entry FROM audit WHERE number > ? ORDER BY number LIMIT ?', number, batch);

/**
 * Opens the log of a service. `warn` hears why nothing can be written. @throws UserError where it does not hold, lacks entries that the database knows to be in it, or has others.
 */
export async function openAudit(folder: string, db: Db, warn: (message: string) => void): Promise<Audit> {
  const path = auditPath(folder);
  const known = noted(db);
  const log = await openLog(path, { anchor: known.head, mayBeTorn: true, remedy: auditRemedy });
  if (log.number > known.number) await requireSame(path, db, known.number);
  let writing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let fine = true;
  const write = async (): Promise<void> => {
    for (let rows = rowsAfter(db, log.number); ; rows = rowsAfter(db, log.number)) {
      await log.append(rows.map(({ entry }) => JSON.parse(entry) as Entry));
      failPoint('audit-appended');
      db.change(() => {
        const put = 'INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value';
        db.run(put, 'auditNumber', String(log.number));
        db.run(put, 'auditHead', log.head);
      });
      failPoint('audit-noted');
      if (rows.length < batch) break;
    }
    fine = true;
  };
  const settled = (): Promise<void> => {
    clearTimeout(retry);
    writing = (writing ?? Promise.resolve())
      .catch(() => {})
      .then(write)
      .catch((error: unknown) => {
        fine = false;
        throw error;
      });
    return writing;
  };
  let asked = false;
  const follow = (): void => {
    if (asked) return;
    asked = true;
    setImmediate(() => {
      asked = false;
      const wasFine = fine;
      settled().catch((error: unknown) => {
        if (wasFine) warn(`${path}: not written yet, and tried again: ${(error as Error).message}`);
        retry = setTimeout(follow, retryMs).unref();
      });
    });
  };
  return {
    follow,
    settled,
    isFine: () => fine,
    async close() {
      await settled().catch(() => {});
      clearTimeout(retry);
      await log.close();
    },
  };
}

/** What stands in the log behind what the database remembers was written just before a crash: then it is what the database has. */
async function requireSame(path: string, db: Db, after: number): Promise<void> {
  const { lines } = await linesWhere(path, (line) => line.number > after && isForeign(db, line));
  if (lines.length > 0)
    throw new UserError(`${path}: ${foreign(lines)}. Nothing is appended to it; ${auditRemedy}`);
}

const foreign = ([first]: Line[]): string => `entry ${first!.number} is none of this service`;

function isForeign(db: Db, { number, entry }: Line): boolean {
  const row = db.first<{ entry: string }>('SELECT entry FROM audit WHERE number = ?', number);
  return row?.entry !== JSON.stringify(entry);
}

/** How many entries of the database are not in the log yet; the service writes them, if need be when it starts again. */
const unwritten = (db: Db): number =>
  db.first<{ n: number }>('SELECT count(*) AS n FROM audit WHERE number > ?', noted(db).number)!.n;

/** `torn`: a service that was killed while it wrote left a part of a last line, which the next start mends: the database has what it was to say. */
type CheckedLog = Verified & { torn?: true };

/**
 * Whether the log of a service is a whole chain, agrees with its database and holds `head`, a hash that was kept elsewhere. `runs`: whether a service is writing to it. What is broken is the first thing
 * that does not hold, as a sentence without an end.
 */
export async function checkAudit(
  folder: string,
  db: Db,
  { runs, head }: { runs: boolean; head?: string },
): Promise<CheckedLog> {
  const path = auditPath(folder);
  const anchor = noted(db).head;
  const told = (why: string): CheckedLog => ({ broken: `${path}: ${why}` });
  const mayBeTorn = runs || unwritten(db) > 0;
  const found = await verifyLog(path, anchor, { mayBeTorn });
  if ('broken' in found) return told(found.broken);
  const { lines } = await linesWhere(path, (line) => isForeign(db, line), { mayBeTorn });
  if (lines.length > 0) return told(foreign(lines));
  const anchored = head === undefined ? found : await verifyLog(path, head, { mayBeTorn });
  if ('broken' in anchored) return told(anchored.broken);
  const torn = mayBeTorn && !runs && 'broken' in (await verifyLog(path));
  return torn ? { ...found, torn } : found;
}

const hashPattern = /^[0-9a-f]{64}$/;

/** The same for whoever has only the folder of a service, running or not. `waiting`: as `unwritten`. @throws UserError where there is no service's folder, or `head` is no hash. */
export async function verifyAudit(folder: string, head?: string): Promise<CheckedLog & { waiting: number }> {
  requireServiceFolder(folder);
  if (head !== undefined && !hashPattern.test(head))
    throw new UserError(`${head}: no hash of an entry, which has 64 hexadecimal digits`);
  const runs = (await lockOwner(folder)) !== undefined;
  const db = openDatabase(folder, { make: false });
  try {
    return {
      ...(await checkAudit(folder, db, { runs, ...(head === undefined ? {} : { head }) })),
      waiting: unwritten(db),
    };
  } finally {
    db.close();
  }
}

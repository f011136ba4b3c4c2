/** What the database knows of a content at one moment, as far as a statement about it holds. */
import type { Db } from './database.ts';
import type { Statement } from './evidence.ts';
import { type Content, quarantinesOf, readContent } from './store.ts';
import type { Finding, Quarantined } from './types.ts';

/** So many of the first receipts of a content, and of the last: whoever sends a file again and again makes no statement that is too large to be read. */
const mostAtEachEnd = 500;

export type Known = {
  content: Content;
  receipts: Statement['receipts'];
  /** All final ones, and those of the receipts above. */
  findings: Statement['findings'];
  bundles: Statement['bundles'];
  quarantines: Statement['quarantines'];
  leftOut: { receipts: number; findings: number };
  /** The number of the newest entry for the audit log, and how many so far are about this content. */
  newestEntry: number;
  entries: number;
};

/** Undefined where nothing is known of it. */
export const knownOf = (db: Db, sha256: string): Known | undefined =>
  db.moment(() => {
    const content = readContent(db, sha256);
    if (!content) return undefined;
    const receipts = receiptsOf(db, sha256);
    const leftOut = count(db, 'requests', sha256) - receipts.length;
    const of = leftOut === 0 ? undefined : receipts.map(({ requestId }) => requestId);
    const findings = findingsIn(db, sha256, of);
    const judged = new Set(findings.map(({ finding }) => finding.bundle));
    return {
      content,
      receipts,
      findings,
      bundles: db
        .all<Known['bundles'][number]>('SELECT id, card FROM bundles ORDER BY id')
        .filter(({ id }) => judged.has(id)),
      quarantines: quarantinesOf(db, sha256).map(withoutMedia),
      leftOut: { receipts: leftOut, findings: count(db, 'verdicts', sha256) - findings.length },
      newestEntry: db.first<{ n: number }>('SELECT max(number) AS n FROM audit')!.n,
      entries: count(db, 'audit', sha256),
    };
  });

const count = (db: Db, table: 'requests' | 'verdicts' | 'audit', sha256: string): number =>
  db.first<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE sha256 = ?`, sha256)!.n;

function receiptsOf(db: Db, sha256: string): Statement['receipts'] {
  const end = (order: 'ASC' | 'DESC'): string =>
    `SELECT number FROM (SELECT number FROM requests WHERE sha256 = ?1 ORDER BY number ${order} LIMIT ?2)`;
  return db.all(
    `SELECT r.requestId, r.sha256, c.bytes, r.name, r.source, r.submitter, r.receivedAt, r.status, r.action, r.quarantineId
     FROM requests r JOIN contents c ON c.sha256 = r.sha256 WHERE r.number IN (${end('ASC')} UNION ${end('DESC')}) ORDER BY r.number`,
    sha256,
    mostAtEachEnd,
  );
}

/** All, or `of` these receipts and the final ones. */
const findingsIn = (db: Db, sha256: string, of?: readonly string[]): { at: string; finding: Finding }[] =>
  db
    .all<{ at: string; finding: string }>(
      `SELECT at, finding FROM verdicts WHERE sha256 = ?1 AND (?2 IS NULL OR final = 1
         OR id IN (SELECT verdict FROM requests WHERE requestId IN (SELECT value FROM json_each(?2)))) ORDER BY id`,
      sha256,
      of === undefined ? null : JSON.stringify(of),
    )
    .map(({ at, finding }) => ({ at, finding: JSON.parse(finding) as Finding }));

function withoutMedia(all: Quarantined): Statement['quarantines'][number] {
  const { media: _, findings: __, ...quarantined } = all;
  return quarantined;
}

/** What the database remembers of files, as the vocabulary of `types.ts` has it. It only reads. */
import { type Db, says } from './database.ts';
import type { Action, Filter, Finding, Media, Page, Paging, Quarantined, Status, Verdict } from './types.ts';

type RequestRow = Omit<Media, 'finding' | 'similar'> & { finding: string | null };
const requests = `SELECT r.requestId, r.sha256, c.bytes, r.name, r.source, r.submitter, r.receivedAt, r.status, r.action, r.quarantineId, v.finding,
    (SELECT quarantineId FROM quarantines WHERE sha256 = r.sha256 AND state = 'held') AS openQuarantineId
  FROM requests r JOIN contents c ON c.sha256 = r.sha256 LEFT JOIN verdicts v ON v.id = r.verdict`;

export function readMedia(db: Db, requestId: string): Media | undefined {
  const row = db.first<RequestRow>(`${requests} WHERE r.requestId = ?`, requestId);
  return row && toMedia(db, row);
}

function toMedia(db: Db, { finding, ...row }: RequestRow): Media {
  const said = finding === null ? null : (JSON.parse(finding) as Finding);
  return { ...row, finding: said, similar: similarTo(db, row.sha256) };
}

/** At most so many, the nearest first. */
const similarShown = 20;

function similarTo(db: Db, sha256: string): Media['similar'] {
  return db.all(
    `SELECT other AS sha256, bits AS differingBits,
       (SELECT state FROM quarantines q WHERE q.sha256 = other AND state <> 'held' ORDER BY number DESC LIMIT 1) AS decision
     FROM similar WHERE sha256 = ? ORDER BY bits, other LIMIT ?`,
    sha256,
    similarShown,
  );
}

/** As receipts have it, so that texts compare as times do. */
const inUtc = (instant: string): string => new Date(instant).toISOString();

/** Newest first. `page` counts from 0. */
export function listMedia(db: Db, filter: Filter): Page<Media> {
  const { status, action, name, submitter, since, until } = filter;
  const conditions: [sql: string, value: string | undefined][] = [
    ['r.status = ?', status],
    ['r.action = ?', action],
    ['instr(lower(r.name), lower(?)) > 0', name],
    ['r.submitter = ?', submitter],
    ['r.receivedAt >= ?', since && inUtc(since)],
    ['r.receivedAt < ?', until && inUtc(until)],
  ];
  const asked = conditions.filter(([, value]) => value !== undefined);
  const where = asked.length === 0 ? '' : `WHERE ${asked.map(([sql]) => sql).join(' AND ')}`;
  const values = asked.map(([, value]) => value!);
  const [{ n }] = db.all<{ n: number }>(`SELECT count(*) AS n FROM requests r ${where}`, ...values) as [
    { n: number },
  ];
  return pageOf(filter, n, (limit, offset) =>
    db
      .all<RequestRow>(
        `${requests} ${where} ORDER BY r.number DESC LIMIT ? OFFSET ?`,
        ...values,
        limit,
        offset,
      )
      .map((row) => toMedia(db, row)),
  );
}

export function pageOf<T>(
  { page, size }: Paging,
  totalItems: number,
  items: (limit: number, offset: number) => T[],
): Page<T> {
  return {
    totalItems,
    totalPages: Math.ceil(totalItems / size),
    currentPage: page,
    items: items(size, page * size),
  };
}

type QuarantineRow = Pick<Quarantined, 'quarantineId' | 'sha256' | 'since' | 'state' | 'releasesNeeded'> & {
  legalHold: number;
  kept: number;
};
const quarantines = `SELECT q.quarantineId, q.sha256, q.since, q.state, q.releasesNeeded, q.legalHold, c.kept
  FROM quarantines q JOIN contents c ON c.sha256 = q.sha256`;
/** Receipts that are told of one content in quarantine, the newest. */
const receiptsShown = 100;

export function readQuarantined(db: Db, quarantineId: string): Quarantined | undefined {
  const row = db.first<QuarantineRow>(`${quarantines} WHERE q.quarantineId = ?`, quarantineId);
  return row && toQuarantined(db, row);
}

/** Every time a content was in quarantine, oldest first. */
export const quarantinesOf = (db: Db, sha256: string): Quarantined[] =>
  db
    .all<QuarantineRow>(`${quarantines} WHERE q.sha256 = ? ORDER BY q.number`, sha256)
    .map((row) => toQuarantined(db, row));

function toQuarantined(db: Db, { legalHold, kept, ...row }: QuarantineRow): Quarantined {
  const media = db.all<RequestRow>(
    `${requests} WHERE r.quarantineId = ? ORDER BY r.number DESC LIMIT ?`,
    row.quarantineId,
    receiptsShown,
  );
  const findings = differentFindings(db, row.sha256);
  return {
    ...row,
    legalHold: legalHold === 1,
    kept: kept === 1,
    reviews: db.all(
      'SELECT reviewer, decision, basis, reason, opinionBefore, at, seen FROM reviews WHERE quarantineId = ? ORDER BY id',
      row.quarantineId,
    ),
    opinions: db.all(
      'SELECT reviewer, opinion, at FROM opinions WHERE quarantineId = ? ORDER BY at, reviewer',
      row.quarantineId,
    ),
    media: media.map((request) => toMedia(db, request)),
    findings,
    verdicts: findings.length,
  };
}

/** What is said again, as whoever sends a file again has it said, is there once, and adds nothing that must be seen. */
const differentFindings = (db: Db, sha256: string): Finding[] =>
  db
    .all<{ finding: string }>(
      `SELECT finding FROM verdicts WHERE id IN (SELECT max(id) FROM verdicts WHERE sha256 = ? GROUP BY ${says}) ORDER BY ${newestFirst}`,
      sha256,
    )
    .map(({ finding }) => JSON.parse(finding) as Finding);

/** What waits for a decision first, and of these the oldest; then what was decided last. `page` counts from 0. */
export function listQuarantine(db: Db, filter: Paging & { state?: Quarantined['state'] }): Page<Quarantined> {
  const where = filter.state === undefined ? '' : 'WHERE q.state = ?';
  const values = filter.state === undefined ? [] : [filter.state];
  const [{ n }] = db.all<{ n: number }>(`SELECT count(*) AS n FROM quarantines q ${where}`, ...values) as [
    { n: number },
  ];
  const order = `ORDER BY q.state <> 'held', q.decidedAt DESC, q.number`;
  return pageOf(filter, n, (limit, offset) =>
    db
      .all<QuarantineRow>(`${quarantines} ${where} ${order} LIMIT ? OFFSET ?`, ...values, limit, offset)
      .map((row) => toQuarantined(db, row)),
  );
}

/** What is known of a content itself. */
export type Content = {
  sha256: string;
  bytes: number;
  extension: string;
  kept: number;
  attempts: number;
};
export const readContent = (db: Db, sha256: string): Content | undefined =>
  db.first('SELECT sha256, bytes, extension, kept, attempts FROM contents WHERE sha256 = ?', sha256);

/** `receipt`: of that one alone, which was held at the door; null where the content was asked about. */
export type VerdictRow = {
  id: number;
  sha256: string;
  bundle: string;
  at: string;
  status: Verdict;
  receipt: string | null;
};
const verdicts = 'SELECT id, sha256, bundle, at, status, receipt FROM verdicts';

/** What was said of the content itself last, and not of how a receipt of it came in. */
export const newestOfContent = (db: Db, sha256: string): VerdictRow | undefined =>
  db.first(`${verdicts} WHERE sha256 = ? AND receipt IS NULL ORDER BY id DESC LIMIT 1`, sha256);

/** What a bundle finally said of a content. */
export const finalVerdict = (db: Db, sha256: string, bundle: string): VerdictRow | undefined =>
  db.first(`${verdicts} WHERE sha256 = ? AND bundle = ? AND final = 1`, sha256, bundle);

/** The order in which the first verdict is the newest about the content, and only where there is none of these one about a receipt. */
export const newestFirst = 'receipt IS NOT NULL, id DESC';
export const newestVerdict = (db: Db, sha256: string): VerdictRow | undefined =>
  db.first(`${verdicts} WHERE sha256 = ? ORDER BY ${newestFirst} LIMIT 1`, sha256);

/** Everything that bundles said of a content, oldest first. */
export const findingsOf = (db: Db, sha256: string): { at: string; finding: Finding }[] =>
  db
    .all<{ at: string; finding: string }>(
      'SELECT at, finding FROM verdicts WHERE sha256 = ? ORDER BY id',
      sha256,
    )
    .map(({ at, finding }) => ({ at, finding: JSON.parse(finding) as Finding }));

/** A receipt as events tell of it. */
export type Receipt = {
  requestId: string;
  sha256: string;
  status: Status;
  action: Action | null;
  quarantineId: string | null;
};
export const receiptsIn = (db: Db, quarantineId: string): Receipt[] =>
  db.all(
    'SELECT requestId, sha256, status, action, quarantineId FROM requests WHERE quarantineId = ? ORDER BY number',
    quarantineId,
  );

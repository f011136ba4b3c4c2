/**
 * The service's memory, `store.db`: an embedded SQLite, in WAL mode with every commit synced, so that what was answered stands after a power cut. What must never
 * be both or neither, and what must never be changed, the tables themselves refuse.
 */
import Database from 'libsql';
import { exitCodes, UserError } from '../errors.ts';
import { databasePath } from './service-folder.ts';

/** What happened and is not told yet: written in the same step as what it tells of, and gone once it is told. */
const eventsTable =
  'CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL) STRICT;';

/** Of a verdict, in SQL: two that are equal in it say the same of one content. What the door says of how a content came in is the same under every bundle. */
export const says = `json_array(iif(receipt IS NULL, bundle, ''), status,
  (SELECT json_group_array(code) FROM (SELECT value ->> 'code' AS code FROM json_each(finding, '$.reasons') ORDER BY code)))`;

/** `seen`: how many different things had been said of the content, as far as the reviewer had looked. Who released it may speak again when more is said. */
const reviewsTable = `
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT, quarantineId TEXT NOT NULL REFERENCES quarantines (quarantineId), reviewer TEXT NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('released', 'confirmed')), basis TEXT NOT NULL CHECK (basis IN ('original-found', 'admission', 'opinion')),
  reason TEXT NOT NULL CHECK (trim(reason) <> ''), opinionBefore TEXT NOT NULL CHECK (opinionBefore IN ('real', 'fake', 'unsure')), at TEXT NOT NULL,
  seen INTEGER NOT NULL, UNIQUE (quarantineId, reviewer, seen)
) STRICT;
CREATE TRIGGER reviewsStand BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'a review is never changed'); END;
CREATE TRIGGER reviewsStay BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'a review is never deleted'); END;`;

/** What reviewers thought before they heard the detectors. */
const opinionsTable = `
CREATE TABLE opinions (
  quarantineId TEXT NOT NULL REFERENCES quarantines (quarantineId), reviewer TEXT NOT NULL,
  opinion TEXT NOT NULL CHECK (opinion IN ('real', 'fake', 'unsure')), at TEXT NOT NULL, PRIMARY KEY (quarantineId, reviewer)
) STRICT;
CREATE TRIGGER opinionsStand BEFORE UPDATE ON opinions BEGIN SELECT RAISE(ABORT, 'an opinion is never changed'); END;
CREATE TRIGGER opinionsStay BEFORE DELETE ON opinions BEGIN SELECT RAISE(ABORT, 'an opinion is never deleted'); END;`;

const schema = `
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- One row a content. attempts: how often its analysis was begun and not ended.
CREATE TABLE contents (
  sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, extension TEXT NOT NULL, kept INTEGER NOT NULL CHECK (kept IN (0, 1)),
  lastAt TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a bundle said of a content. final: it would say the same again; what could not be evaluated is not, and may stand there several times.
-- receipt: of that one alone, which was held at the door for how it came in; null where the content itself was asked about.
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL REFERENCES contents, bundle TEXT NOT NULL, at TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('NO_SIGNS_FOUND', 'SUSPICIOUS', 'MANIPULATED', 'NOT_APPLICABLE', 'UNABLE_TO_EVALUATE')),
  final INTEGER NOT NULL CHECK (final = (status <> 'UNABLE_TO_EVALUATE')), finding TEXT NOT NULL, receipt TEXT
) STRICT;
CREATE UNIQUE INDEX finalVerdict ON verdicts (sha256, bundle) WHERE final = 1;
CREATE INDEX verdictOf ON verdicts (sha256);
CREATE TRIGGER verdictsStand BEFORE UPDATE ON verdicts BEGIN SELECT RAISE(ABORT, 'a verdict is never changed'); END;
CREATE TRIGGER verdictsStay BEFORE DELETE ON verdicts BEGIN SELECT RAISE(ABORT, 'a verdict is never deleted'); END;

-- A content in quarantine. upTo: the newest verdict that the decision was about.
CREATE TABLE quarantines (
  number INTEGER PRIMARY KEY AUTOINCREMENT, quarantineId TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL REFERENCES contents, since TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('held', 'released', 'confirmed')), releasesNeeded INTEGER NOT NULL,
  legalHold INTEGER NOT NULL DEFAULT 0 CHECK (legalHold IN (0, 1)), decidedAt TEXT, upTo INTEGER REFERENCES verdicts,
  CHECK ((state = 'held') = (decidedAt IS NULL)), CHECK ((decidedAt IS NULL) = (upTo IS NULL))
) STRICT;
CREATE UNIQUE INDEX openQuarantine ON quarantines (sha256) WHERE state <> 'released';
CREATE INDEX quarantineOf ON quarantines (sha256);

${reviewsTable}
${opinionsTable}

-- Every receipt. It waits, or it has a verdict and an action: one of the two.
CREATE TABLE requests (
  number INTEGER PRIMARY KEY AUTOINCREMENT, requestId TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL REFERENCES contents,
  name TEXT NOT NULL, source TEXT NOT NULL, submitter TEXT NOT NULL, receivedAt TEXT NOT NULL,
  status TEXT NOT NULL, verdict INTEGER REFERENCES verdicts, action TEXT CHECK (action IN ('allow', 'tag', 'quarantine', 'reject')),
  quarantineId TEXT REFERENCES quarantines (quarantineId),
  CHECK ((status IN ('QUEUED', 'ANALYZING')) = (verdict IS NULL)), CHECK ((verdict IS NULL) = (action IS NULL)),
  CHECK (action IS NOT 'quarantine' OR quarantineId IS NOT NULL),
  CHECK (action IS NOT 'allow' OR status = 'NO_SIGNS_FOUND' OR quarantineId IS NOT NULL)
) STRICT;
CREATE INDEX waiting ON requests (number) WHERE verdict IS NULL;
CREATE INDEX requestsOf ON requests (sha256);
CREATE INDEX requestsBy ON requests (submitter, number);
CREATE INDEX requestsIn ON requests (quarantineId) WHERE quarantineId IS NOT NULL;

CREATE TABLE fingerprints (sha256 TEXT PRIMARY KEY REFERENCES contents, frames TEXT NOT NULL) STRICT;
CREATE TABLE similar (sha256 TEXT NOT NULL, other TEXT NOT NULL, bits INTEGER NOT NULL, PRIMARY KEY (sha256, other)) STRICT;

-- Bundles that gave verdicts here, with the hash of their card.
CREATE TABLE bundles (id TEXT PRIMARY KEY, card TEXT) STRICT;

-- What the log of the same numbers says or will say: written here in the same step as what it tells of.
CREATE TABLE audit (number INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT, entry TEXT NOT NULL) STRICT;
CREATE INDEX auditOf ON audit (sha256);
CREATE TRIGGER auditStands BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the log is never changed'); END;
CREATE TRIGGER auditStays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the log is never changed'); END;

${eventsTable}`;
/** Counted up when the tables change. */
const version = 3;
/** From the tables of each version to those of the next, from version 1 on. Who reviewed under version 2 had seen what was said by then. */
const upgrades = [
  `ALTER TABLE verdicts ADD COLUMN receipt TEXT; ${eventsTable}`,
  `DROP TRIGGER reviewsStand; DROP TRIGGER reviewsStay; ALTER TABLE reviews RENAME TO reviewsBefore;
  ${reviewsTable}
  INSERT INTO reviews SELECT b.*, (SELECT count(DISTINCT ${says}) FROM verdicts v JOIN quarantines q ON q.sha256 = v.sha256
    WHERE q.quarantineId = b.quarantineId AND v.at <= b.at) FROM reviewsBefore b;
  DROP TABLE reviewsBefore;
  ${opinionsTable}
  INSERT INTO opinions SELECT quarantineId, reviewer, opinionBefore, at FROM reviews;`,
];

type Value = string | number | null;
export type Db = {
  all<Row>(sql: string, ...values: Value[]): Row[];
  first<Row>(sql: string, ...values: Value[]): Row | undefined;
  /** Rows changed. */
  run(sql: string, ...values: Value[]): number;
  /** All of it or nothing, on the disk when it returns. @throws UserError (exit 4) where the disk is full. */
  change<T>(steps: () => T): T;
  /** What is read in it is of one moment, whatever another process writes meanwhile. */
  moment<T>(steps: () => T): T;
  close(): void;
};

/** Opens the database in `folder`; `make`: with its tables, where there is none, or those of an earlier version. @throws UserError where another version of masque made it. */
export function openDatabase(folder: string, { make }: { make: boolean }): Db {
  const path = databasePath(folder);
  return told(path, () => {
    const db = new Database(path, make ? {} : { fileMustExist: true });
    try {
      db.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000',
      );
      const [{ user_version: found }] = db.prepare('PRAGMA user_version').all() as [{ user_version: number }];
      const steps = found === 0 ? schema : upgrades.slice(found - 1).join('\n');
      if (found !== version && (!make || found > version))
        throw new UserError(
          `${path}: made by another version of masque (its tables: ${found}, here: ${version}). ${found < version ? 'Start the service there once' : 'Take a new folder'}`,
        );
      if (found !== version) db.exec(`BEGIN IMMEDIATE; ${steps} PRAGMA user_version = ${version}; COMMIT`);
      return toDb(path, db);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function toDb(path: string, db: Database.Database): Db {
  const prepared = new Map<string, Database.Statement<unknown[]>>();
  const prepare = (sql: string): Database.Statement<unknown[]> => {
    const found = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, found);
    return found;
  };
  const all = <Row>(sql: string, ...values: Value[]): Row[] =>
    told(path, () => prepare(sql).all(...values) as Row[]);
  const within = <T>(begin: string, steps: () => T): T =>
    told(path, () => {
      db.exec(begin);
      try {
        const result = steps();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      }
    });
  return {
    all,
    first: <Row>(sql: string, ...values: Value[]) => all<Row>(sql, ...values)[0],
    run: (sql, ...values) => told(path, () => prepare(sql).run(...values).changes),
    change: (steps) => within('BEGIN IMMEDIATE', steps),
    moment: (steps) => within('BEGIN', steps),
    close() {
      // The package lets go of the files when its statements are collected; what is in them is whole from here on.
      try {
        db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } finally {
        db.close();
      }
    },
  };
}

/** What SQLite says of the disk, as the other writers of this project do. */
function told<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    const remedy = /^SQLITE_(FULL|IOERR)/.test(code)
      ? `E_DISK_FULL ${path}: nothing more can be written (${message}). Make room there; what was answered is kept`
      : /^SQLITE_(READONLY|CANTOPEN|PERM)/.test(code)
        ? `E_NO_ACCESS ${path}: it may not be used (${message}). Change its permissions or take another folder`
        : /^SQLITE_(CORRUPT|NOTADB)/.test(code)
          ? `${path}: damaged (${message}). Keep it as evidence and put back a copy`
          : undefined;
    if (remedy === undefined) throw error;
    throw new UserError(remedy, { exitCode: exitCodes.environment, cause: error });
  }
}

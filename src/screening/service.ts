/**
 * The screening service behind every door: files come in, are judged once each by the detectors of a bundle, and are let through, tagged, held or refused as the
 * policy says. In its folder: `vault/` the originals, `store.db` what is known of them, `audit.log.jsonl` what happened, `keys/` its signature.
 * What it has answered is on the disk, and whatever moment it is killed in, each file is in one state and goes on from there.
 */
import { randomUUID } from 'node:crypto';
import { lstat, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { failPoint } from '../fail-point.ts';
import { requireWritable } from '../files.ts';
import { takeLock } from '../records/run-lock.ts';
import { listEntries, noteEntry, openAudit } from './audit.ts';
import { type Db, openDatabase } from './database.ts';
import { addOpinion, addReview, addVerdict, isConfirmed, setHold, settle } from './decide.ts';
import { atTheDoor } from './at-the-door.ts';
import { unable, usualSeconds } from './evaluate.ts';
import { noteEvents, openEvents } from './events.ts';
import { type EvidenceNeeds, writeEvidence } from './evidence.ts';
import type { Policy } from './policy.ts';
import { openQueue, type Queue } from './queue.ts';
import { eraseBytes, outlived, requireErasable } from './retention.ts';
import { openFingerprints } from './similar.ts';
import {
  finalVerdict,
  findingsOf,
  listMedia,
  listQuarantine,
  newestVerdict,
  readContent,
  readMedia,
  readQuarantined,
  type VerdictRow,
} from './store.ts';
import {
  type Analyse,
  type Finding,
  type Incoming,
  type Media,
  type Reason,
  Refused,
  type Service,
} from './types.ts';
import { openVault, type Stored, vaultName } from './vault.ts';

export type ServiceOptions = {
  /** Where everything lies; made where it is not there. One service at a time. */
  folder: string;
  analyse: Analyse;
  policy: Policy;
  /** Id of the bundle that `analyse` judges by. */
  bundle: string;
  /** SHA-256 of its card, for evidence. */
  bundleCard?: string;
  /** Analyses at once. */
  parallel: number;
  /** Receipts that may wait; more are refused. */
  mostWaiting: number;
  /** An analysis that takes longer is given up. */
  mostSeconds?: number;
  /** Hears of what went wrong, in words that may hold paths. By default the standard error output does. */
  warn?(message: string): void;
};

/** The service, and what is asked of it on this machine alone. */
export type OpenedService = Service & {
  /** Judges a content by the bundle in use, whatever earlier ones have said; both verdicts stand. @throws Refused `gone`, `busy`. */
  reanalyse(sha256: string, by: string): Promise<Media>;
  /** Everything that bundles said of a content, oldest first. */
  findings(sha256: string): { at: string; finding: Finding }[];
  /** Deletes the bytes of what the policy keeps no longer. Returns how many contents. To be called now and then. */
  sweepOld(now: Date): Promise<number>;
  /** Writes everything that is known of a content into one signed file, for `verifyEvidence`. @throws Refused `gone` where nothing is known of it. */
  evidence(sha256: string, to: string): Promise<void>;
  /** Resolves when the audit log says all that has happened. */
  settled(): Promise<void>;
};

const timeOfDay = (): string => new Date().toISOString();
const longestRetrySeconds = 300;

/** Opens the service in its folder, and goes on with what waits there. @throws UserError where another process has it, or its log does not hold. */
export async function openService(options: ServiceOptions): Promise<OpenedService> {
  const folder = resolve(options.folder);
  await requireWritable(folder);
  const lock = await takeLock(folder);
  try {
    return await openLocked({ ...options, folder }, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked(
  {
    folder,
    analyse,
    policy,
    bundle,
    bundleCard,
    parallel,
    mostWaiting,
    mostSeconds = usualSeconds,
    warn = (message) => void process.stderr.write(`${message}\n`),
  }: ServiceOptions,
  lock: { release(): Promise<void> },
): Promise<OpenedService> {
  const vault = await openVault(folder);
  const db = openDatabase(folder, { make: true });
  const audit = await openAudit(folder, db, warn).catch((error: unknown) => {
    db.close();
    throw error;
  });
  const kept = new Set(
    db
      .all<Stored>('SELECT sha256, bytes, extension FROM contents WHERE kept = 1')
      .map((content) => vaultName(content)),
  );
  await vault.sweep((name) => kept.has(name));
  db.run('INSERT OR IGNORE INTO bundles VALUES (?, ?)', bundle, bundleCard ?? null);
  const fingerprints = openFingerprints(db);
  const events = openEvents(db, warn);
  const receiving = new Set<Promise<unknown>>();
  let looking: Promise<unknown> = Promise.resolve();
  let closed = false;

  /** What was just written down goes where it is told. */
  const follow = (): void => {
    audit.follow();
    events.follow();
  };

  const queue: Queue = openQueue({
    db,
    analyse,
    bundle,
    parallel,
    mostSeconds,
    warn,
    pathOf: vault.pathOf,
    settle(sha256, finding) {
      const at = timeOfDay();
      const frames = 'known' in finding ? [] : finding.fingerprints;
      db.change(() => {
        const verdict = 'known' in finding ? finding.known : addVerdict(db, sha256, finding, at);
        fingerprints.add(sha256, frames);
        noteEvents(db, 'verdict', settle(db, verdict, policy, at), at);
      });
      failPoint('verdict-recorded');
      fingerprints.remember(sha256, frames);
      follow();
    },
  });

  const requireRoom = (): void => {
    if (closed) throw new Refused('busy', 'the service is closing', 10);
    if (queue.waiting() + receiving.size < mostWaiting) return;
    const seconds = Math.ceil((queue.waiting() * queue.secondsEach()) / parallel);
    throw new Refused(
      'busy',
      'too many files wait already',
      Math.min(longestRetrySeconds, Math.max(1, seconds)),
    );
  };

  /** Everything from here to the commit in one go, so that nobody deletes the bytes in between. `undo`: done where nothing was noted, and never once it is. */
  const receive = (file: Received, undo: () => void = () => {}): Media => {
    const at = timeOfDay();
    const requestId = randomUUID();
    const { sha256, held } = file;
    const verdictOn = (): VerdictRow | undefined => {
      if (held.length > 0) return addVerdict(db, sha256, unable(bundle, held), at, requestId);
      if (queue.isAnalysing(sha256)) return undefined;
      return isConfirmed(db, sha256) ? newestVerdict(db, sha256) : finalVerdict(db, sha256, bundle);
    };
    const note = (): void => {
      addRequest(db, { ...file, requestId, at, underWay: queue.isAnalysing(sha256) });
      const known = verdictOn();
      // What is said of one receipt is said of no other that waits.
      const only = known?.receipt ? requestId : null;
      if (known) noteEvents(db, 'verdict', settle(db, known, policy, at, only), at);
    };
    try {
      db.change(note);
    } catch (error) {
      undo();
      throw error;
    }
    failPoint('received-recorded');
    follow();
    queue.pump();
    return readMedia(db, requestId)!;
  };

  const takeIn = async ({ path, declared, ...file }: Incoming): Promise<Media> => {
    // One after the other: a table of contents may take 64 MiB of memory.
    const looked = looking.then(() => atTheDoor(path, file.name, declared));
    looking = looked.catch(() => {});
    const { held, extension } = await looked;
    const weighed = await vault.weigh(path);
    const stored = { ...weighed, extension: extension ?? weighed.extension };
    if (closed) throw new Refused('busy', 'the service is closing', 10);
    const isNew = readContent(db, stored.sha256)?.kept !== 1;
    if (isNew) vault.keep(path, stored);
    return receive({ what: 'received', held, ...file, ...stored }, () => {
      if (isNew) vault.remove(stored);
    });
  };

  const submit = async (file: Incoming): Promise<Media> => {
    await requireIncoming(file.path, vault.incoming);
    try {
      requireRoom();
      const taking = takeIn(file);
      receiving.add(taking);
      return await taking.finally(() => receiving.delete(taking));
    } finally {
      await rm(file.path, { force: true });
    }
  };

  queue.pump();
  audit.follow();

  return {
    incoming: vault.incoming,
    submit,
    requireRoom,
    media: (requestId) => readMedia(db, requestId),
    list: (filter) => listMedia(db, filter),
    quarantined: (quarantineId) => readQuarantined(db, quarantineId),
    quarantine: (filter) => listQuarantine(db, filter),
    fileOf(sha256) {
      const content = readContent(db, sha256);
      if (content?.kept !== 1) throw new Refused('gone', 'its bytes are not there');
      return vault.pathOf(content);
    },
    async opinion(quarantineId, reviewer, opinion) {
      db.change(() => addOpinion(db, quarantineId, { reviewer, opinion }, timeOfDay()));
      audit.follow();
      return readQuarantined(db, quarantineId)!;
    },
    async review(quarantineId, review) {
      const at = timeOfDay();
      db.change(() => noteEvents(db, review.decision, addReview(db, quarantineId, review, at), at));
      failPoint('review-recorded');
      follow();
      return readQuarantined(db, quarantineId)!;
    },
    async hold(quarantineId, by, hold) {
      db.change(() => setHold(db, quarantineId, by, hold, timeOfDay()));
      audit.follow();
      return readQuarantined(db, quarantineId)!;
    },
    async erase(sha256, by, reason) {
      if (reason.trim() === '') throw new UserError('a deletion has a reason; write down why');
      requireErasable(db, sha256, policy);
      eraseBytes(db, { sha256, by, reason, why: 'erased', at: timeOfDay() }, vault.remove);
      audit.follow();
    },
    history: (sha256, paging) => listEntries(db, sha256, paging),
    health: () => ({
      status: audit.isFine() && queue.isFine() ? 'ok' : 'degraded',
      waiting: queue.waiting(),
      analysing: queue.analysing(),
      bundle,
    }),
    on: events.on,
    async reanalyse(sha256, by) {
      requireRoom();
      const content = readContent(db, sha256);
      if (content?.kept !== 1) throw new Refused('gone', 'its bytes are not there');
      const { name } = db.first<{ name: string }>(
        'SELECT name FROM requests WHERE sha256 = ? ORDER BY number DESC LIMIT 1',
        sha256,
      )!;
      return receive({
        what: 'reanalysis',
        held: [],
        name,
        source: 're-analysis',
        submitter: by,
        ...content,
      });
    },
    findings: (sha256) => findingsOf(db, sha256),
    async sweepOld(now) {
      const old = outlived(db, policy, now);
      for (const sha256 of old)
        eraseBytes(db, { sha256, by: 'retention', why: 'retention', at: timeOfDay() }, vault.remove);
      audit.follow();
      return old.length;
    },
    async evidence(sha256, to) {
      const needs: EvidenceNeeds = {
        db,
        folder,
        at: timeOfDay(),
        pathOf: vault.pathOf,
        logged: audit.settled,
      };
      await writeEvidence(needs, sha256, to);
    },
    settled: audit.settled,
    async close() {
      if (closed) return;
      closed = true;
      await Promise.allSettled(receiving);
      queue.close();
      events.close();
      await audit.close();
      db.close();
      await lock.release();
    },
  };
}

/** @throws UserError where it is no file of its own in the folder for what comes in. */
async function requireIncoming(path: string, incoming: string): Promise<void> {
  const found = dirname(resolve(path)) === incoming ? await lstat(path).catch(() => undefined) : undefined;
  if (!found?.isFile() || found.nlink > 1)
    throw new UserError(`${path}: what is handed in is a file in ${incoming} under one name, and no link`);
}

type Received = Omit<Incoming, 'path'> &
  Stored & { what: 'received' | 'reanalysis' /** Why the door holds it. */; held: Reason[] };
type Request = Received & { requestId: string; at: string; underWay: boolean };

/** A step of `db.change`: the content, known or new, and its receipt. */
function addRequest(
  db: Db,
  { what, sha256, bytes, extension, requestId, name, source, submitter, at, underWay }: Request,
): void {
  db.run(
    `INSERT INTO contents (sha256, bytes, extension, kept, lastAt) VALUES (?, ?, ?, 1, ?)
     ON CONFLICT DO UPDATE SET lastAt = excluded.lastAt, kept = 1, extension = iif(kept = 1, extension, excluded.extension)`,
    sha256,
    bytes,
    extension,
    at,
  );
  db.run(
    'INSERT INTO requests (requestId, sha256, name, source, submitter, receivedAt, status) VALUES (?, ?, ?, ?, ?, ?, ?)',
    requestId,
    sha256,
    name,
    source,
    submitter,
    at,
    underWay ? 'ANALYZING' : 'QUEUED',
  );
  noteEntry(db, { at, what, sha256, requestId, bytes, submitter });
}

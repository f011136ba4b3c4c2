/** What becomes of files: verdicts with the policy's action, quarantine, and what reviewers decide. Each function is a step of `db.change`. */
import { randomUUID } from 'node:crypto';
import { UserError } from '../errors.ts';
import { noteEntry } from './audit.ts';
import type { Db } from './database.ts';
import { actionOf, type Policy } from './policy.ts';
import { newestOfContent, readQuarantined, type Receipt, receiptsIn, type VerdictRow } from './store.ts';
import {
  type Action,
  actions,
  type Finding,
  type Opinion,
  type Quarantined,
  Refused,
  type Said,
} from './types.ts';

/**
 * Adds what a bundle said of a content, or what the door said of one `receipt`. What could not be evaluated is no final word: the same content is judged again when it comes
 * again.
 */
export function addVerdict(
  db: Db,
  sha256: string,
  finding: Finding,
  at: string,
  receipt: string | null = null,
): VerdictRow {
  const { status, bundle } = finding;
  const final = status === 'UNABLE_TO_EVALUATE' ? 0 : 1;
  const [{ id }] = db.all<{ id: number }>(
    'INSERT INTO verdicts (sha256, bundle, at, status, final, finding, receipt) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id',
    sha256,
    bundle,
    at,
    status,
    final,
    JSON.stringify(finding),
    receipt,
  ) as [{ id: number }];
  const entry = { at, what: 'verdict', sha256, bundle, status, score: finding.score };
  const codes = finding.reasons.map(({ code }) => code);
  if (receipt === null) db.run('UPDATE contents SET attempts = 0 WHERE sha256 = ?', sha256);
  noteEntry(db, receipt === null ? entry : { ...entry, requestId: receipt, reasons: codes });
  return { id, sha256, bundle, at, status, receipt };
}

/** Gives every receipt that waits for this content its verdict and the action, or `only` one; returns them. */
export function settle(
  db: Db,
  verdict: VerdictRow,
  policy: Policy,
  at: string,
  only: string | null = null,
): Receipt[] {
  const { sha256, status } = verdict;
  const { action, quarantineId } = actionOn(db, verdict, policy, at);
  const settled = db.all<Receipt>(
    `UPDATE requests SET status = ?, verdict = ?, action = ?, quarantineId = ?
     WHERE sha256 = ? AND verdict IS NULL AND coalesce(?, requestId) = requestId
     RETURNING requestId, sha256, status, action, quarantineId`,
    status,
    verdict.id,
    action,
    quarantineId,
    sha256,
    only,
  );
  for (const { requestId } of settled)
    noteEntry(db, { at, what: action, sha256, requestId, status, bundle: verdict.bundle, quarantineId });
  return settled;
}

type Chosen = { action: Action; quarantineId: string | null };

function actionOn(db: Db, verdict: VerdictRow, policy: Policy, at: string): Chosen {
  // How a content comes in makes nothing milder that was said of the content itself.
  const ofContent = verdict.receipt === null ? undefined : newestOfContent(db, verdict.sha256);
  const wanted = strictest(
    [verdict, ofContent].flatMap((said) => (said ? actionOf(said.status, policy) : [])),
  );
  // Nothing that a detector says takes a content out of quarantine.
  const open = openQuarantine(db, verdict.sha256);
  if (open) return { action: wanted === 'reject' ? wanted : 'quarantine', quarantineId: open };
  if (wanted !== 'quarantine') return { action: wanted, quarantineId: null };
  const lifted = liftedBy(db, verdict, ofContent);
  if (lifted) return { action: 'allow', quarantineId: lifted };
  const quarantineId = randomUUID();
  db.run(
    `INSERT INTO quarantines (quarantineId, sha256, since, state, releasesNeeded) VALUES (?, ?, ?, 'held', ?)`,
    quarantineId,
    verdict.sha256,
    at,
    policy.releasesNeeded,
  );
  return { action: 'quarantine', quarantineId };
}

const strictest = (some: readonly Action[]): Action => actions.findLast((action) => some.includes(action))!;

const openQuarantine = (db: Db, sha256: string): string | undefined =>
  db.first<{ quarantineId: string }>(
    `SELECT quarantineId FROM quarantines WHERE sha256 = ? AND state <> 'released'`,
    sha256,
  )?.quarantineId;

/** Whether people confirmed that a content is fake: then no detector is asked any more. */
export const isConfirmed = (db: Db, sha256: string): boolean =>
  db.first(`SELECT 1 FROM quarantines WHERE sha256 = ? AND state = 'confirmed'`, sha256) !== undefined;

/**
 * The release after which a content is not held again because the same bundle says the same of it for the same reasons, or the door of how it came in; not where the verdict
 * `ofContent` came only after the release.
 */
function liftedBy(
  db: Db,
  { id, sha256, bundle, status, receipt }: VerdictRow,
  ofContent: VerdictRow | undefined,
): string | undefined {
  const released = db.all<{ quarantineId: string; finding: string }>(
    `SELECT q.quarantineId, v.finding FROM quarantines q JOIN verdicts v ON v.sha256 = q.sha256 AND v.id <= q.upTo
     WHERE q.sha256 = ? AND q.state = 'released' AND v.bundle = ? AND v.status = ?
       AND (v.receipt IS NULL) = (? IS NULL) AND q.upTo >= ? ORDER BY q.number DESC`,
    sha256,
    bundle,
    status,
    receipt,
    ofContent?.id ?? 0,
  );
  const { finding } = db.first<{ finding: string }>('SELECT finding FROM verdicts WHERE id = ?', id)!;
  const now = reasonsOf(finding);
  return released.find((earlier) => reasonsOf(earlier.finding) === now)?.quarantineId;
}

/** The codes, as one text that compares. */
const reasonsOf = (finding: string): string =>
  (JSON.parse(finding) as Finding).reasons
    .map(({ code }) => code)
    .sort()
    .join();

const longestReason = 10_000;

/**
 * Keeps what a reviewer thinks before the score is shown; said again it is the same.
 * @throws Refused `conflict` where the reviewer said something else before, or it is decided already; `gone` where there is no such quarantine.
 */
export function addOpinion(
  db: Db,
  quarantineId: string,
  { reviewer, opinion }: { reviewer: string; opinion: Opinion },
  at: string,
): void {
  const held = requireHeld(db, quarantineId);
  if (keepOpinion(db, held, { reviewer, opinion }, at))
    noteEntry(db, { at, what: 'opinion', sha256: held.sha256, quarantineId, reviewer, opinion });
}

/** Whether it is the first. */
function keepOpinion(
  db: Db,
  { quarantineId, opinions }: Quarantined,
  { reviewer, opinion }: { reviewer: string; opinion: Opinion },
  at: string,
): boolean {
  const earlier = opinions.find((one) => one.reviewer === reviewer)?.opinion;
  if (earlier === opinion) return false;
  if (earlier !== undefined)
    throw new Refused('conflict', `you said ${earlier} before, and it cannot be changed`);
  db.run('INSERT INTO opinions VALUES (?, ?, ?, ?)', quarantineId, reviewer, opinion, at);
  return true;
}

/**
 * Adds a reviewer's word, and decides where it is the last that was needed: one to confirm, and to release `releasesNeeded` by people who have all seen the same. Returns the receipts it was
 * decided for.
 * @throws UserError without a name or a reason; Refused `conflict` where it is decided already, by the same reviewer, released without the newest verdict, or against the opinion stated; `gone` where there is no such quarantine.
 */
export function addReview(db: Db, quarantineId: string, review: Said, at: string): Receipt[] {
  const { reviewer, decision, basis, reason, opinionBefore } = review;
  if (reviewer.trim() === '') throw new UserError('a review has a reviewer; give a name');
  if (reason.trim() === '' || reason.length > longestReason)
    throw new UserError(`a review has a reason, in 1 to ${longestReason} letters; write down why`);
  const held = requireHeld(db, quarantineId);
  const { sha256, verdicts } = held;
  const seen = Math.min(review.seen ?? verdicts, verdicts);
  if (held.reviews.some((earlier) => earlier.reviewer === reviewer && earlier.seen >= seen))
    throw new Refused('conflict', 'the same reviewer has already said something; another person must decide');
  // What is confirmed stays where it is, whatever else is said of it.
  if (decision === 'released' && seen < verdicts)
    throw new Refused('conflict', 'there is a newer verdict than the one you looked at; look again');
  keepOpinion(db, held, { reviewer, opinion: opinionBefore }, at);
  db.run(
    'INSERT INTO reviews (quarantineId, reviewer, decision, basis, reason, opinionBefore, at, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    quarantineId,
    reviewer,
    decision,
    basis,
    reason,
    opinionBefore,
    at,
    seen,
  );
  noteEntry(db, {
    at,
    what: 'review',
    sha256,
    quarantineId,
    reviewer,
    decision,
    basis,
    reason,
    opinionBefore,
    seen,
  });
  const releases =
    held.reviews.filter((earlier) => earlier.decision === 'released' && earlier.seen === verdicts).length + 1;
  if (decision === 'released' && releases < held.releasesNeeded) return [];
  db.run(
    'UPDATE quarantines SET state = ?, decidedAt = ?, upTo = (SELECT max(id) FROM verdicts WHERE sha256 = ?) WHERE quarantineId = ?',
    decision,
    at,
    sha256,
    quarantineId,
  );
  if (decision === 'released')
    db.run(
      `UPDATE requests SET action = 'allow' WHERE quarantineId = ? AND action = 'quarantine'`,
      quarantineId,
    );
  noteEntry(db, { at, what: decision, sha256, quarantineId });
  return receiptsIn(db, quarantineId);
}

/** Whether the bytes must be kept whatever retention or an administrator says. @throws Refused `gone` where there is no such quarantine, `conflict` where there is nothing left to hold. */
export function setHold(db: Db, quarantineId: string, by: string, hold: boolean, at: string): void {
  const { sha256, kept } = requireQuarantine(db, quarantineId);
  if (hold && !kept) throw new Refused('conflict', 'its bytes are deleted: there is nothing left to hold');
  db.run('UPDATE quarantines SET legalHold = ? WHERE quarantineId = ?', hold ? 1 : 0, quarantineId);
  noteEntry(db, { at, what: hold ? 'hold' : 'hold ended', sha256, quarantineId, by });
}

function requireHeld(db: Db, quarantineId: string): Quarantined {
  const found = requireQuarantine(db, quarantineId);
  if (found.state !== 'held') throw new Refused('conflict', `it is ${found.state} already`);
  return found;
}

function requireQuarantine(db: Db, quarantineId: string): Quarantined {
  const found = readQuarantined(db, quarantineId);
  if (!found) throw new Refused('gone', 'there is no such quarantine');
  return found;
}

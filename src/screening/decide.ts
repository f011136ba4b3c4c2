/** What becomes of files: verdicts with the policy's action, quarantine, and what reviewers decide. Each function is a step of `db.change`. */
import { randomUUID } from 'node:crypto';
import { UserError } from '../errors.ts';
import { noteEntry } from './audit.ts';
import type { Db } from './database.ts';
import { actionOf, type Policy } from './policy.ts';
import { readQuarantined, type Receipt, receiptsIn, type VerdictRow } from './store.ts';
import { type Action, type Finding, type Quarantined, Refused, type Review } from './types.ts';

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
  const wanted = actionOf(verdict.status, policy);
  // Nothing that a detector says takes a content out of quarantine.
  const open = openQuarantine(db, verdict.sha256);
  if (open) return { action: wanted === 'reject' ? wanted : 'quarantine', quarantineId: open };
  if (wanted !== 'quarantine') return { action: wanted, quarantineId: null };
  const lifted = liftedBy(db, verdict);
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

const openQuarantine = (db: Db, sha256: string): string | undefined =>
  db.first<{ quarantineId: string }>(
    `SELECT quarantineId FROM quarantines WHERE sha256 = ? AND state <> 'released'`,
    sha256,
  )?.quarantineId;

/** Whether people confirmed that a content is fake: then no detector is asked any more. */
export const isConfirmed = (db: Db, sha256: string): boolean =>
  db.first(`SELECT 1 FROM quarantines WHERE sha256 = ? AND state = 'confirmed'`, sha256) !== undefined;

/** The release after which a content is not held again because the same bundle says the same of it, or the door of how it came in. */
const liftedBy = (db: Db, { sha256, bundle, status, receipt }: VerdictRow): string | undefined =>
  db.first<{ quarantineId: string }>(
    `SELECT q.quarantineId FROM quarantines q JOIN verdicts v ON v.sha256 = q.sha256 AND v.id <= q.upTo
     WHERE q.sha256 = ? AND q.state = 'released' AND v.bundle = ? AND v.status = ?
       AND (v.receipt IS NULL) = (? IS NULL) ORDER BY q.number DESC LIMIT 1`,
    sha256,
    bundle,
    status,
    receipt,
  )?.quarantineId;

const longestReason = 10_000;

/**
 * Adds a reviewer's word, and decides where it is the last that was needed: one to confirm, `releasesNeeded` to release. Returns the receipts it was decided for.
 * @throws UserError without a name or a reason; Refused `conflict` where it is decided already or by the same reviewer, `gone` where there is no such quarantine.
 */
export function addReview(db: Db, quarantineId: string, review: Review, at: string): Receipt[] {
  const { reviewer, decision, basis, reason, opinionBefore } = review;
  if (reviewer.trim() === '') throw new UserError('a review has a reviewer; give a name');
  if (reason.trim() === '' || reason.length > longestReason)
    throw new UserError(`a review has a reason, in 1 to ${longestReason} letters; write down why`);
  const held = requireQuarantine(db, quarantineId);
  if (held.state !== 'held') throw new Refused('conflict', `it is ${held.state} already`);
  if (held.reviews.some((earlier) => earlier.reviewer === reviewer))
    throw new Refused('conflict', 'the same reviewer has already said something; another person must decide');
  const { sha256 } = held;
  db.run(
    'INSERT INTO reviews (quarantineId, reviewer, decision, basis, reason, opinionBefore, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    quarantineId,
    reviewer,
    decision,
    basis,
    reason,
    opinionBefore,
    at,
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
  });
  const releases = held.reviews.filter((earlier) => earlier.decision === 'released').length + 1;
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

/** Whether the bytes must be kept whatever retention or an administrator says. @throws Refused `gone` where there is no such quarantine. */
export function setHold(db: Db, quarantineId: string, by: string, hold: boolean, at: string): void {
  const { sha256 } = requireQuarantine(db, quarantineId);
  db.run('UPDATE quarantines SET legalHold = ? WHERE quarantineId = ?', hold ? 1 : 0, quarantineId);
  noteEntry(db, { at, what: hold ? 'hold' : 'hold ended', sha256, quarantineId, by });
}

function requireQuarantine(db: Db, quarantineId: string): Quarantined {
  const found = readQuarantined(db, quarantineId);
  if (!found) throw new Refused('gone', 'there is no such quarantine');
  return found;
}

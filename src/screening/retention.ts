/** Deleting bytes and keeping their hash: when their time is over, or because an administrator says so. What is said of them stays. */
import { failPoint } from '../fail-point.ts';
import { noteEntry } from './audit.ts';
import type { Db } from './database.ts';
import type { Policy } from './policy.ts';
import { type Content, newestFirst, readContent } from './store.ts';
import { Refused } from './types.ts';

const dayMs = 86_400_000;

/**
 * Contents whose time is over at `now`: so many days after they last came in or somebody last decided about them as the policy says for their newest verdict. Not what waits for a
 * verdict or a decision, nor what is under legal hold.
 */
export function outlived(db: Db, policy: Policy, now: Date): string[] {
  const limits = Object.entries(policy.retentionDays).flatMap(([status, days]) =>
    days === null ? [] : [{ status, until: new Date(now.getTime() - days * dayMs).toISOString() }],
  );
  return db
    .all<{ sha256: string }>(
      `SELECT c.sha256 FROM contents c
       JOIN verdicts v ON v.id = (SELECT id FROM verdicts WHERE sha256 = c.sha256 ORDER BY ${newestFirst} LIMIT 1)
       JOIN json_each(?) l ON l.value ->> 'status' = v.status
       WHERE c.kept = 1
         AND max(c.lastAt, coalesce((SELECT max(decidedAt) FROM quarantines WHERE sha256 = c.sha256), '')) <= l.value ->> 'until'
         AND NOT EXISTS (SELECT 1 FROM requests WHERE sha256 = c.sha256 AND verdict IS NULL)
         AND NOT EXISTS (SELECT 1 FROM quarantines WHERE sha256 = c.sha256 AND (state = 'held' OR legalHold = 1))
       ORDER BY c.sha256`,
      JSON.stringify(limits),
    )
    .map(({ sha256 }) => sha256);
}

/** Sweeps now, because a service may be started more often than that, and again every so many milliseconds; what goes wrong is told. Resolves when it has swept once, to what ends it. */
export async function sweepRegularly(
  sweepOld: (now: Date) => Promise<unknown>,
  everyMs: number,
  warn: (message: string) => void,
): Promise<() => void> {
  const sweep = (): Promise<unknown> =>
    sweepOld(new Date()).catch((error: unknown) =>
      warn(
        `what the policy keeps no longer was not deleted: ${(error as Error).message}; tried again in ${everyMs / 60_000} minutes`,
      ),
    );
  await sweep();
  const timer = setInterval(() => void sweep(), everyMs);
  return () => clearInterval(timer);
}

/** Why the bytes of a content may not be deleted by request. @throws Refused `gone` where there are none, `conflict` under legal hold, while it is analysed, and where the policy says so. */
export function requireErasable(db: Db, sha256: string, policy: Policy): void {
  if (readContent(db, sha256)?.kept !== 1) throw new Refused('gone', 'its bytes are not there');
  if (policy.deletion === 'by-retention-only')
    throw new Refused('conflict', 'the policy deletes bytes when their time is over, and not before');
  if (db.first('SELECT 1 FROM quarantines WHERE sha256 = ? AND legalHold = 1', sha256))
    throw new Refused('conflict', 'it is under legal hold');
  if (db.first('SELECT 1 FROM requests WHERE sha256 = ? AND verdict IS NULL', sha256))
    throw new Refused('conflict', 'it waits for its verdict');
}

/** Deletes the bytes and notes who wanted it. The database first: a file that nobody knows of is swept at the next start, one that is missing could never be explained. */
export function eraseBytes(
  db: Db,
  {
    sha256,
    why,
    at,
    ...who
  }: { sha256: string; at: string } & (
    | { why: 'erased'; by: string; reason: string }
    | { why: 'retention'; by: 'retention' }
  ),
  remove: (content: Content) => void,
): void {
  db.change(() => {
    db.run('UPDATE contents SET kept = 0 WHERE sha256 = ?', sha256);
    noteEntry(db, { at, what: why, sha256, ...who });
  });
  failPoint('erasure-recorded');
  remove(readContent(db, sha256)!);
  failPoint('erased');
}

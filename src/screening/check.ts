/** Whether the folder of a service is what it should be: every file in one state, every byte where its hash says, no letting go without a reason, the log whole. It only looks. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../files.ts';
import { lockOwner } from '../records/run-lock.ts';
import { auditRemedy, checkAudit } from './audit.ts';
import { type Db, openDatabase } from './database.ts';
import { requireServiceFolder } from './service-folder.ts';
import { unlessThere, vaultFiles, vaultName } from './vault.ts';

/** A sentence, and what to do about it. */
export type Problem = { found: string; remedy: string };
/** `problems`: none where all is well. `waiting`: receipts without a verdict, which the next service goes on with. */
export type Checked = { receipts: number; contents: number; waiting: number; problems: Problem[] };

/**
 * `bytes`: whether every original is read and compared with its hash. What only a running service may have (files being received) is no problem while one runs.
 * @throws UserError where there is no service's folder, or its database is damaged.
 */
export async function checkService(
  folder: string,
  { bytes = true }: { bytes?: boolean } = {},
): Promise<Checked> {
  requireServiceFolder(folder);
  const runs = (await lockOwner(folder)) !== undefined;
  const db = openDatabase(folder, { make: false });
  try {
    const count = (sql: string): number => db.all<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)[0]!.n;
    const problems = [...contradictions(db), ...(await filesAmiss(folder, db, { bytes, runs }))];
    const log = await checkAudit(folder, db, { runs });
    if ('broken' in log) problems.push({ found: log.broken, remedy: auditRemedy });
    return {
      receipts: count('requests'),
      contents: count('contents'),
      waiting: count('requests WHERE verdict IS NULL'),
      problems,
    };
  } finally {
    db.close();
  }
}

const byOtherHands = 'keep the whole folder as evidence; put back a copy of all of it, or begin in a new one';
const leftBehind = 'nothing is lost: the next start of the service removes it';
const putBack = 'put back a copy of this file; the others are not concerned';

/** What must never be, each with how to find it. The tables refuse most of it; a database that was changed by other hands may have it all the same. */
const never: [what: string, sql: string][] = [
  [
    'has no state, or more than one',
    `SELECT requestId AS id FROM requests r LEFT JOIN verdicts v ON v.id = r.verdict
     WHERE (r.status IN ('QUEUED', 'ANALYZING')) <> (r.verdict IS NULL) OR (r.verdict IS NULL) <> (r.action IS NULL)
        OR (r.verdict IS NOT NULL AND (v.id IS NULL OR v.status <> r.status OR v.sha256 <> r.sha256))`,
  ],
  [
    'was let go without a clean verdict or a reviewer',
    `SELECT requestId AS id FROM requests r WHERE action = 'allow' AND status <> 'NO_SIGNS_FOUND' AND NOT EXISTS
       (SELECT 1 FROM quarantines q JOIN reviews v ON v.quarantineId = q.quarantineId AND v.decision = 'released'
        WHERE q.quarantineId = r.quarantineId AND q.state = 'released' AND q.sha256 = r.sha256)`,
  ],
  [
    'is in quarantine, and its quarantine does not say so',
    `SELECT requestId AS id FROM requests r WHERE action = 'quarantine' AND NOT EXISTS
       (SELECT 1 FROM quarantines q WHERE q.quarantineId = r.quarantineId AND q.sha256 = r.sha256 AND q.state <> 'released')`,
  ],
  [
    'has two final verdicts of one bundle',
    'SELECT sha256 AS id FROM verdicts WHERE final = 1 GROUP BY sha256, bundle HAVING count(*) > 1',
  ],
  [
    'is in quarantine twice',
    `SELECT sha256 AS id FROM quarantines WHERE state <> 'released' GROUP BY sha256 HAVING count(*) > 1`,
  ],
  [
    'was released by too few reviewers, or by one twice',
    `SELECT quarantineId AS id FROM quarantines q WHERE state = 'released' AND releasesNeeded >
       (SELECT count(DISTINCT reviewer) FROM reviews r WHERE r.quarantineId = q.quarantineId AND decision = 'released')`,
  ],
  [
    'is confirmed by nobody',
    `SELECT quarantineId AS id FROM quarantines q WHERE state = 'confirmed' AND NOT EXISTS
       (SELECT 1 FROM reviews r WHERE r.quarantineId = q.quarantineId AND decision = 'confirmed')`,
  ],
  [
    'never came in',
    'SELECT sha256 AS id FROM contents c WHERE NOT EXISTS (SELECT 1 FROM requests r WHERE r.sha256 = c.sha256)',
  ],
];

function contradictions(db: Db): Problem[] {
  const damage = db
    .all<{ integrity_check: string }>('PRAGMA integrity_check')
    .flatMap(({ integrity_check: told }) => (told === 'ok' ? [] : [`store.db: ${told}`]));
  return [
    ...damage,
    ...never.flatMap(([what, sql]) => db.all<{ id: string }>(sql).map(({ id }) => `${id} ${what}`)),
  ].map((found) => ({ found, remedy: byOtherHands }));
}

type Kept = { sha256: string; bytes: number; extension: string };
const keptOnes = 'SELECT sha256, bytes, extension FROM contents WHERE kept = 1';

async function filesAmiss(
  folder: string,
  db: Db,
  { bytes, runs }: { bytes: boolean; runs: boolean },
): Promise<Problem[]> {
  const kept = db.all<Kept>(keptOnes);
  const missing = new Map(kept.map((content) => [vaultName(content), content]));
  const problems: Problem[] = [];
  const amiss = (found: string): unknown => problems.push({ found, remedy: putBack });
  // A running service may just have taken a file over, or be about to delete it.
  const stray = (found: string): unknown => runs || problems.push({ found, remedy: leftBehind });
  const pathOf = (name: string): string => join(folder, 'vault', name);
  for await (const file of vaultFiles(folder)) {
    const content = missing.get(file.name);
    if (!content) {
      stray(`vault/${file.name} belongs to nothing that came in`);
      continue;
    }
    if (file.bytes !== content.bytes)
      amiss(`vault/${file.name} has ${file.bytes} bytes, and came in with ${content.bytes}`);
    else if (bytes) {
      const hash = await sha256OfFile(pathOf(file.name)).catch(unlessThere);
      if (hash === undefined) continue;
      if (hash !== content.sha256) amiss(`vault/${file.name} was changed: its hash is another`);
    }
    missing.delete(file.name);
  }
  // A service that runs lets go of some while others are read, which may take hours: of their bytes last.
  const isKept = (name: string, { sha256 }: Kept): boolean =>
    db.all<Kept>(`${keptOnes} AND sha256 = ?`, sha256).some((content) => vaultName(content) === name);
  for (const [name, content] of missing)
    if (!existsSync(pathOf(name)) && isKept(name, content)) amiss(`vault/${name} is missing`);
  for (const name of await readdir(join(folder, 'incoming'))) stray(`incoming/${name} was left behind`);
  return problems;
}

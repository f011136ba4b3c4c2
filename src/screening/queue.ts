/**
 * Contents that wait for their verdict, oldest first, a few at once and each once, whatever number of receipts wait for it. The database holds the line: after a crash it is
 * taken up where it was, and what was under way begins again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { failPoint } from '../fail-point.ts';
import type { Db } from './database.ts';
import { evaluate, unable } from './evaluate.ts';
import { type Content, finalVerdict, readContent, type VerdictRow } from './store.ts';
import type { Analyse, Finding } from './types.ts';

export type Queue = {
  /** Receipts whose content nobody has begun with. */
  waiting(): number;
  /** Contents under way. */
  analysing(): number;
  isAnalysing(sha256: string): boolean;
  /** Whether the last verdict could be written down. */
  isFine(): boolean;
  /** About how long a content takes, in seconds. */
  secondsEach(): number;
  /** Begins what there is room for. */
  pump(): void;
  /** Begins nothing more, and puts what is under way back. */
  close(): void;
};

type Needs = {
  db: Db;
  analyse: Analyse;
  bundle: string;
  parallel: number;
  mostSeconds: number;
  pathOf(content: Content): string;
  /** Writes the verdict down for all who wait; `known`: where the bundle has given it before. */
  settle(sha256: string, finding: Finding | { known: VerdictRow }): void;
  warn(message: string): void;
};

/** A file with which the service ended so many times is not tried again: it may be why. */
const mostAttempts = 5;
const retryMs = 1000;

export function openQueue(needs: Needs): Queue {
  const { db, bundle, parallel, warn } = needs;
  // Of those a crash left in between.
  db.run(`UPDATE requests SET status = 'QUEUED' WHERE status = 'ANALYZING'`);
  const underWay = new Set<string>();
  let [closed, fine, secondsEach] = [false, true, 5];

  const next = (): string | undefined =>
    db.first<{ sha256: string }>(
      `SELECT sha256 FROM requests WHERE verdict IS NULL AND sha256 NOT IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT 1`,
      JSON.stringify([...underWay]),
    )?.sha256;

  const begin = (sha256: string): Content => {
    db.change(() => {
      db.run(`UPDATE requests SET status = 'ANALYZING' WHERE sha256 = ? AND verdict IS NULL`, sha256);
      db.run('UPDATE contents SET attempts = attempts + 1 WHERE sha256 = ?', sha256);
    });
    failPoint('analysis-begun');
    return readContent(db, sha256)!;
  };

  const judge = async (sha256: string): Promise<Finding | { known: VerdictRow }> => {
    const known = finalVerdict(db, sha256, bundle);
    if (known) return { known };
    const content = begin(sha256);
    if (content.attempts > mostAttempts)
      return unable(
        bundle,
        'E_WORKER_CRASH',
        `The service ended ${mostAttempts} times while it analysed this file, so it is not tried again.`,
      );
    const file = { path: needs.pathOf(content), sha256 };
    return evaluate(needs.analyse, file, { ...needs });
  };

  const through = async (sha256: string): Promise<void> => {
    try {
      const finding = await judge(sha256);
      failPoint('analysis-ended');
      // What was found out is not thrown away because the disk is full just now.
      for (;;) {
        if (closed) return;
        try {
          needs.settle(sha256, finding);
          break;
        } catch (error) {
          fine = false;
          warn((error as Error).message);
          await sleep(retryMs);
        }
      }
      fine = true;
      if ('seconds' in finding) secondsEach = 0.8 * secondsEach + 0.2 * finding.seconds;
    } catch (error) {
      fine = false;
      warn((error as Error).message);
      await sleep(retryMs);
    } finally {
      underWay.delete(sha256);
      pump();
    }
  };

  const pump = (): void => {
    while (!closed && underWay.size < parallel) {
      const sha256 = next();
      if (sha256 === undefined) return;
      underWay.add(sha256);
      void through(sha256);
    }
  };

  return {
    waiting: () =>
      db.all<{ n: number }>(
        `SELECT count(*) AS n FROM requests WHERE verdict IS NULL AND status = 'QUEUED'`,
      )[0]!.n,
    analysing: () => underWay.size,
    isAnalysing: (sha256) => underWay.has(sha256),
    isFine: () => fine,
    secondsEach: () => secondsEach,
    pump,
    close() {
      closed = true;
      db.change(() => {
        db.run(`UPDATE requests SET status = 'QUEUED' WHERE status = 'ANALYZING'`);
        for (const sha256 of underWay)
          db.run('UPDATE contents SET attempts = max(0, attempts - 1) WHERE sha256 = ?', sha256);
      });
    },
  };
}

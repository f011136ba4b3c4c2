/**
 * Contents that wait for their verdict, oldest first, a few at once and each once, whatever number of receipts wait for it. The database holds the line: after a crash it is
 * taken up where it was, and what was under way begins again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { failPoint } from '../fail-point.ts';
import type { Db } from './database.ts';
import { evaluate, unable } from './evaluate.ts';
import { openRests } from './rests.ts';
import { type Content, finalVerdict, readContent, type VerdictRow } from './store.ts';
import type { Analyse, Finding, Reason } from './types.ts';

export type Queue = {
  /** Receipts whose content nobody has begun with. */
  waiting(): number;
  /** Contents under way. */
  analysing(): number;
  isAnalysing(sha256: string): boolean;
  /** Whether the database could be read, the last verdict be written down, and the machine has not failed since it last judged a file. */
  isFine(): boolean;
  /** About how long a content takes, in seconds. */
  secondsEach(): number;
  /** Begins what there is room for. Never throws: where the database cannot be read it is asked again, a little later. */
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

/** A file with which the service ended so many times is not tried again: it may be why. Nor is one with which the machine failed so often, judging others in between. */
const mostAttempts = 5;
const retryMs = 1000;

export function openQueue(needs: Needs): Queue {
  const { db, bundle, parallel, warn } = needs;
  // Of those a crash left in between.
  db.run(`UPDATE requests SET status = 'QUEUED' WHERE status = 'ANALYZING'`);
  const underWay = new Set<string>();
  let [closed, written, readable, secondsEach] = [false, true, true, 5];
  let retry: NodeJS.Timeout | undefined;
  const rests = openRests(() => pump());

  const next = (): string | undefined => {
    const first = (without: string[]): string | undefined =>
      db.first<{ sha256: string }>(
        `SELECT sha256 FROM requests WHERE verdict IS NULL AND sha256 NOT IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT 1`,
        JSON.stringify(without),
      )?.sha256;
    return first([...underWay, ...rests.lastOnes()]) ?? first([...underWay]);
  };

  const begin = (sha256: string): Content => {
    db.change(() => {
      db.run(`UPDATE requests SET status = 'ANALYZING' WHERE sha256 = ? AND verdict IS NULL`, sha256);
      db.run('UPDATE contents SET attempts = attempts + 1 WHERE sha256 = ?', sha256);
    });
    failPoint('analysis-begun');
    return readContent(db, sha256)!;
  };

  const putBack = (...all: string[]): void =>
    db.change(() => {
      for (const sha256 of all) {
        db.run(`UPDATE requests SET status = 'QUEUED' WHERE sha256 = ? AND verdict IS NULL`, sha256);
        db.run('UPDATE contents SET attempts = max(0, attempts - 1) WHERE sha256 = ?', sha256);
      }
    });

  const judge = async (sha256: string): Promise<Finding | { known: VerdictRow }> => {
    const known = finalVerdict(db, sha256, bundle);
    if (known) return { known };
    if (rests.failures(sha256) >= mostAttempts) return unable(bundle, [ofMachine]);
    const content = begin(sha256);
    if (content.attempts > mostAttempts) return unable(bundle, [crashed]);
    const file = { path: needs.pathOf(content), sha256 };
    const finding = await evaluate(needs.analyse, file, { ...needs }).catch(async (error: unknown) => {
      await writeDown(sha256, () => putBack(sha256));
      throw error;
    });
    // Of what is no media no detector was asked, and a machine that fails can say so too.
    if (finding.kind !== null) rests.over();
    return finding;
  };

  /** What was found out is not thrown away because the disk is full just now. */
  const writeDown = async (sha256: string, change: () => void): Promise<void> => {
    for (; !closed; await sleep(retryMs))
      try {
        change();
        written = true;
        return;
      } catch (error) {
        written = false;
        warn(`${sha256}: what became of it is not written down yet: ${(error as Error).message}`);
      }
  };

  const through = async (sha256: string): Promise<void> => {
    try {
      const finding = await judge(sha256);
      failPoint('analysis-ended');
      await writeDown(sha256, () => needs.settle(sha256, finding));
      rests.forget(sha256);
      if ('seconds' in finding) secondsEach = 0.8 * secondsEach + 0.2 * finding.seconds;
    } catch (error) {
      if (closed) return;
      const seconds = rests.failed(sha256) / 1000;
      const { message } = error as Error;
      warn(`${sha256}: not analysed, and waits on: ${message}; nothing is begun for ${seconds} s`);
    } finally {
      underWay.delete(sha256);
      pump();
    }
  };

  const fill = (): void => {
    while (!closed && !rests.isResting() && underWay.size < parallel) {
      const sha256 = next();
      if (sha256 === undefined && underWay.size === 0) rests.over();
      if (sha256 === undefined) return;
      underWay.add(sha256);
      void through(sha256);
    }
  };

  const pump = (): void => {
    clearTimeout(retry);
    try {
      fill();
      readable = true;
    } catch (error) {
      readable = false;
      warn(`what waits cannot be looked up: ${(error as Error).message}`);
      retry = setTimeout(pump, retryMs).unref();
    }
  };

  return {
    waiting: () =>
      db.all<{ n: number }>(
        `SELECT count(*) AS n FROM requests WHERE verdict IS NULL AND status = 'QUEUED'`,
      )[0]!.n,
    analysing: () => underWay.size,
    isAnalysing: (sha256) => underWay.has(sha256),
    isFine: () => written && readable && rests.isFine(),
    secondsEach: () => secondsEach,
    pump,
    close() {
      closed = true;
      clearTimeout(retry);
      rests.close();
      putBack(...underWay);
    },
  };
}

const crashed: Reason = {
  code: 'E_WORKER_CRASH',
  message: `The service ended ${mostAttempts} times while it analysed this file, so it is not tried again.`,
};
const ofMachine: Reason = {
  code: 'E_MACHINE',
  message: `The machine failed ${mostAttempts} times with this file while it could judge others, so it is not tried again.`,
};

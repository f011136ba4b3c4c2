/**
 * Events on their way to whoever listens (webhooks). One is written into the database in the same step as what it tells of, and deleted once it was told: a process that is killed
 * in between tells it after the next start. So it is told at least once, and where it is told twice, under the same id.
 */
import { randomUUID } from 'node:crypto';
import type { Db } from './database.ts';
import { failPoint } from '../fail-point.ts';
import type { Receipt } from './store.ts';
import type { Event } from './types.ts';

export type Events = {
  on(listener: (event: Event) => void): void;
  /** Tells what is not told yet, soon. */
  follow(): void;
  /** Tells what is not told yet, now, and nothing more. */
  close(): void;
};

/** Events that are told in one go: who listens may write each of them to the disk, and requests are answered in between. */
const batch = 20;
const retryMs = 5000;

/** Notes what happened to receipts; to be called in a step of `db.change`. */
export function noteEvents(db: Db, event: Event['event'], receipts: readonly Receipt[], at: string): void {
  for (const receipt of receipts) {
    const { requestId, sha256, status, action, quarantineId } = receipt;
    const told: Event = { id: randomUUID(), event, requestId, sha256, status, action, quarantineId, at };
    db.run('INSERT INTO events (event) VALUES (?)', JSON.stringify(told));
  }
}

/** `warn` hears of a listener that throws, which is told the event again later, and of a disk that is full. */
export function openEvents(db: Db, warn: (message: string) => void): Events {
  /** `told`: the number of the last event that it has taken. */
  const listeners: { hear: (event: Event) => void; told: number }[] = [];
  let [asked, closed] = [false, false];
  let retry: NodeJS.Timeout | undefined;

  /** Tells as many as are told in one go, and deletes what all have taken; whether there may be more. @throws what a listener has thrown, once the others were told. */
  const tellSome = (): boolean => {
    const toldToAll = (): number => Math.min(...listeners.map(({ told }) => told));
    const rows = db.all<{ number: number; event: string }>(
      'SELECT number, event FROM events WHERE number > ? ORDER BY number LIMIT ?',
      toldToAll(),
      batch,
    );
    if (rows.length === 0) return false;
    const failures = listeners.flatMap((listener) => {
      try {
        for (const { number, event } of rows) {
          if (number <= listener.told) continue;
          listener.hear(JSON.parse(event) as Event);
          listener.told = number;
        }
        return [];
      } catch (error) {
        return [error];
      }
    });
    failPoint('events-told');
    db.run('DELETE FROM events WHERE number <= ?', toldToAll());
    if (failures.length > 0) throw failures[0];
    return true;
  };

  /** False where there is nothing more to tell now. */
  const trySome = (): boolean => {
    if (closed || listeners.length === 0) return false;
    try {
      return tellSome();
    } catch (error) {
      warn(`events are not told yet: ${(error as Error).message}`);
      clearTimeout(retry);
      retry = setTimeout(follow, retryMs).unref();
      return false;
    }
  };

  const follow = (): void => {
    if (asked) return;
    asked = true;
    setImmediate(() => {
      asked = false;
      if (trySome()) follow();
    });
  };

  return {
    on(hear) {
      listeners.push({ hear, told: Math.max(0, ...listeners.map(({ told }) => told)) });
      follow();
    },
    follow,
    close() {
      while (trySome());
      clearTimeout(retry);
      closed = true;
    },
  };
}

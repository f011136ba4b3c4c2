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

/** Events that are read at once. */
const batch = 1000;

/** Notes what happened to receipts; to be called in a step of `db.change`. */
export function noteEvents(db: Db, event: Event['event'], receipts: readonly Receipt[], at: string): void {
  for (const receipt of receipts) {
    const { requestId, sha256, status, action, quarantineId } = receipt;
    const told: Event = { id: randomUUID(), event, requestId, sha256, status, action, quarantineId, at };
    db.run('INSERT INTO events (event) VALUES (?)', JSON.stringify(told));
  }
}

/** `warn` hears of listeners that throw, whose event is not told to them again, and of a disk that is full. */
export function openEvents(db: Db, warn: (message: string) => void): Events {
  const listeners: ((event: Event) => void)[] = [];
  let [told, asked, closed] = [0, false, false];

  const tell = (text: string): void => {
    for (const listener of listeners)
      try {
        listener(JSON.parse(text) as Event);
      } catch (error) {
        warn((error as Error).message);
      }
  };

  const tellAll = (): void => {
    while (listeners.length > 0) {
      const rows = db.all<{ number: number; event: string }>(
        'SELECT number, event FROM events WHERE number > ? ORDER BY number LIMIT ?',
        told,
        batch,
      );
      if (rows.length === 0) return;
      for (const { number, event } of rows) {
        tell(event);
        told = number;
      }
      failPoint('events-told');
      db.run('DELETE FROM events WHERE number <= ?', told);
    }
  };

  const tryAll = (): void => {
    if (closed) return;
    try {
      tellAll();
    } catch (error) {
      // Those that are told in this process are deleted the next time.
      warn((error as Error).message);
    }
  };

  const follow = (): void => {
    if (asked) return;
    asked = true;
    setImmediate(() => {
      asked = false;
      tryAll();
    });
  };

  return {
    on(listener) {
      listeners.push(listener);
      follow();
    },
    follow,
    close() {
      tryAll();
      closed = true;
    },
  };
}

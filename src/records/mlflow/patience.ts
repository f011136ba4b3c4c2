/** Asking again, for a while: what passes by itself is waited for, longer each time. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Refusal } from './server.ts';

/** How long one question may go on without a good answer, ms: as long as there was none at all, and after that. */
export type Patience = { firstMs: number; thenMs: number };

/**
 * Does `action` until it succeeds; from the second time on `again` is true, and what the first one asked for may have been done. Whatever it throws that does
 * not pass by itself is thrown on, and so is the last of what does when patience is at its end.
 */
export type Patiently = <T>(action: (again: boolean) => Promise<T>) => Promise<T>;

const shortestMs = 250;
const longestMs = 8_000;

/** `limit` ends the waiting too. */
export function patient({ firstMs, thenMs }: Patience, limit?: AbortSignal): Patiently {
  let answered = false;
  return async (action) => {
    const startMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await action(attempt > 0);
        answered = true;
        return result;
      } catch (error) {
        const { again, absent, afterMs = 0 } = error as Refusal;
        const pauseMs = Math.max(afterMs, Math.min(longestMs, shortestMs * 2 ** attempt));
        const untilMs = performance.now() - startMs + pauseMs;
        // Where nothing was there from the beginning, nobody comes while one waits.
        if (!again || limit?.aborted || (absent && !answered) || untilMs > (answered ? thenMs : firstMs))
          throw error;
        await wait(pauseMs, undefined, limit ? { signal: limit } : {}).catch(() => {
          throw error;
        });
      }
    }
  };
}

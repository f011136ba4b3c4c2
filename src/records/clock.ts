/** The wall clock; records alone read it. */
import { performance } from 'node:perf_hooks';

export type Clock = { startedAt: string; seconds(): number };

/** Notes the time of day now; `seconds()` is the time since. */
export function startClock(): Clock {
  const started = performance.now();
  return { startedAt: new Date().toISOString(), seconds: () => (performance.now() - started) / 1000 };
}

/**
 * Watches the main thread of a run: how long it computed without coming back to its event loop, how late its timers
 * fired, and whether TensorFlow.js was loaded into it. Heavy work belongs into worker processes, so that this one keeps
 * time, progress and signals.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { Session } from 'node:inspector';
import { createHistogram, performance } from 'node:perf_hooks';
import type { Measured } from '../types.ts';

export type MainThread = {
  longestStretchMs: Measured;
  delayP999Ms: Measured;
  delayMaxMs: Measured;
  loadedTensorFlow: boolean;
};

/** How often the thread is looked at. A stretch is told too long by no more than this. */
const intervalMs = 10;

/**
 * Starts watching the thread that calls. `stop` ends it and says what was seen since.
 * Between two calls of one timer the event loop has turned at least once, so the processor time used between them is at
 * least that of every stretch in it, and exceeds the longest by less than the timer's interval; where Linux is asked, both are
 * as old as its scheduler's last tick, up to 10 ms.
 */
export function watchMainThread(): { stop(): MainThread } {
  const cpu = threadCpu();
  const delays = createHistogram();
  let longestMs = 0;
  let lastCpuMs = cpu.readMs?.() ?? 0;
  let lastMs = performance.now();
  const look = (): void => {
    const nowMs = performance.now();
    for (const delayMs of delaysOf(nowMs - lastMs - intervalMs))
      delays.record(Math.max(1, Math.round(delayMs * 1e6)));
    lastMs = nowMs;
    const cpuMs = cpu.readMs?.() ?? 0;
    longestMs = Math.max(longestMs, cpuMs - lastCpuMs);
    lastCpuMs = cpuMs;
  };
  const timer = setInterval(look, intervalMs).unref();
  return {
    stop() {
      clearInterval(timer);
      look();
      cpu.close();
      return {
        longestStretchMs: cpu.readMs ? { value: longestMs } : { value: null, reason: cpu.reason },
        delayP999Ms: { value: delays.percentile(99.9) / 1e6 },
        delayMaxMs: { value: delays.max / 1e6 },
        loadedTensorFlow: loadedScripts().some((url) => url.includes('/@tensorflow/')),
      };
    },
  };
}

/**
 * The delays, ms, of a look that came `delayMs` late and of those that were due meanwhile and never came, so that a long delay weighs
 * as much as it lasted (the correction for coordinated omission of HdrHistogram).
 */
export function delaysOf(delayMs: number): number[] {
  const missed = Math.max(0, Math.ceil(delayMs / intervalMs) - 1);
  return Array.from({ length: 1 + missed }, (_, i) => delayMs - i * intervalMs);
}

type ThreadCpu = { close(): void } & (
  | { readMs(): number; reason?: never }
  | { readMs?: never; reason: string }
);

/** Processor time of this thread: by Node where it tells (from 23.9 on), else by Linux, which counts it in nanoseconds. */
function threadCpu(): ThreadCpu {
  const { threadCpuUsage } = process as { threadCpuUsage?(): { user: number; system: number } };
  if (threadCpuUsage) {
    const readMs = (): number => {
      const { user, system } = threadCpuUsage();
      return (user + system) / 1000;
    };
    return { readMs, close: () => {} };
  }
  return schedulerCpu(`/proc/self/task/${process.pid}/schedstat`);
}

/** Processor time of a thread by Linux's scheduler, whose file without statistics holds zeros: no thread has used no time when it asks. */
export function schedulerCpu(path: string): ThreadCpu {
  const reason = 'neither Node nor this system tells the processor time of one thread';
  try {
    const file = openSync(path, 'r');
    const bytes = Buffer.alloc(80);
    const readMs = (): number =>
      Number(bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)).split(' ')[0]) / 1e6;
    const close = (): void => closeSync(file);
    if (readMs() > 0) return { readMs, close };
    close();
  } catch {
    // There is no such file.
  }
  return { reason, close: () => {} };
}

/** Addresses of all scripts that were loaded into this thread, as its JavaScript engine lists them. */
export function loadedScripts(): string[] {
  const session = new Session();
  session.connect();
  const urls: string[] = [];
  session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
  session.post('Debugger.enable');
  session.disconnect();
  return urls;
}

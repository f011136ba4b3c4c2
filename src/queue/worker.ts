/** The inside of a worker process: runs one job at a time, says how far it is, and reports the result or the error. */
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { machineTrouble } from '../errors.ts';
import { sha256OfFile } from '../files.ts';
import type { Work } from '../types.ts';
import { describe } from './error-shape.ts';
import { findJob } from './find-job.ts';
import type { FromWorker, ToWorker } from './messages.ts';

const say = (message: FromWorker): void => {
  process.send?.(message);
};
/** Progress is a courtesy: at most four times a second. */
const progressIntervalMs = 250;

process.on('message', (message: ToWorker) => void work(message));
process.on('disconnect', () => process.exit(0));
// The terminal sends Ctrl-C to the whole group; the main process decides what it means.
process.on('SIGINT', () => {});

async function work({ module, name, input, folder, checkpoints }: ToWorker): Promise<void> {
  const memory = (): { peakMemoryBytes: number; memoryBytes: number } => ({
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    memoryBytes: process.memoryUsage.rss(),
  });
  try {
    const job = await findJob(module, name);
    const started = performance.now();
    const output = await job.run(input, tools(folder, checkpoints));
    refuseNonFinite(output, name);
    say({
      kind: 'done',
      output,
      seconds: (performance.now() - started) / 1000,
      ...memory(),
    });
  } catch (error) {
    say({ kind: 'failed', error: describe(machineTrouble(error, folder) ?? error), ...memory() });
  }
}

/** JSON would turn such a number into null without a word. */
function refuseNonFinite(value: unknown, where: string): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Error(`${where} gave the number ${value}`);
  if (value === null || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) refuseNonFinite(inner, `${where}.${key}`);
}

function tools(folder: string, checkpoints: string): Work {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    folder,
    checkpoints,
    note: (message) => say({ kind: 'note', message }),
    keep: async (name) => ({ path: join(folder, name), sha256: await sha256OfFile(join(folder, name)) }),
    progress(fraction, note) {
      const nowMs = performance.now();
      if (nowMs - lastMs < progressIntervalMs) return;
      lastMs = nowMs;
      say({ kind: 'progress', fraction, ...(note === undefined ? {} : { note }) });
    },
  };
}

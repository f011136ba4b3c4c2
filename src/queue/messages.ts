/** What the main process and a worker process say to each other. Plain JSON over the channel of `child_process.fork`. */
import type { ErrorShape } from './error-shape.ts';

export type ToWorker = { module: string; name: string; input: unknown; folder: string; checkpoints: string };

export type FromWorker =
  | { kind: 'progress'; fraction: number; note?: string }
  | { kind: 'note'; message: string }
  | ({ kind: 'done'; output: unknown; seconds: number } & Memory)
  | ({ kind: 'failed'; error: ErrorShape } & Memory);

/** Resident size of the worker, the largest ever and that at the end of the job. */
type Memory = { peakMemoryBytes: number; memoryBytes: number };

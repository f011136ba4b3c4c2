/** What the main process and a worker process say to each other. Plain JSON over the channel of `child_process.fork`. */

export type ToWorker = { module: string; name: string; input: unknown; folder: string; checkpoints: string };

export type FromWorker =
  | { kind: 'progress'; fraction: number; note?: string }
  | { kind: 'note'; message: string }
  | { kind: 'done'; output: unknown; seconds: number; peakMemoryBytes: number }
  | { kind: 'failed'; error: ErrorShape; peakMemoryBytes: number };

export type ErrorShape = {
  type: 'item' | 'user' | 'bug';
  message: string;
  code?: `E_${string}`;
  exitCode?: number;
  stack?: string;
};

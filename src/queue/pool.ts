/**
 * Where jobs run by default: worker processes of this machine. A job takes as many slots as it uses threads; jobs start in
 * the order in which they were asked for, urgent ones first. A worker that dies takes only its own job with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ItemError } from '../errors.ts';
import type { Job } from '../types.ts';
import { revive } from './error-shape.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** `cached`: nothing was computed; it lay in the store of an engine. */
export type Finished<Output> = { output: Output; seconds: number; cached?: true };
/** What is heard of a job from when it starts to run. */
export type Listener = { started(): void; progress(fraction: number): void; note(message: string): void };
/**
 * Where the jobs of a run go: a pool of this process, or machines that are asked through a store. `key`: that of the job (`jobKey`). `kept` resolves when
 * the output is stored: of no more jobs than there are slots a pool of this process lets the output wait for that, so that a crash costs no more.
 */
export type Engine = {
  run<I, O>(
    job: Job<I, O>,
    input: I,
    folder: string,
    more: { key: string; checkpoints?: string; kept?: Promise<void>; listener?: Listener },
  ): Promise<Finished<O>>;
  close(): Promise<void>;
};
export type Pool = {
  /** `checkpoints`: see `Work`; by default inside the job's own folder. Once `signal` is aborted the job is done no more and fails with its reason: its worker ends, and others have its place. */
  run<I, O>(
    job: Job<I, O>,
    input: I,
    folder: string,
    more?: { checkpoints?: string; kept?: Promise<void>; listener?: Listener; signal?: AbortSignal },
  ): Promise<Finished<O>>;
  /** The largest resident size of any worker so far. */
  peakMemoryBytes(): number;
  close(): Promise<void>;
};

type Waiting = {
  message: ToWorker;
  threads: number;
  urgent: boolean;
  kept?: Promise<void>;
  listener?: Listener;
  resolve(value: Finished<unknown>): void;
  reject(error: Error): void;
  /** Of a running one. */
  abandon?(error: Error): void;
};

const entry = fileURLToPath(new URL('./worker-entry.mjs', import.meta.url));
/** A worker that still holds more than this when its job ends, after training mostly, is replaced by a fresh one before its next job: it does not give it back. */
const retireAboveBytes = 0.6e9;

/** A pool of `slots` worker processes, started when needed; `environment` is added to their variables. */
export function createPool(slots: number, environment: Record<string, string> = {}): Pool {
  const queue: Waiting[] = [];
  const idle: ChildProcess[] = [];
  const alive = new Set<ChildProcess>();
  const running = new Set<(error: Error) => void>();
  let freeSlots = slots;
  let notKept = 0;
  let peak = 0;
  let closed = false;

  const next = (): void => {
    const first = queue.find((job) => job.urgent) ?? queue[0];
    if (closed || !first || notKept >= slots || Math.min(first.threads, slots) > freeSlots) return;
    queue.splice(queue.indexOf(first), 1);
    start(first, Math.min(first.threads, slots));
    next();
  };

  const start = (job: Waiting, taken: number): void => {
    freeSlots -= taken;
    const worker = takeIdle(idle) ?? spawnWorker(alive, environment);
    const abandon = (error: Error): void => finish(() => job.reject(error), false);
    running.add(abandon);
    job.abandon = abandon;
    const finish = (settle: () => void, reusable: boolean): void => {
      running.delete(abandon);
      delete job.abandon;
      worker.removeAllListeners('message').removeAllListeners('exit').removeAllListeners('error');
      if (reusable) idle.push(worker);
      else void retire(worker, alive);
      freeSlots += taken;
      settle();
      next();
    };
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'progress') return job.listener?.progress(message.fraction);
      if (message.kind === 'note') return job.listener?.note(message.message);
      peak = Math.max(peak, message.peakMemoryBytes);
      const reusable = message.memoryBytes < retireAboveBytes;
      if (message.kind === 'done') {
        if (job.kept) {
          notKept++;
          void job.kept.then(() => {
            notKept--;
            next();
          });
        }
        finish(() => job.resolve({ output: message.output, seconds: message.seconds }), reusable);
      } else finish(() => job.reject(revive(message.error)), reusable);
    });
    const died = (why: string): void =>
      abandon(new ItemError('E_WORKER_CRASH', `${job.message.name}: the worker process ended (${why})`));
    worker.on('exit', (code, signal) => died(signal ?? `exit code ${code}`));
    worker.on('error', (error) => died(error.message));
    worker.send(job.message);
    job.listener?.started();
  };

  return {
    run<I, O>(
      job: Job<I, O>,
      input: I,
      folder: string,
      {
        checkpoints = join(folder, 'checkpoints'),
        kept,
        listener,
        signal,
      }: { checkpoints?: string; kept?: Promise<void>; listener?: Listener; signal?: AbortSignal } = {},
    ) {
      if (closed) return Promise.reject(closedError());
      if (signal?.aborted) return Promise.reject(signal.reason as Error);
      return new Promise<Finished<O>>((resolve, reject) => {
        const message = { module: job.module, name: job.name, input, folder, checkpoints };
        const waiting: Waiting = {
          message,
          threads: job.threads,
          urgent: job.urgent ?? false,
          ...(kept ? { kept } : {}),
          ...(listener ? { listener } : {}),
          resolve: resolve as Waiting['resolve'],
          reject,
        };
        queue.push(waiting);
        signal?.addEventListener('abort', () => {
          const reason = signal.reason as Error;
          const at = queue.indexOf(waiting);
          if (at < 0) return waiting.abandon?.(reason);
          queue.splice(at, 1);
          reject(reason);
        });
        next();
      });
    },
    peakMemoryBytes: () => peak,
    async close() {
      closed = true;
      for (const job of queue.splice(0)) job.reject(closedError());
      for (const abandon of running) abandon(closedError());
      await Promise.all([...alive].map((worker) => retire(worker, alive)));
    },
  };
}

function closedError(): Error {
  return new Error('the pool is closed');
}

/** A waiting worker that still lives. */
function takeIdle(idle: ChildProcess[]): ChildProcess | undefined {
  for (let worker = idle.pop(); worker; worker = idle.pop()) {
    if (worker.connected && worker.exitCode === null && worker.signalCode === null) return worker;
  }
  return undefined;
}

function spawnWorker(alive: Set<ChildProcess>, environment: Record<string, string>): ChildProcess {
  const worker = fork(entry, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 2, 2, 'ipc'] /* stdout belongs to results */,
    serialization: 'json',
  });
  alive.add(worker);
  return worker;
}

/** Ends a worker; resolves when it is gone. */
function retire(worker: ChildProcess, alive: Set<ChildProcess>): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) {
    alive.delete(worker);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const gone = (): void => {
      alive.delete(worker);
      resolve();
    };
    worker.removeAllListeners().once('exit', gone).once('error', gone);
    worker.kill('SIGKILL');
  });
}

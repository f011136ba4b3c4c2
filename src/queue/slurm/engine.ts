/**
 * The coordinator's side of Slurm. Jobs that are asked for at about the same time go as one array of tasks (`worker --batch`), and a job
 * that depends on the array (`afterany`) marks its end, so that what a task left unanswered is known without asking the accounting. What
 * depends on their outputs is asked for once these are there, and goes as the next array.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exitCodes, ItemError, UserError } from '../../errors.ts';
import type { Handout } from '../ask.ts';
import { type Batch, type BatchOptions, endedMark, writeBatch } from './batches.ts';

/** An array is sent off once nobody has asked for so long. */
const quietMs = 500;
const lookEveryMs = 1_000;
/** How often Slurm is asked whether an array whose end nobody has marked is there at all: whoever cancels it may cancel that job too. */
const askEveryMs = 30_000;

type Waiting = {
  name: string;
  kind: 'alone' | 'others';
  attempts: number;
  resolve(): void;
  reject(error: Error): void;
};
type Sent = Batch & { slurmIds: string[]; askedMs: number; endedMs?: number };

/** Looks whether jobs can be submitted here, and Slurm answers. @throws UserError (exit 4). */
export async function requireSlurm(): Promise<void> {
  await slurm('sbatch', ['--version']);
  await slurm('squeue', ['--me', '--noheader']);
}

/** `store`: a folder that all nodes see. `showWithinMs`: how much later than an array's end its answers may show (NFS: a minute). */
export function openSlurm(
  options: BatchOptions & { note(message: string): void; showWithinMs?: number },
): Handout {
  const { store, note, showWithinMs = 60_000 } = options;
  const pending = new Map<string, Waiting>();
  const sent = new Set<Sent>();
  /** Folders of batches that have been answered wholly. */
  const answered = new Set<string>();
  let gathered: string[] = [];
  let quiet: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();

  const gather = (id: string): void => {
    gathered.push(id);
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      const ids = gathered;
      gathered = [];
      for (const kind of ['alone', 'others'] as const)
        sending = sending.then(() =>
          send(
            kind,
            ids.filter((one) => pending.get(one)?.kind === kind),
          ),
        );
    }, quietMs);
  };
  const settle = (id: string, how: (job: Waiting) => void): void => {
    const job = pending.get(id);
    if (!job) return;
    pending.delete(id);
    how(job);
  };

  const send = async (kind: Waiting['kind'], ids: string[]): Promise<void> => {
    if (ids.length === 0) return;
    for (const id of ids) pending.get(id)!.attempts++;
    try {
      const batch = await writeBatch(randomUUID(), ids, { kind, ...options });
      const array = await slurm('sbatch', ['--parsable', batch.array]);
      const after = await slurm('sbatch', ['--parsable', `--dependency=afterany:${array}`, batch.after]);
      sent.add({ ...batch, slurmIds: [array, after], askedMs: performance.now() });
      note(`slurm: array ${array} with ${ids.length} jobs, logs in ${batch.folder}`);
    } catch (error) {
      for (const id of ids) settle(id, ({ reject }) => reject(error as Error));
    }
  };

  const look = async (): Promise<void> => {
    const said = new Set(await readdir(join(store, 'said')).catch(() => []));
    for (const id of pending.keys()) if (said.has(`${id}.json`)) settle(id, ({ resolve }) => resolve());
    for (const batch of sent) {
      const left = batch.ids.filter((id) => pending.has(id));
      if (left.length === 0) {
        sent.delete(batch);
        answered.add(batch.folder);
      } else if (batch.endedMs !== undefined) {
        if (performance.now() - batch.endedMs < showWithinMs) continue;
        sent.delete(batch);
        for (const id of left) tryAgain(id, batch);
      } else if (await hasEnded(batch)) batch.endedMs = performance.now();
    }
  };
  const tryAgain = (id: string, { folder }: Batch): void => {
    const job = pending.get(id)!;
    if (job.attempts < 2) {
      job.kind = 'alone';
      return gather(id);
    }
    settle(id, ({ name, reject }) =>
      reject(
        new ItemError(
          'E_WORKER_CRASH',
          `${name}: two array tasks ended without an answer. Their logs: ${folder}`,
        ),
      ),
    );
  };

  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    const done = (): void => void (looking = false);
    look()
      .catch((error: Error) => note(`slurm: ${error.message}`))
      .then(done, done);
  }, lookEveryMs);

  return {
    submit: (id, { name, urgent }) =>
      new Promise((resolve, reject) => {
        pending.set(id, { name, kind: urgent ? 'alone' : 'others', attempts: 0, resolve, reject });
        gather(id);
      }),
    async close() {
      clearInterval(timer);
      clearTimeout(quiet);
      for (const { reject } of pending.values()) reject(new Error('the engine is closed'));
      pending.clear();
      await sending;
      for (const folder of answered) await rm(folder, { recursive: true, force: true });
      const ids = [...sent].flatMap(({ slurmIds }) => slurmIds);
      if (ids.length > 0) await slurm('scancel', ids).catch((error: Error) => note(error.message));
    },
  };
}

async function hasEnded(batch: Sent): Promise<boolean> {
  if (await stat(endedMark(batch.folder)).catch(() => undefined)) return true;
  if (performance.now() - batch.askedMs < askEveryMs) return false;
  batch.askedMs = performance.now();
  return (await slurm('squeue', ['--noheader', `--jobs=${batch.slurmIds.join(',')}`])) === '';
}

/** What the command prints. @throws UserError (exit 4). */
async function slurm(command: 'sbatch' | 'squeue' | 'scancel', args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: 60_000 });
    return stdout.trim().split(';')[0]!;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    const why =
      code === 'ENOENT'
        ? 'it is not on PATH. --engine slurm runs where jobs can be submitted'
        : `${lastWord(stderr) ?? (error as Error).message}. Is Slurm running, and does SLURM_CONF name its configuration?`;
    throw new UserError(`${command}: ${why}`, {
      exitCode: exitCodes.environment,
    });
  }
}

/** Of all that a command of Slurm says before it gives up, what it gave up for. */
function lastWord(stderr = ''): string | undefined {
  const lines = stderr.trim().split('\n').filter(Boolean);
  return lines.findLast((line) => line.includes('fatal: ')) ?? lines.at(-1);
}

/**
 * What the Slurm engine writes into the store's folder: for each batch a folder with the list of questions of every array task, the
 * script of the array, and that of the job that runs when the array has ended, however it has.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Slurm's own default for the largest index of an array is 1000. */
const mostTasks = 1000;
/** A task takes seconds to start, so that it is worth ten jobs. Alone: what many others wait for (a training), and what is sent again, since one of ten may have taken its task with it. */
const jobsPerTask = { alone: 1, others: 10 };

export type Batch = { folder: string; array: string; after: string; ids: string[] };
/** `program`: the script whose command `worker` takes up a task. */
export type BatchOptions = { store: string; run: string; threads: number; device: string; program: string };

/** Where a batch lies in the store. */
export const batchFolder = (store: string, name: string): string => join(store, 'slurm', name);
/** Is there once the array has ended. */
export const endedMark = (folder: string): string => join(folder, 'ended');

/** Writes a batch of questions. Jobs are dealt out one by one, so that long and short ones spread over the tasks. */
export async function writeBatch(
  name: string,
  ids: string[],
  { kind, ...options }: BatchOptions & { kind: keyof typeof jobsPerTask },
): Promise<Batch> {
  const folder = batchFolder(options.store, name);
  await mkdir(folder, { recursive: true });
  const tasks = Math.min(Math.ceil(ids.length / jobsPerTask[kind]), mostTasks);
  for (let task = 0; task < tasks; task++)
    await writeFile(listOf(folder, task), ids.filter((_, i) => i % tasks === task).join('\n'));
  const batch = { folder, array: join(folder, 'array.sh'), after: join(folder, 'after.sh'), ids };
  await writeFile(batch.array, arrayScript(folder, name, tasks, options));
  await writeFile(batch.after, afterScript(folder, options.run));
  return batch;
}

/** The questions of one array task. */
export async function readTask(store: string, name: string, task: number): Promise<string[]> {
  const text = await readFile(listOf(batchFolder(store, name), task), 'utf8');
  return text.split('\n').filter(Boolean);
}

const listOf = (folder: string, task: number): string => join(folder, `task-${task}.txt`);

/** What else sbatch should be told (partition, account, time) stands in its own variables: `SBATCH_PARTITION`, … */
function arrayScript(
  folder: string,
  name: string,
  tasks: number,
  { store, run, threads, device, program }: BatchOptions,
): string {
  const worker = [
    'worker',
    '--store',
    store,
    '--batch',
    name,
    '--workers',
    String(threads),
    '--device',
    device,
  ];
  return `#!/bin/bash
#SBATCH --job-name=masque-${run}
#SBATCH --array=0-${tasks - 1}
#SBATCH --cpus-per-task=${threads}
#SBATCH --output=${escapePattern(folder)}/task-%a.log
cd ${quote(process.cwd())}
exec ${[process.execPath, program, ...worker].map(quote).join(' ')}
`;
}

function afterScript(folder: string, run: string): string {
  return `#!/bin/bash
#SBATCH --job-name=masque-${run}-ended
#SBATCH --output=/dev/null
: > ${quote(endedMark(folder))}
`;
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
const escapePattern = (path: string): string => `"${path.replaceAll('%', '%%')}"`;

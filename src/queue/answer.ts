/**
 * What a worker does with a question in the store: it looks whether its own code and tools would give the asked result, brings the files,
 * runs the job in a child process and leaves the answer. Whoever hands out the work needs to know no more than the question's id.
 */
import { lstat, readdir } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { exitCodes, isSystemError, ItemError, UserError } from '../errors.ts';
import { sha256OfFile } from '../files.ts';
import { type Cache, movePaths } from '../pipeline/cache.ts';
import { codeHash, type JobParts, jobKey, jobParts } from '../pipeline/key.ts';
import type { FileRef, Job } from '../types.ts';
import { type Answer, names, type Question, readQuestion, type Result } from './asked.ts';
import { describe } from './error-shape.ts';
import { findJob } from './find-job.ts';
import { placeOf, urlOf } from './places.ts';
import type { Listener, Pool } from './pool.ts';
import type { Scratch } from './scratch.ts';
import { filesOf } from './send.ts';
import type { Store } from './store/store.ts';

export type Bench = {
  store: Store;
  scratch: Scratch;
  /** Gives jobs their folders, on the worker's own disk. */
  folders: Pick<Cache, 'begin' | 'checkpoints' | 'discard'>;
  pool: Pool;
  tools: Record<string, string>;
  /** Once it is aborted, what ends a job is no answer. */
  stopped: AbortSignal;
};

/** A worker that would compute something else than what is asked must not compute. */
const otherCode = (what: string): UserError =>
  new UserError(`this worker would compute something else than what is asked: ${what}`, {
    exitCode: exitCodes.environment,
  });

/**
 * Answers the question `id`; nothing is done where it is gone or answered. `attempts`: how often the job may take its process with it.
 * @throws UserError (exit 4) and system errors, where this machine or the store is not fit for it; anything once it is stopped. What else a job throws
 * is an answer.
 */
export async function answer(id: string, bench: Bench, listener?: Listener, attempts = 2): Promise<void> {
  const { store } = bench;
  const text = await store.read(names.question(id));
  if (text === undefined || (await store.read(names.answer(id))) !== undefined) return;
  const said = await answerTo(text, bench, listener, attempts);
  await store.write(names.answer(id), JSON.stringify(said));
}

async function answerTo(
  text: string,
  bench: Bench,
  listener: Listener | undefined,
  attempts: number,
): Promise<Answer> {
  try {
    const question = readQuestion(text);
    if (await hasResult(question.key, bench.store)) return { kept: true };
    return await compute(question, await jobFor(question, bench.tools), bench, listener, attempts);
  } catch (error) {
    // A full disk, a store that is gone: no answer but this machine's fault.
    const own = error instanceof UserError && error.exitCode === exitCodes.environment;
    if (own || bench.stopped.aborted || isSystemError(error)) throw error;
    return { error: describe(error) };
  }
}

const hasResult = async (key: string, store: Store): Promise<boolean> =>
  (await store.read(names.result(key))) !== undefined;

/** The job that is asked for. @throws UserError (exit 4) where this machine's code, packages, Node or tools would make it another one. */
async function jobFor(
  { module, parts, key, input }: Question,
  tools: Bench['tools'],
): Promise<Job<unknown, unknown>> {
  const url = urlOf(module);
  const job = url === undefined ? undefined : await findJob(url, parts.name).catch(() => undefined);
  if (!job) throw otherCode(`there is no job "${parts.name}" in ${module} here`);
  const other = [...differences(jobParts(job, tools), parts), ...otherModules(input)];
  if (other.length > 0) throw otherCode(other.join('; '));
  if (jobKey(job, input, tools) !== key)
    throw new Error(`${parts.name}: the question does not fit its key ${key}`);
  return job;
}

/** What differs between two machines, in words. */
function differences(here: JobParts, there: JobParts): string[] {
  const told = Object.entries({ node: [here.node, there.node] as const });
  for (const kind of ['tools', 'packages'] as const)
    for (const name of new Set([...Object.keys(here[kind]), ...Object.keys(there[kind])]))
      told.push([name, [here[kind][name] ?? 'none', there[kind][name] ?? 'none']]);
  const words = told
    .filter(([, [a, b]]) => a !== b)
    .map(([name, [a, b]]) => `${name} is ${a} here, ${b} there`);
  return here.code === there.code ? words : [`the code of "${here.name}" differs`, ...words];
}

/** Modules named in the input (a detector's), whose code is another one here. */
function otherModules(input: unknown): string[] {
  return filesOf(input).flatMap(({ path, sha256 }) => {
    const url = urlOf(path);
    return url !== undefined && codeHash(url) !== sha256 ? [`${path} differs`] : [];
  });
}

async function compute(
  { key, input, beside }: Question,
  job: Job<unknown, unknown>,
  { store, scratch, folders, pool }: Bench,
  listener: Listener | undefined,
  attempts: number,
): Promise<Answer> {
  const brought = new Map<string, string>();
  const folder = await folders.begin(job.name, key);
  try {
    for (const file of filesOf(input)) {
      // Named twice, brought once: it is released once.
      if (brought.has(file.path)) continue;
      brought.set(file.path, urlOf(file.path) ?? (await scratch.bring(file, beside[file.path] ?? [])));
    }
    const here = movePaths(input, (path) => brought.get(path)!);
    const more = { checkpoints: folders.checkpoints(job.name, key), ...(listener ? { listener } : {}) };
    const { output, seconds } = await withAttempts(attempts, () => pool.run(job, here, folder, more));
    const result: Result = { ...(await describeFiles(output, folder, brought)), seconds };
    for (const { path, sha256 } of result.files) await store.putFile(join(folder, path), sha256);
    await folders.discard(more.checkpoints);
    if (!(job.isFinal?.(output) ?? true)) return { passing: result };
    await store.create(names.result(key), JSON.stringify(result));
    return { kept: true };
  } finally {
    await folders.discard(folder);
    await scratch.release([...brought.values()]);
  }
}

/** A job that takes its process with it (no memory, a fault in a library) may do better the next time; more often it would be a loop. */
async function withAttempts<T>(attempts: number, run: () => Promise<T>): Promise<T> {
  for (let left = attempts - 1; ; left--) {
    try {
      return await run();
    } catch (error) {
      const crashed = error instanceof ItemError && error.code === 'E_WORKER_CRASH';
      if (!crashed || left <= 0) throw error;
    }
  }
}

/** The output as other machines can read it, and all files in the folder, named in it or not. */
async function describeFiles(
  output: unknown,
  folder: string,
  brought: Map<string, string>,
): Promise<Omit<Result, 'seconds'>> {
  const askers = new Map([...brought].map(([there, here]) => [here, there]));
  const moved = movePaths(output, (path) => {
    const inside = relative(folder, path);
    if (!inside.startsWith('..') && !isAbsolute(inside)) return inside;
    const there = askers.get(path) ?? placeOf(path);
    if (there === undefined)
      throw new Error(`the job names ${path}, which is neither its own nor was it given`);
    return there;
  });
  const known = new Map(filesOf(output).map(({ path, sha256 }) => [path, sha256]));
  const files: FileRef[] = [];
  for (const path of await readdir(folder, { recursive: true })) {
    const full = join(folder, path);
    if ((await lstat(full)).isFile())
      files.push({ path, sha256: known.get(full) ?? (await sha256OfFile(full)) });
  }
  return { output: moved, files };
}

/**
 * An engine that leaves its jobs in a store, for other machines to answer: what the coordinator of a run does, whoever
 * hands out the work. An answer counts once it lies in the store, and what lies there is never asked for again.
 */
import { mkdir, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { movePaths } from '../pipeline/cache.ts';
import { jobParts } from '../pipeline/key.ts';
import type { Job } from '../types.ts';
import { type Answer, names, type Question, readAnswer, readResult, type Result } from './asked.ts';
import { type ErrorShape, revive } from './error-shape.ts';
import { placeOf, urlOf } from './places.ts';
import type { Engine, Finished, Listener } from './pool.ts';
import { createSender } from './send.ts';
import type { Store } from './store/store.ts';

/** Hands out the work. */
export type Handout = {
  /**
   * Resolves when the question `id` has its answer in the store. @throws ItemError E_WORKER_CRASH where nobody could give one, UserError
   * (exit 4) where the work can no longer be handed out.
   */
  submit(id: string, job: Job<never, unknown>, listener?: Listener): Promise<void>;
  /** Nobody waits for what was not begun. */
  close(): Promise<void>;
};

/** `run`: the run's id, in which no other coordinator works at the same time. */
export function askThrough(
  handout: Handout,
  { store, run, tools }: { store: Store; run: string; tools: Record<string, string> },
): Engine {
  const send = createSender(store);
  let closed: Promise<void> | undefined;

  const ask = async <I, O>(job: Job<I, O>, input: I, key: string, id: string): Promise<void> => {
    const module = placeOf(job.module);
    if (module === undefined) throw new Error(`${job.module} is no module of this repository`);
    const question: Question = { key, module, parts: jobParts(job, tools), ...(await send(input)) };
    // What an earlier start was told may have been a failure that passes.
    await store.remove(names.answer(id));
    await store.write(names.question(id), JSON.stringify(question));
  };

  /** Another coordinator of the same run may have read the answer, and removed it; what was kept is there then. */
  const answerTo = async (id: string, key: string): Promise<Answer | undefined> => {
    const said = await store.read(names.answer(id));
    if (said !== undefined) return readAnswer(said);
    return (await store.read(names.result(key))) === undefined ? undefined : { kept: true };
  };
  const forget = async (id: string): Promise<void> => {
    await store.remove(names.question(id));
    await store.remove(names.answer(id));
  };

  return {
    async run<I, O>(
      job: Job<I, O>,
      input: I,
      folder: string,
      { key, listener }: { key: string; listener?: Listener },
    ): Promise<Finished<O>> {
      const id = `${run}-${key}`;
      for (let cached = true; ; cached = false) {
        const kept = await keptResult<O>(key, store, folder);
        if (kept && !cached) return kept;
        if (kept) {
          // Asked by an earlier start that was interrupted before the answer came.
          await forget(id);
          return { ...kept, cached: true };
        }
        await ask(job, input, key, id);
        await handout.submit(id, job as Job<never, unknown>, listener);
        const answer = await soon(() => answerTo(id, key));
        await forget(id);
        if (answer && 'error' in answer) throw revive(answer.error as ErrorShape);
        if (answer && 'kept' in answer) await soon(() => store.read(names.result(key)));
        const passing =
          answer && 'passing' in answer && (await bringResult<O>(answer.passing, store, folder));
        if (passing) return passing;
        // What is kept is looked for from the start; what is gone or damaged is asked for again.
      }
    },
    close: () => (closed ??= handout.close()),
  };
}

/**
 * A folder that many machines mount shows what another has written a while later to whoever has just looked (NFS: up to a minute).
 * Undefined where it never comes.
 */
async function soon<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let pauseMs = 50; pauseMs < 60_000; pauseMs *= 2) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(pauseMs);
  }
  return undefined;
}

/** What the store keeps under the key; undefined where that is nothing whole. */
async function keptResult<O>(key: string, store: Store, folder: string): Promise<Finished<O> | undefined> {
  const text = await store.read(names.result(key));
  if (text === undefined) return undefined;
  const brought = await bringResult<O>(readResult(text), store, folder);
  if (!brought) await store.remove(names.result(key));
  return brought;
}

async function bringResult<O>(
  { output, seconds, files }: Result,
  store: Store,
  folder: string,
): Promise<Finished<O> | undefined> {
  for (const { path, sha256 } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    if (await store.getFile(sha256, join(folder, path))) continue;
    await rm(folder, { recursive: true });
    await mkdir(folder);
    return undefined;
  }
  const here = movePaths(output, (path) => urlOf(path) ?? (isAbsolute(path) ? path : join(folder, path)));
  return { output: here as O, seconds };
}

import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../../src/files.ts';
import { createRng } from '../../src/random.ts';
import type { Context } from '../../src/types.ts';

/** A context that runs every job here and now, each in a folder of its own under `folder`; nothing is cached. */
export function directContext(folder: string, seed = 1): Context {
  return {
    seed,
    rng: (...scope) => createRng(seed, ...scope),
    async run(job, input) {
      const own = await mkdtemp(join(folder, `${job.name}-`));
      const keep = async (name: string) => ({
        path: join(own, name),
        sha256: await sha256OfFile(join(own, name)),
      });
      return job.run(input, {
        folder: own,
        checkpoints: join(own, 'checkpoints'),
        keep,
        progress: () => {},
        note: () => {},
      });
    },
  };
}

/** The same, but what was asked before is not done again, as in a run. */
export function rememberingContext(folder: string, seed = 1): Context {
  const context = directContext(folder, seed);
  const done = new Map<string, Promise<unknown>>();
  return {
    ...context,
    run(job, input) {
      const key = JSON.stringify([job.module, job.name, input]);
      const known = done.get(key) ?? context.run(job, input);
      done.set(key, known);
      return known as ReturnType<typeof job.run>;
    },
  };
}

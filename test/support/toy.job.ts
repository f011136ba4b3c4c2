/** Small jobs for the tests of cache and pool. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend } from '../../src/compute/backends.ts';
import { ItemError, UserError } from '../../src/errors.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { FileRef } from '../../src/types.ts';

export const double = defineJob({
  name: 'toy-double',
  module: import.meta.url,
  threads: 1,
  async run(
    { value }: { value: number; from?: FileRef },
    work,
  ): Promise<{ result: number; file: FileRef; pid: number }> {
    work.progress(0.5);
    await writeFile(join(work.folder, 'result.txt'), String(value * 2));
    await writeFile(join(work.folder, 'beside.txt'), 'not named in the output');
    return { result: value * 2, file: await work.keep('result.txt'), pid: process.pid };
  },
});

export const misbehave = defineJob({
  name: 'toy-misbehave',
  module: import.meta.url,
  threads: 1,
  async run({ how }: { how: 'item' | 'user' | 'bug' | 'die' | 'hang' }): Promise<null> {
    switch (how) {
      case 'item':
        throw new ItemError('E_MEDIA_UNREADABLE', 'a.mp4: damaged');
      case 'user':
        throw new UserError('no such folder');
      case 'bug':
        throw new TypeError('undefined is not a function');
      case 'die':
        process.kill(process.pid, 'SIGKILL');
        return null;
      case 'hang':
        await new Promise((resolve) => setTimeout(resolve, 60_000));
        return null;
    }
  },
});

/** Takes a while; tells when it ran, so that a test sees what ran side by side. */
const busy = (threads: 1 | 2, name: string) =>
  defineJob({
    name,
    module: import.meta.url,
    threads,
    async run(_input: { index: number }): Promise<{ start: number; end: number }> {
      const start = performance.timeOrigin + performance.now();
      await new Promise((resolve) => setTimeout(resolve, 600));
      return { start, end: performance.timeOrigin + performance.now() };
    },
  });
export const oneThread = busy(1, 'toy-one-thread');
export const twoThreads = busy(2, 'toy-two-threads');

/** Chooses the backend in the worker, as trainings do. */
export const toyDevice = defineJob({
  name: 'toy-device',
  module: import.meta.url,
  threads: 1,
  async run(_input: Record<string, never>): Promise<Backend> {
    const { chooseBackend } = await import('../../src/compute/backends.ts');
    return chooseBackend();
  },
});

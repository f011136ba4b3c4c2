/** Small jobs for the tests of engines that compute on many machines. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ItemError } from '../../src/errors.ts';
import { maskPath } from '../../src/media/mask.ts';
import { provenancePath } from '../../src/media/provenance.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { FileRef } from '../../src/types.ts';

/** Adds up what earlier ones wrote into their files. */
export const sum = defineJob({
  name: 'toy-sum',
  module: import.meta.url,
  threads: 1,
  async run(
    { value, ms, from = [] }: { value: number; ms: number; from?: FileRef[] },
    work,
  ): Promise<{ total: number; file: FileRef }> {
    await wait(ms);
    let total = value;
    for (const { path } of from) total += Number(await readFile(path, 'utf8'));
    await writeFile(join(work.folder, 'total.txt'), String(total));
    return { total, file: await work.keep('total.txt') };
  },
});

/** Takes its process with it, or the whole worker; `once`: only until that file is there. */
export const poison = defineJob({
  name: 'toy-poison',
  module: import.meta.url,
  threads: 1,
  async run({ kills, once }: { kills: 'child' | 'worker'; once?: string }): Promise<{ survived: true }> {
    if (once !== undefined && (await readFile(once).catch(() => undefined))) return { survived: true };
    if (once !== undefined) await writeFile(once, '');
    if (kills === 'worker') process.kill(process.ppid, 'SIGKILL');
    process.kill(process.pid, 'SIGKILL');
    await wait(60_000);
    return { survived: true };
  },
});

/** Keeps a processor busy, without a pause in which anything else could happen. */
export const spin = defineJob({
  name: 'toy-spin',
  module: import.meta.url,
  threads: 1,
  async run({ ms }: { ms: number; index: number }): Promise<null> {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return null;
  },
});

/** A file with what belongs beside it, and one beside that nobody names. */
export const film = defineJob({
  name: 'toy-film',
  module: import.meta.url,
  threads: 1,
  async run({ text }: { text: string }, work): Promise<{ media: FileRef }> {
    const path = join(work.folder, 'clip.mp4');
    await writeFile(path, text);
    await writeFile(provenancePath(path), `provenance of ${text}`);
    await writeFile(maskPath(path), `mask of ${text}`);
    return { media: await work.keep('clip.mp4') };
  },
});

/** What it finds beside the file it is given, and the file given on. */
export const look = defineJob({
  name: 'toy-look',
  module: import.meta.url,
  threads: 1,
  async run({ media }: { media: FileRef; label?: string }): Promise<{ beside: string; media: FileRef }> {
    return { beside: await readFile(provenancePath(media.path), 'utf8'), media };
  },
});

/** Fails, or gives what nobody should keep, as often as the file at `counter` is short. */
export const moody = defineJob({
  name: 'toy-moody',
  module: import.meta.url,
  threads: 1,
  isFinal: ({ mood }: { mood: string }) => mood === 'good',
  async run({ counter, fail }: { counter: string; fail: boolean }): Promise<{ mood: string }> {
    const times = (await readFile(counter, 'utf8').catch(() => '')).length;
    await writeFile(counter, 'x'.repeat(times + 1));
    if (times > 0) return { mood: 'good' };
    if (fail) throw new ItemError('E_MEDIA_UNREADABLE', 'a.mp4: damaged');
    return { mood: 'bad' };
  },
});

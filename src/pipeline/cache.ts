/**
 * `results/cache`: finished jobs under the hash of what they depend on (`key.ts`). An entry is a folder with the job's
 * files and `entry.json`, and appears in one step by a rename. What does not match its recorded hash is never used: it is
 * moved to `corrupt/` and computed again.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { atomicWrite, sha256OfFile } from '../files.ts';
import type { FileRef } from '../types.ts';

export type CacheEntry<Output> = { output: Output; seconds: number };
type StoredEntry = { output: unknown; seconds: number; files: FileRef[] };

export type Cache = {
  /** The verified entry, or undefined. */
  find<Output>(jobName: string, key: string): Promise<CacheEntry<Output> | undefined>;
  /** An empty folder to work in; give it to `commit` or `discard`. */
  begin(jobName: string, key: string): Promise<string>;
  /**
   * Where what an interrupted job goes on from survives until the job succeeds; give it to `discard` then. What lies under the key of
   * a job that is never asked for again (its code or input has changed) stays: another process may be at work on it. While no
   * experiment runs, `checkpoints/` may be deleted.
   */
  checkpoints(jobName: string, key: string): string;
  /** Makes the folder and its output an entry; returns the output with its files at their final place. */
  commit<Output>(
    jobName: string,
    key: string,
    folder: string,
    output: Output,
    seconds: number,
  ): Promise<Output>;
  discard(folder: string): Promise<void>;
};

/** Opens the cache under `root` (created when needed). `warn` hears of damaged entries. */
export function openCache(root: string, warn: (message: string) => void): Cache {
  const place = (jobName: string, key: string): string => join(root, jobName, key.slice(0, 2), key);
  return {
    async find<Output>(jobName: string, key: string) {
      const folder = place(jobName, key);
      const text = await readFile(join(folder, 'entry.json'), 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      const entry = await verified(folder, text);
      if (entry)
        return {
          output: movePaths(entry.output, (path) => resolve(folder, path)) as Output,
          seconds: entry.seconds,
        };
      const corner = join(root, 'corrupt', `${key}-${process.pid}`);
      await mkdir(dirname(corner), { recursive: true });
      await rename(folder, corner);
      warn(
        `cache: ${relative('.', folder)} does not match its recorded hashes; moved to ${relative('.', corner)} and computed again`,
      );
      return undefined;
    },
    async begin(jobName, key) {
      const folder = join(root, 'tmp', `${jobName}-${key}-${process.pid}`);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      return folder;
    },
    checkpoints: (jobName, key) => join(root, 'checkpoints', `${jobName}-${key}`),
    async commit<Output>(jobName: string, key: string, folder: string, output: Output, seconds: number) {
      const files: FileRef[] = [];
      const stored = movePaths(output, (path, sha256) => {
        const inside = relative(folder, path);
        if (inside.startsWith(`..${sep}`) || resolve(inside) === inside) return path;
        files.push({ path: inside, sha256 });
        return inside;
      });
      await atomicWrite(
        join(folder, 'entry.json'),
        JSON.stringify({ output: stored, seconds, files } satisfies StoredEntry),
      );
      const final = place(jobName, key);
      await mkdir(dirname(final), { recursive: true });
      // Another process may have been quicker with the same job; then its entry stands and ours is dropped.
      await rename(folder, final).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
        await rm(folder, { recursive: true, force: true });
      });
      return movePaths(stored, (path) => resolve(final, path)) as Output;
    },
    discard: (folder) => rm(folder, { recursive: true, force: true }),
  };
}

async function verified(folder: string, text: string): Promise<StoredEntry | undefined> {
  try {
    const entry = JSON.parse(text) as StoredEntry;
    for (const file of entry.files) {
      if ((await sha256OfFile(join(folder, file.path))) !== file.sha256) return undefined;
    }
    return entry;
  } catch {
    return undefined;
  }
}

/** A copy of `value` in which every `{path, sha256}` has its path replaced. */
export function movePaths(value: unknown, move: (path: string, sha256: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => movePaths(entry, move));
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  const record = value as Record<string, unknown>;
  const moved = Object.fromEntries(
    Object.entries(record).map(([key, entry]) => [key, movePaths(entry, move)]),
  );
  if (typeof record['path'] === 'string' && typeof record['sha256'] === 'string')
    moved['path'] = move(record['path'], record['sha256']);
  return moved;
}

/**
 * `results/cache`: finished jobs under the hash of what they depend on (`key.ts`). An entry is a folder with the job's
 * files and a file `entry`, and appears in one step by a rename. `entry` begins with the hash of the rest, which holds the key, the output, and the hash of every other file. What does not
 * match is never used: it is moved to `corrupt/` and computed again.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { atPath } from '../errors.ts';
import { failPoint } from '../fail-point.ts';
import { sha256OfFile, sweep, syncFolder } from '../files.ts';
import { ownTag } from '../process-tag.ts';
import type { FileRef } from '../types.ts';

export type CacheEntry<Output> = { output: Output; seconds: number };
type StoredEntry = { key: string; output: unknown; seconds: number; files: FileRef[] };

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
  /**
   * Makes the folder and its output an entry; returns the output with its files at their final place. Where another process was quicker with the same job,
   * its entry stands and is returned.
   */
  commit<Output>(
    jobName: string,
    key: string,
    folder: string,
    output: Output,
    seconds: number,
  ): Promise<Output>;
  discard(folder: string): Promise<void>;
  /** Removes what processes that are gone have left half done. */
  sweep(): Promise<void>;
};

/** Opens the cache under `root` (created when needed). `warn` hears of damaged entries. */
export function openCache(root: string, warn: (message: string) => void): Cache {
  const place = (jobName: string, key: string): string => join(root, jobName, key.slice(0, 2), key);
  const find = async <Output>(jobName: string, key: string): Promise<CacheEntry<Output> | undefined> => {
    const folder = place(jobName, key);
    if (!existsSync(folder)) return undefined;
    const entry = await verified(folder, key);
    if (entry)
      return {
        output: movePaths(entry.output, (path) => resolve(folder, path)) as Output,
        seconds: entry.seconds,
      };
    await mkdir(join(root, 'corrupt'), { recursive: true });
    const corner = await mkdtemp(join(root, 'corrupt', `${key}-`));
    await rename(folder, corner).catch(unlessMissing); // another process may have been quicker
    warn(
      `cache: ${relative('.', folder)} does not match its recorded hashes; moved to ${relative('.', corner)} and computed again`,
    );
    return undefined;
  };
  return {
    find,
    async begin(jobName, key) {
      const folder = join(root, 'tmp', `${jobName}-${key}-${ownTag()}`);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      failPoint('cache-begun');
      return folder;
    },
    checkpoints: (jobName, key) => join(root, 'checkpoints', `${jobName}-${key}`),
    async commit<Output>(jobName: string, key: string, folder: string, output: Output, seconds: number) {
      const named: FileRef[] = [];
      const stored = movePaths(output, (path, sha256) => {
        const inside = relative(folder, path);
        if (inside.startsWith(`..${sep}`) || resolve(inside) === inside) return path;
        named.push({ path: inside, sha256 });
        return inside;
      });
      const files = await syncFiles(folder, named);
      await writeEntry(join(folder, 'entry'), { key, output: stored, seconds, files });
      await syncFolder(folder);
      failPoint('cache-entry-synced');
      const final = place(jobName, key);
      await mkdir(dirname(final), { recursive: true });
      // Another process may have been quicker with the same job; then its entry stands and ours is dropped, unless that is damaged and was moved away.
      const isThere = await rename(folder, final).then(() => false, unlessTaken);
      const there = isThere ? await find<Output>(jobName, key) : undefined;
      if (there) await rm(folder, { recursive: true, force: true });
      else if (isThere) await rename(folder, final);
      failPoint('cache-renamed');
      await syncFolder(dirname(final));
      failPoint('cache-committed');
      return there ? there.output : (movePaths(stored, (path) => resolve(final, path)) as Output);
    },
    discard: (folder) => rm(folder, { recursive: true, force: true }),
    async sweep() {
      await sweep(join(root, 'tmp'));
      const jobs = await readdir(join(root, 'checkpoints')).catch(unlessMissing);
      for (const job of jobs ?? []) await sweep(join(root, 'checkpoints', job));
    },
  };
}

/** Has every file below the folder on the disk, and returns all with their hashes: those that the output names as it says, others as they are. */
async function syncFiles(folder: string, named: FileRef[]): Promise<FileRef[]> {
  const known = new Map(named.map(({ path, sha256 }) => [path, sha256]));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await syncFolder(path);
    if (!entry.isFile()) continue;
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    const inside = relative(folder, path);
    known.set(inside, known.get(inside) ?? (await sha256OfFile(path)));
  }
  return [...known].map(([path, sha256]) => ({ path, sha256 }));
}

async function writeEntry(path: string, entry: StoredEntry): Promise<void> {
  const body = JSON.stringify(entry);
  const file = await open(path, 'wx');
  try {
    await file.writeFile(`${sha256(body)}\n${body}`).catch(atPath(path));
    failPoint('cache-entry-written');
    await file.sync().catch(atPath(path));
  } finally {
    await file.close();
  }
}

async function verified(folder: string, key: string): Promise<StoredEntry | undefined> {
  const path = join(folder, 'entry');
  const bytes = (await readFile(path).catch(unlessMissing).catch(atPath(path))) ?? Buffer.alloc(0);
  const bodyStart = bytes.indexOf('\n') + 1;
  const body = bytes.subarray(bodyStart);
  if (bytes.toString('latin1', 0, Math.max(0, bodyStart - 1)) !== sha256(body)) return undefined;
  const entry = JSON.parse(body.toString()) as StoredEntry;
  if (entry.key !== key) return undefined;
  for (const file of entry.files) {
    const found = await sha256OfFile(join(folder, file.path)).catch(unlessMissing);
    if (found !== file.sha256) return undefined;
  }
  return entry;
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** For `catch`: true, where a folder lies there that a rename does not replace. */
function unlessTaken(error: NodeJS.ErrnoException): true {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  return true;
}

/** For `catch`: nothing, where there is no such file, or the disk cannot read it any more. */
function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENOTDIR', 'EIO'].includes(error.code ?? '')) throw error;
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

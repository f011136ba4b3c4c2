/** Files that are either whole or not there, and what they contain. */
import { createHash } from 'node:crypto';
import { constants, createReadStream, existsSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { atPath } from './errors.ts';
import { failPoint } from './fail-point.ts';
import { isLeftBehind, ownTag } from './process-tag.ts';

/** SHA-256 of a file's content, 64 hex digits; read in pieces, so any size will do. Throws as `fs` does when it cannot be read. */
export async function sha256OfFile(path: string | Buffer): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

let writes = 0;

/**
 * Replaces `path` in one step: after a crash, or on a full disk, the old content stands or the new, never a part.
 * The size is checked and the folder synced too, because a write that reports success may still have been cut short.
 * @throws what `fs` throws (ENOSPC, EACCES, …) with the `path`; the temporary file is removed then.
 */
export async function atomicWrite(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const temporary = join(dirname(path), `.${basename(path)}.${ownTag()}-${writes++}.tmp`);
  try {
    await writeSynced(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    atPath(path)(error);
  }
  failPoint('write-renamed');
  await syncFolder(dirname(path));
  failPoint('write-done');
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    failPoint('write-begun');
    await file.writeFile(bytes);
    failPoint('write-written');
    await file.sync();
    const { size } = await file.stat();
    if (size !== bytes.length)
      throw new Error(`${path}: only ${size} of ${bytes.length} bytes could be written`);
    failPoint('write-synced');
  } finally {
    await file.close();
  }
}

const trialPrefix = '.writable.';

/**
 * Makes the folder where needed and tries it; a file that somebody left who was killed while trying goes. Throws what `fs` throws when nothing can be written
 * there. Folder by folder: where one cannot be made though the one above is there, as in /proc, `mkdir` of all at once tries for ever.
 */
export async function requireWritable(folder: string): Promise<void> {
  await makeFolder(folder);
  const trial = join(folder, `${trialPrefix}${ownTag()}-${writes++}.tmp`);
  await (await open(trial, 'wx')).close();
  failPoint('writable-tried');
  await unlink(trial);
  await sweep(folder, trialPrefix);
}

async function makeFolder(folder: string): Promise<void> {
  const above = dirname(folder);
  if (above !== folder && !existsSync(folder)) await makeFolder(above);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST' && error.code !== 'EISDIR') throw error;
  });
}

/**
 * Removes what processes that are gone have left in a folder under their tag, with names that begin so, and returns the names; a folder that is not there
 * holds none.
 */
export async function sweep(folder: string, prefix = ''): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const stray = names.filter((name) => name.startsWith(prefix) && isLeftBehind(name));
  for (const name of stray) await rm(join(folder, name), { recursive: true, force: true });
  return stray;
}

/**
 * Gives a file another name, or a copy where that is not possible. On one disk both names are the same file, which takes no room; nobody changes files once they are
 * written. Throws as `fs` does, EEXIST where something is at `to`.
 */
export async function linkOrCopy(from: string | Buffer, to: string): Promise<void> {
  await link(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EACCES'].includes(error.code ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  });
}

/**
 * Replaces a folder by what `fill` writes into an empty one beside it: until that is whole the old one stands. What a killed process left is removed the next time.
 * Throws what `fill` throws; the old folder is as it was then.
 */
export async function replaceFolder(folder: string, fill: (fresh: string) => Promise<void>): Promise<void> {
  const above = dirname(folder);
  await mkdir(above, { recursive: true });
  await sweep(above);
  const beside = (what: string): string =>
    join(above, `.${basename(folder)}.${ownTag()}-${writes++}.${what}`);
  const [fresh, old] = [beside('new'), beside('old')];
  await mkdir(fresh);
  try {
    await fill(fresh);
    await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/** Makes renames inside `folder` last. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

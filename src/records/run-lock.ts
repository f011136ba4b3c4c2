/**
 * One writer for a run folder. The lock is a folder `lock` in it that holds one file, named by its owner's tag. It is taken by a rename, which no two processes
 * win; that of a dead owner is freed by removing the file of that very name, which no two processes do either.
 */
import { mkdir, readdir, readFile, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { atPath, UserError } from '../errors.ts';
import { failPoint } from '../fail-point.ts';
import { isLeftBehind, ownTag } from '../process-tag.ts';

/** `since`: ISO 8601. */
const ownerShape = z.object({ pid: z.int(), host: z.string(), since: z.string() });
export type Owner = z.infer<typeof ownerShape>;
type Lock = { release(): Promise<void> };

const lockOf = (folder: string): string => join(folder, 'lock');

/** Takes the lock of a folder that is there. @throws UserError (exit 2) naming its owner when another process holds it, or may: where a damaged lock does not say who. */
export async function takeLock(folder: string): Promise<Lock> {
  const path = lockOf(folder);
  const made = join(folder, `.lock.${ownTag()}.tmp`);
  await rm(made, { recursive: true, force: true });
  await mkdir(made);
  try {
    const owner: Owner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    await writeFile(join(made, ownTag()), JSON.stringify(owner)).catch(atPath(path));
    failPoint('lock-made');
    // A folder takes the place of an empty one, and of no other.
    while (!(await rename(made, path).then(() => true, unless('ENOTEMPTY', 'EEXIST')))) {
      const [tag] = (await readdir(path).catch(unless('ENOENT'))) ?? [];
      if (tag === undefined) continue;
      if (!isLeftBehind(tag)) throw await lockedBy(path, tag);
      await unlink(join(path, tag)).catch(unless('ENOENT'));
    }
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
  failPoint('lock-taken');
  return {
    async release() {
      await unlink(join(path, ownTag())).catch(unless('ENOENT'));
      await rmdir(path).catch(unless('ENOENT', 'ENOTEMPTY', 'EEXIST'));
    },
  };
}

/** Who holds the lock of a folder now; undefined when nobody does, or its owner is dead. @throws UserError where a damaged lock does not say who. */
export async function lockOwner(folder: string): Promise<Owner | undefined> {
  const [tag] = (await readdir(lockOf(folder)).catch(unless('ENOENT'))) ?? [];
  return tag === undefined || isLeftBehind(tag) ? undefined : readOwner(lockOf(folder), tag);
}

async function lockedBy(path: string, tag: string): Promise<UserError> {
  const owner = await readOwner(path, tag);
  if (!owner)
    return new UserError(`${path}: another process has just let go of it; run the same command again`);
  const { pid, host, since } = owner;
  return new UserError(
    host === hostname()
      ? `${path}: locked by pid ${pid} since ${since}, which is at work in this folder. Wait for it, or end it first`
      : `${path}: locked by pid ${pid} on "${host}" since ${since}, which cannot be seen from here. Where it has ended, delete that folder`,
  );
}

/** Undefined when it has let go. Who cannot be told is never taken for dead. */
async function readOwner(path: string, tag: string): Promise<Owner | undefined> {
  const text = await readFile(join(path, tag), 'utf8').catch(unless('ENOENT'));
  if (text === undefined) return undefined;
  try {
    return ownerShape.parse(JSON.parse(text));
  } catch {
    throw new UserError(
      `${path}: who holds this lock cannot be told, because the file "${tag}" in it is damaged. Where no process is at work here, delete that folder`,
    );
  }
}

/** For `catch`: nothing, on one of these errors. */
const unless =
  (...codes: string[]) =>
  (error: NodeJS.ErrnoException): undefined => {
    if (!codes.includes(error.code ?? '')) throw error;
  };

/**
 * A worker's own disk: files of jobs, brought from the store. A file that lies where the asking machine has it, with the same content (a
 * shared folder, a program installed everywhere), is used there; any other is brought once and kept for the next job while there is room.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { canonicalJson } from '../pipeline/key.ts';
import { exitCodes, UserError } from '../errors.ts';
import { sha256OfFile, sweep } from '../files.ts';
import { isLeftBehind, ownTag } from '../process-tag.ts';
import type { FileRef } from '../types.ts';
import type { Question } from './asked.ts';
import type { Store } from './store/store.ts';

/** What was brought for jobs that have ended may fill so much of the disk. */
const roomBytes = 20e9;

export type Scratch = {
  /** Where the file lies here, with what belongs beside it. It stays until `release`. @throws UserError where the store has it not. */
  bring(file: FileRef, beside: Question['beside'][string]): Promise<string>;
  release(paths: string[]): Promise<void>;
};

/** Scratch space in `root`, which several workers of a machine may share. */
export function openScratch(root: string, store: Store): Scratch {
  const inUse = new Map<string, number>();
  /** Tells the other workers. Without a pause, so that it is there as long as the count in `inUse`. */
  const markOf = (folder: string): string => join(root, 'used', `${basename(folder)}.${ownTag()}`);
  const use = (folder: string): void => {
    inUse.set(folder, (inUse.get(folder) ?? 0) + 1);
    mkdirSync(join(root, 'used'), { recursive: true });
    writeFileSync(markOf(folder), '');
  };
  const leave = (folder: string): void => {
    const left = (inUse.get(folder) ?? 1) - 1;
    if (left > 0) return void inUse.set(folder, left);
    inUse.delete(folder);
    rmSync(markOf(folder), { force: true });
  };
  const underWay = new Map<string, Promise<string>>();
  const inPlace = new Map<string, string>();
  /** At the first look at what lies there, it counts as full. */
  let broughtBytes = roomBytes + 1;

  /** Whether `path` has that content, read once for each state of the file. */
  const liesThere = async ({ path, sha256 }: FileRef): Promise<boolean> => {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) return false;
    const state = `${path} ${found.ino} ${found.size} ${found.mtimeMs}`;
    const known = inPlace.get(state) ?? (await sha256OfFile(path));
    inPlace.set(state, known);
    return known === sha256;
  };

  const fetch = async (file: FileRef, beside: Question['beside'][string], folder: string): Promise<void> => {
    if (await stat(folder).catch(() => undefined)) return;
    const making = `${folder}-${ownTag()}`;
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true });
    const name = basename(file.path);
    for (const { suffix, sha256 } of [{ suffix: '', sha256: file.sha256 }, ...beside])
      if (!(await store.getFile(sha256, join(making, name + suffix))))
        throw new UserError(`store ${store.address}: ${name}${suffix} (${sha256}) is not there`, {
          exitCode: exitCodes.environment,
        });
    const { mode, size } = await stat(join(making, name));
    // What a user brings along may be a program.
    await chmod(join(making, name), mode | 0o100);
    broughtBytes += size;
    // Another worker of this machine may have been quicker.
    await rename(making, folder).catch(() => rm(making, { recursive: true, force: true }));
  };

  return {
    async bring(file, beside) {
      if (await liesThere(file)) return file.path;
      const id = createHash('sha256')
        .update(canonicalJson([basename(file.path), file.sha256, beside]))
        .digest('hex');
      const folder = join(root, 'files', id);
      const path = join(folder, basename(file.path));
      use(folder);
      const brought = underWay.get(id) ?? fetch(file, beside, folder).then(() => path);
      underWay.set(id, brought);
      try {
        await brought;
        await utimes(folder, new Date(), new Date()).catch(() => {});
        return path;
      } catch (error) {
        leave(folder);
        throw error;
      } finally {
        underWay.delete(id);
      }
    },
    async release(paths) {
      for (const path of paths) leave(dirname(path));
      if (broughtBytes > roomBytes) broughtBytes = await makeRoom(root);
    },
  };
}

/** Removes what was used longest ago until a quarter of the room is free again, and what workers that are gone have left; returns how many bytes are left. */
async function makeRoom(scratch: string): Promise<number> {
  const [root, used] = [join(scratch, 'files'), join(scratch, 'used')];
  for (const folder of [root, used]) await sweep(folder);
  const folders: { path: string; bytes: number; usedMs: number }[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    const path = join(root, name);
    const usedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    const files = await readdir(path).catch(() => []);
    const sizes = files.map(async (file) => (await stat(join(path, file)).catch(() => undefined))?.size ?? 0);
    folders.push({ path, usedMs, bytes: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) });
  }
  let bytes = folders.reduce((sum, folder) => sum + folder.bytes, 0);
  if (bytes <= roomBytes) return bytes;
  for (const folder of folders.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= 0.75 * roomBytes) break;
    // Looked up late: another worker may have begun to use it.
    if (await isUsed(used, folder.path)) continue;
    // In one step, so that nobody takes the half of it for the whole.
    const leaving = `${folder.path}-${ownTag()}`;
    const own = await rename(folder.path, leaving).then(
      () => true,
      () => false,
    );
    // Who marks a folder before it looks for it has either left a mark by now, or will find it gone.
    const wanted = own && (await isUsed(used, folder.path));
    if (wanted && (await goesBack(leaving, folder.path))) continue;
    if (own) await rm(leaving, { recursive: true, force: true });
    bytes -= folder.bytes;
  }
  return bytes;
}

async function isUsed(used: string, folder: string): Promise<boolean> {
  const marks = await readdir(used).catch(() => []);
  return marks.some((mark) => mark.startsWith(`${basename(folder)}.`) && !isLeftBehind(mark));
}

/** False where who wants it has brought it anew by now. */
const goesBack = (leaving: string, folder: string): Promise<boolean> =>
  rename(leaving, folder).then(
    () => true,
    () => false,
  );

/**
 * Moves a judged file out of the watched folder, so that at any moment it is in one place: its sidecar first, then one rename. The draft of the sidecar lies in the watcher's own folder
 * until the file has arrived; a watcher that finds one undoes or ends what another began before it was killed.
 */
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { UserError } from '../errors.ts';
import { failPoint } from '../fail-point.ts';
import { atomicWrite, sha256OfFile, sweep, syncFolder } from '../files.ts';
import { ownTag } from '../process-tag.ts';
import type { Judged } from './judge-file.ts';
import type { Action } from './types.ts';

export const folders = {
  allow: 'clean',
  tag: 'tagged',
  quarantine: 'quarantine',
  reject: 'quarantine',
} as const satisfies Record<Action, string>;
const sidecarEnding = '.masque.json';
const longestName = 255;

/** What is known of a file, beside it as `<name>.masque.json`. */
export type Sidecar = {
  /** As it was dropped; `nameBytes` in hex where that is no UTF-8. */
  name: string;
  nameBytes?: string;
  /** Its name now: another where one of that name was there, or it was too long. */
  storedAs: string;
  sha256: string;
  bytes: number;
  /** When it was first seen whole, ISO 8601, UTC. */
  receivedAt: string;
  /** Id of the bundle that judged. */
  bundle: string;
} & Judged;

/** The folders of one inbox. `own` is the watcher's, on the inbox's disk. */
export type Places = { inbox: string; own: string };
const drafts = ({ own }: Places): string => join(own, 'moving');
const under = (folder: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), name]);

/** Makes the folders, and settles what a killed watcher was about to do. @throws UserError where a link or file stands for one of the folders. */
export async function openPlaces(places: Places): Promise<void> {
  const targets = Object.values(folders).map((name) => join(places.inbox, name));
  for (const folder of [...targets, drafts(places)]) {
    await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!(await lstat(folder)).isDirectory())
      throw new UserError(`${folder}: must be a folder of its own, and is a link or file. Remove it`);
    await sweep(folder);
  }
  for (const name of await readdir(drafts(places))) await settle(join(drafts(places), name), places);
}

/**
 * Moves the file `name` of the inbox where its action says. `isSame` is asked at the last moment: where another file has taken its name, it is gone, or the name that it was to have is taken meanwhile, nothing
 * is moved and the answer is undefined. Throws as `fs` does; the file is in the inbox then.
 */
export async function putAway(
  name: Buffer,
  judged: Omit<Sidecar, 'name' | 'storedAs'>,
  places: Places,
  isSame: () => Promise<boolean>,
): Promise<{ folder: string; storedAs: string } | undefined> {
  const folder = folders[judged.action];
  const to = join(places.inbox, folder);
  const called = name.toString();
  const storedAs = await freeName(called, to);
  const sidecar: Sidecar = {
    name: called,
    ...(name.equals(Buffer.from(called)) ? {} : { nameBytes: name.toString('hex') }),
    storedAs,
    ...judged,
  };
  const draft = join(drafts(places), randomUUID());
  await atomicWrite(draft, `${JSON.stringify(sidecar, null, 2)}\n`);
  failPoint('inbox-drafted');
  const stored = join(to, storedAs);
  await linkOrWrite(draft, stored + sidecarEnding);
  await syncFolder(to);
  failPoint('inbox-sidecar');
  // A link and the end of the old name would never write over another, but a kill in between leaves two names, and the file may be taken from both.
  const [same, taken] = await Promise.all([isSame(), isThere(stored)]);
  const moved = same && !taken && (await move(under(places.inbox, name), stored, sidecar.sha256));
  if (!moved) await rm(stored + sidecarEnding, { force: true });
  await unlink(draft);
  failPoint('inbox-done');
  return moved ? { folder, storedAs } : undefined;
}

/** A name under which neither a file nor a sidecar is there, as near to the wanted one as can be. Names of sidecars are kept for sidecars. */
async function freeName(name: string, folder: string): Promise<string> {
  const safe = name.endsWith(sidecarEnding) ? `${name}.file` : name;
  const extension = Buffer.byteLength(extname(safe)) <= 20 ? extname(safe) : '';
  const stem = safe.slice(0, safe.length - extension.length);
  for (let count = 1; ; count++) {
    const ending = count === 1 ? extension : `~${count}${extension}`;
    const candidate = cut(stem, longestName - Buffer.byteLength(ending + sidecarEnding)) + ending;
    const taken = await Promise.all(
      [candidate, candidate + sidecarEnding].map((path) => isThere(join(folder, path))),
    );
    if (!taken.includes(true)) return candidate;
  }
}

/** At most so many bytes of UTF-8, in whole characters. */
const cut = (text: string, bytes: number): string =>
  Buffer.byteLength(text) <= bytes
    ? text
    : Buffer.from(text)
        .subarray(0, bytes)
        .toString()
        .replace(/\ufffd+$/, '');

const unlessThere = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};
const isThere = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(unlessThere)) !== undefined;

/** Never over another. Where the folder lies on another disk, or links are not to be had, a copy. */
async function linkOrWrite(draft: string, path: string): Promise<void> {
  await link(draft, path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw error;
    await copyWhole(draft, path, await sha256OfFile(draft));
  });
}

/** One rename; to another disk a copy that is checked, then one rename there, and only then the original goes. False, with nothing moved, where it is gone, or `to` was taken while it was copied. */
async function move(from: Buffer, to: string, sha256: string): Promise<boolean> {
  try {
    await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      await copyWhole(from, to, sha256);
      failPoint('inbox-copied');
      await unlink(from).catch(unlessThere);
    });
  } catch (error) {
    if (['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
  failPoint('inbox-moved');
  await syncFolder(dirname(to));
  return true;
}

/** Under a short name first, as `to` may have the longest that there is. @throws EEXIST where it is taken. */
async function copyWhole(from: Buffer | string, to: string, sha256: string): Promise<void> {
  const copy = join(dirname(to), `.copy.${ownTag()}.tmp`);
  await rm(copy, { force: true });
  await copyFile(from, copy, constants.COPYFILE_EXCL);
  const file = await open(copy, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  if ((await sha256OfFile(copy)) !== sha256) throw new Error(`${to}: the copy differs from what was judged`);
  if (await isThere(to)) {
    await unlink(copy);
    throw Object.assign(new Error(`${to}: another file has come there`), { code: 'EEXIST' });
  }
  await rename(copy, to);
  await syncFolder(dirname(to));
}

/** What lies at `draft` was begun by a watcher that is gone: where the file has arrived the move is ended, else its sidecar is taken back, and the file, if it is there, will be judged again. */
async function settle(draft: string, { inbox }: Places): Promise<void> {
  const written = await readFile(draft);
  const sidecar = JSON.parse(written.toString()) as Sidecar;
  const to = join(inbox, folders[sidecar.action]);
  const stored = join(to, sidecar.storedAs);
  const from = under(
    inbox,
    sidecar.nameBytes ? Buffer.from(sidecar.nameBytes, 'hex') : Buffer.from(sidecar.name),
  );
  const [arrived, left] = await Promise.all([stored, from].map((path) => lstat(path).catch(unlessThere)));
  // Copied from disk to disk; on one disk it would be another file that has come under the same name.
  if (arrived && left && arrived.dev !== left.dev && (await sha256OfFile(from)) === sidecar.sha256)
    await unlink(from);
  if (!arrived) {
    const beside = await readFile(stored + sidecarEnding).catch(() => undefined);
    if (beside?.equals(written)) await unlink(stored + sidecarEnding);
  }
  await unlink(draft);
}

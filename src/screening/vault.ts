/**
 * Originals by their hash, byte for byte as they came: `vault/ab/<sha256>.<ext>`, for this user's eyes alone, and never written again. What is being received
 * lies in `incoming`, on the same disk, so that it is taken over by a rename.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { chmod, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { failPoint } from '../fail-point.ts';
import { sha256OfFile } from '../files.ts';

export type Vault = {
  incoming: string;
  /** What lies in a file of `incoming`, once it is sure to be on the disk. Throws as `fs` does. */
  weigh(path: string): Promise<Stored>;
  /** Takes over a weighed file. At once, so that the caller can note it before anybody else comes in between. */
  keep(path: string, stored: Stored): void;
  pathOf(file: Name): string;
  /** At once too. Nothing happens where it is not there. */
  remove(file: Name): void;
  /** Removes what was being received when a process died, and every file that `isKept` says no to. Returns how many. */
  sweep(isKept: (name: string, sha256: string) => boolean): Promise<number>;
};

/** `extension`: as its content agrees with, with its dot; '' where nobody could tell. */
export type Stored = { sha256: string; bytes: number; extension: string };

type Name = Pick<Stored, 'sha256' | 'extension'>;

/** Where a file lies below the vault's folder. */
export const vaultName = ({ sha256, extension }: Name): string =>
  join(sha256.slice(0, 2), `${sha256}${extension}`);
type Found = { name: string; sha256: string; bytes: number };
const sha256In = (name: string): string => name.slice(3, 67);

/** The vault in `folder`, made where there is none. */
export async function openVault(folder: string): Promise<Vault> {
  const [root, incoming] = [join(folder, 'vault'), join(folder, 'incoming')];
  for (const each of [root, incoming]) await mkdir(each, { recursive: true, mode: 0o700 });
  const pathOf: Vault['pathOf'] = (file) => join(root, vaultName(file));
  return {
    incoming,
    weigh,
    pathOf,
    keep(path, stored) {
      const to = pathOf(stored);
      const above = dirname(to);
      if (mkdirSync(above, { recursive: true, mode: 0o700 }) !== undefined) syncFolderNow(root);
      renameSync(path, to);
      syncFolderNow(above);
      failPoint('received-stored');
    },
    remove(file) {
      if (!existsSync(pathOf(file))) return;
      rmSync(pathOf(file));
      syncFolderNow(dirname(pathOf(file)));
    },
    async sweep(isKept) {
      const strays = (await readdir(incoming)).map((name) => join(incoming, name));
      for await (const { name, sha256 } of filesOf(root))
        if (!isKept(name, sha256)) strays.push(join(root, name));
      for (const stray of strays) await rm(stray, { recursive: true, force: true });
      return strays.length;
    },
  };
}

async function weigh(path: string): Promise<Stored> {
  await chmod(path, 0o600);
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  const [, extension = ''] = /^(\.[a-z0-9]{1,5})$/.exec(extname(path).toLowerCase()) ?? [];
  const stored = { sha256: await sha256OfFile(path), bytes: (await stat(path)).size, extension };
  failPoint('received-hashed');
  return stored;
}

function syncFolderNow(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** For `catch`: what is not there is undefined; any other error is thrown on. */
export const unlessThere = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};

async function* filesOf(root: string): AsyncGenerator<Found> {
  for (const above of (await readdir(root)).toSorted())
    for (const file of (await readdir(join(root, above))).toSorted()) {
      const name = join(above, file);
      const found = await stat(join(root, name)).catch(unlessThere);
      // Else it was deleted since it was listed.
      if (found) yield { name, sha256: sha256In(name), bytes: found.size };
    }
}

/** The files of a service's vault, for whoever only looks: by their place below its folder, in its order. */
export const vaultFiles = (folder: string): AsyncGenerator<Found> => filesOf(join(folder, 'vault'));

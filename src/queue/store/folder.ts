/** The store as a folder, on a disk of this machine or one that many machines mount (NFS). Nothing is ever seen half written. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exitCodes, UserError } from '../../errors.ts';
import { linkOrCopy, requireWritable, sha256OfFile, syncFolder } from '../../files.ts';
import { spread, type Store } from './store.ts';

/** What is written or copied is moved to its place at once; machines' clocks may differ by minutes. */
const abandonedMs = 24 * 3600 * 1000;

/** Opens the store in `root`. @throws UserError (exit 4) where it cannot be written. */
export async function openFolderStore(root: string, note: (message: string) => void): Promise<Store> {
  await requireWritable(root).catch((cause: Error) => {
    throw new UserError(
      `${root}: no store can be kept there (${cause.message}). Choose another with --store`,
      {
        exitCode: exitCodes.environment,
        cause,
      },
    );
  });
  await mkdir(join(root, 'tmp'), { recursive: true });
  await sweep(join(root, 'tmp'));
  const place = async (name: string): Promise<string> => {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    return path;
  };
  /** Machines may share process numbers, so that a name is drawn. */
  const temporary = (): string => join(root, 'tmp', randomUUID());
  /** `settle` moves the whole, synced file to its place. */
  const publish = async (
    text: string,
    path: string,
    settle: (from: string, to: string) => Promise<void>,
  ): Promise<void> => {
    const whole = temporary();
    try {
      await writeSynced(whole, text);
      await settle(whole, path);
      await syncFolder(dirname(path));
    } finally {
      await rm(whole, { force: true });
    }
  };

  return {
    address: root,
    read: (name) => readFile(join(root, name), 'utf8').catch(unlessMissing),
    write: async (name, text) => publish(text, await place(name), rename),
    async create(name, text) {
      // A link is made in one step, on NFS too, and never replaces anything.
      const made = publish(text, await place(name), link);
      return made.then(() => true, unlessThere);
    },
    remove: (name) => rm(join(root, name), { force: true }),
    async putFile(path, sha256) {
      const final = await place(spread('files', sha256));
      const copy = temporary();
      try {
        await linkOrCopy(path, copy);
        await syncFile(copy);
        await link(copy, final).catch(unlessThere);
        await syncFolder(dirname(final));
      } finally {
        await rm(copy, { force: true });
      }
    },
    async getFile(sha256, path) {
      const kept = join(root, spread('files', sha256));
      const found = await linkOrCopy(kept, path).then(() => true, unlessMissing);
      if (!found) return false;
      if ((await sha256OfFile(path)) === sha256) return true;
      await rm(path);
      await rename(kept, await place(`corrupt/${sha256}-${randomUUID()}`)).catch(unlessMissing);
      note(`store: a file in ${root} was not what its hash says; it is put aside in corrupt/`);
      return false;
    },
  };
}

/** Removes what was begun so long ago that nobody is at it any more; whose it is, on which machine, nobody knows. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // When it was written, or linked here: a link has the content's own modification time.
    const { ctimeMs } = (await stat(path).catch(unlessMissing)) ?? { ctimeMs: Infinity };
    if (Date.now() - ctimeMs > abandonedMs) await rm(path, { force: true });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
    const [{ size }, length] = [await file.stat(), Buffer.byteLength(text)];
    if (size !== length) throw new Error(`${path}: only ${size} of ${length} bytes could be written`);
  } finally {
    await file.close();
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function unlessThere(error: NodeJS.ErrnoException): false {
  if (error.code !== 'EEXIST') throw error;
  return false;
}

/** Files that are either whole or not there, and what they contain. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** SHA-256 of a file's content, 64 hex digits; read in pieces, so any size will do. Throws as `fs` does when it cannot be read. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

let writes = 0;

/**
 * Replaces `path` in one step: after a crash, or on a full disk, the old content stands or the new, never a part.
 * The size is checked and the folder synced too, because a write that reports success may still have been cut short.
 * @throws what `fs` throws (ENOSPC, EACCES, …); the temporary file is removed then.
 */
export async function atomicWrite(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${writes++}.tmp`);
  const file = await open(temporary, 'wx');
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
      const { size } = await file.stat();
      if (size !== bytes.length)
        throw new Error(`${path}: only ${size} of ${bytes.length} bytes could be written`);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the folder where needed and tries it. Throws what `fs` throws when nothing can be written there. */
export async function requireWritable(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const trial = join(folder, `.${process.pid}-${writes++}.tmp`);
  await (await open(trial, 'wx')).close();
  await unlink(trial);
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

/**
 * Takes zip and tar archives apart. What they say of names, sizes and counts is data: files on the disk are named by chance, only regular ones are made, and the
 * caps are held while bytes are written. What could not be looked at is told, and the whole is then not clean.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract as openTar } from 'tar-stream';
import { type Entry, getFileNameLowLevel, openPromise } from 'yauzl';
import { isSystemError } from '../errors.ts';
import { type Budget, OverLimit } from './budget.ts';
import { withBytes } from './bytes.ts';
import type { Reason } from './types.ts';

/** A file taken out of another. `name`: what it was called in there, never a path. */
export type Inner = { path: string; name: string };
/** `notExamined`: what is in it, or may be, that did not come out. */
export type Unpacked = { files: Inner[]; notExamined: Reason[] };

/** Beyond the ratio an archive may always unpack to so many bytes: small ones of text shrink well. */
const slackBytes = 1 << 20;

const damaged: Reason = {
  code: 'E_ARCHIVE_DAMAGED',
  message: 'The archive is damaged, or does not agree with itself; what it holds is not all known.',
};

/**
 * Writes the files of the archive at `path` into `folder`, each under a random name. What the archive does wrong ends in `notExamined`. Throws only what the machine
 * does wrong (a full disk), as `fs` does.
 */
export async function unpackArchive(
  path: string,
  type: 'zip' | 'tar' | 'tgz',
  folder: string,
  budget: Budget,
): Promise<Unpacked> {
  const unpacked: Unpacked = { files: [], notExamined: [] };
  const ratio = ratioGuard((await stat(path)).size, budget);
  const save = async (content: AsyncIterable<Buffer>, name: string): Promise<void> => {
    const inner = join(folder, randomUUID());
    const counted = counting(content, (bytes) => {
      if (type === 'zip') ratio(bytes);
      budget.takeBytes(bytes);
    });
    try {
      await pipeline(counted, createWriteStream(inner, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      await unlink(inner).catch(() => {});
      throw error;
    }
    unpacked.files.push({ path: inner, name });
    if (climbs(name)) unpacked.notExamined.push(climbing);
  };
  try {
    if (type === 'zip') await unzip(path, budget, save, unpacked.notExamined);
    else await untar(path, type, budget, ratio, save, unpacked.notExamined);
  } catch (error) {
    unpacked.notExamined.push(reasonOf(error));
  }
  return unpacked;
}

type Save = (content: AsyncIterable<Buffer>, name: string) => Promise<void>;

function reasonOf(error: unknown): Reason {
  if (error instanceof OverLimit) return error.reason;
  if (isSystemError(error)) throw error;
  return damaged;
}

async function* counting(
  content: AsyncIterable<Buffer>,
  take: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    take(chunk.length);
    yield chunk;
  }
}

/** To be asked with all that is unpacked from an archive of `packedBytes`. */
function ratioGuard(packedBytes: number, { limits }: Budget): (bytes: number) => void {
  let unpackedBytes = 0;
  return (bytes) => {
    unpackedBytes += bytes;
    if (unpackedBytes > packedBytes * limits.ratio + slackBytes)
      throw new OverLimit('E_UNPACKED_RATIO', `It unpacks to more than ${limits.ratio} times its size.`);
  };
}

const climbing: Reason = {
  code: 'E_ARCHIVE_NAME',
  message: 'A name in the archive points out of the folder that it would be unpacked into.',
};
const climbs = (name: string): boolean =>
  /^(?:[/\\]|[a-z]:)/i.test(name) || name.split(/[/\\]/).includes('..') || name.includes('\0');

const notMade = (what: string): Reason => ({
  code: 'E_ARCHIVE_LINK',
  message: `The archive holds ${what}, which is neither followed nor made.`,
});

const endSignatures = ['PK\x05\x06', 'PK\x06\x06', 'PK\x05\x05'];

async function unzip(path: string, budget: Budget, save: Save, notExamined: Reason[]): Promise<void> {
  const zip = await openPromise(path, { autoClose: false, decodeStrings: false });
  zip.on('error', () => {}); // each is told to whoever iterates; one on closing is nobody's
  try {
    if (zip.entryCount > budget.limits.entries) budget.takeEntries(zip.entryCount);
    for await (const entry of zip.eachEntry()) {
      budget.takeEntries(1);
      // Names are left undecoded above, as odd ones would end the reading; the types do not know.
      const raw = entry.fileName as unknown as Buffer;
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, true);
      const refused = refusedInZip(entry);
      if (refused) notExamined.push(refused);
      else if (!name.endsWith('/')) {
        try {
          await save(await zip.openReadStreamPromise(entry), name);
        } catch (error) {
          if (error instanceof OverLimit) throw error;
          notExamined.push(reasonOf(error));
        }
      }
    }
    // Where the end counts fewer entries than there are, other programs would see the rest.
    const behind = await withBytes(path, (bytes) => bytes.read(Number(zip.readEntryCursor), 4));
    if (!endSignatures.includes(behind.toString('latin1'))) notExamined.push(damaged);
  } finally {
    zip.close();
  }
}

/** The upper half of the attributes is a Unix mode, where it is not 0. APPNOTE 4.4.15. */
function refusedInZip(entry: Entry): Reason | undefined {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (type === 0o120000) return notMade('a link');
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) return notMade('a device or pipe');
  if (entry.isEncrypted()) return { code: 'E_ENCRYPTED', message: 'Part of the archive is encrypted.' };
  if (!entry.canDecodeFileData())
    return { code: 'E_ARCHIVE_METHOD', message: 'Part of the archive is packed in a way that is not read.' };
  return undefined;
}

const madeOfTar: Record<string, string> = {
  link: 'a link',
  symlink: 'a link',
  'character-device': 'a device',
  'block-device': 'a device',
  fifo: 'a pipe',
};

async function untar(
  path: string,
  type: 'tar' | 'tgz',
  budget: Budget,
  ratio: (bytes: number) => void,
  save: Save,
  notExamined: Reason[],
): Promise<void> {
  const tar = openTar();
  const packed = createReadStream(path);
  const plain = type === 'tgz' ? packed.pipe(createGunzip()) : packed;
  // A failure of either destroys `tar`, and so reaches the loop.
  packed.on('error', (error) => plain.destroy(error));
  const fed = pipeline(counting(plain, ratio), tar).catch(() => {});
  try {
    for await (const entry of tar) {
      budget.takeEntries(1);
      const { name, type: what } = entry.header;
      if (what === 'file' || what === 'contiguous-file') await save(entry as AsyncIterable<Buffer>, name);
      else if (what !== 'directory') notExamined.push(notMade(madeOfTar[what ?? ''] ?? 'something unknown'));
      entry.resume();
    }
  } finally {
    tar.destroy();
    await fed;
    packed.destroy();
  }
}

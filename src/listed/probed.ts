/** Files of a data set as they become clips: each probed once, a few ahead of the one that is asked for. */
import { extname } from 'node:path';
import { atPath, ItemError } from '../errors.ts';
import { sha256OfFile } from '../files.ts';
import { probeFile } from '../media/probe.job.ts';
import type { Context, FileRef, Media } from '../types.ts';
import { failing } from './reason.ts';

/** What `make` makes of each of `entries`, in their order; `ahead`: how many are begun before the one that is asked for is done. */
export async function* madeAhead<Entry, Made>(
  entries: Iterable<Entry> | AsyncIterable<Entry>,
  make: (entry: Entry) => Promise<Made>,
  ahead = 4,
): AsyncGenerator<Made> {
  const underWay: Promise<Made>[] = [];
  for await (const entry of entries) {
    const made = make(entry);
    // Whoever stops reading early never awaits it; whoever reads on gets the same error.
    made.catch(() => {});
    underWay.push(made);
    if (underWay.length > ahead) yield await underWay.shift()!;
  }
  yield* underWay;
}

/** Errors that are about one file. Of any other the machine is the cause, and the next file would have it too. */
const ofOneFile = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'ELOOP', 'EIO'];

/** The file with its content's hash, or why this one cannot be read. Throws what `fs` throws where the machine is the cause. */
export function hashed(path: string): Promise<FileRef | ItemError> {
  return sha256OfFile(path).then(
    (sha256) => ({ path, sha256 }),
    (error: NodeJS.ErrnoException) => {
      if (!ofOneFile.includes(error.code ?? '')) return atPath(path)(error);
      const code = error.code === 'ENOENT' ? 'E_MEDIA_MISSING' : 'E_MEDIA_UNREADABLE';
      return new ItemError(code, `${path}: it cannot be read (${error.message})`, { cause: error });
    },
  );
}

/** A file without a hash, which goes into no job. */
export const unreadable = (path: string, reason: ItemError): Media => failing({ path, sha256: '' }, reason);

/** What is known of a file: of a damaged one its content's hash alone. Throws what `fs` throws where the machine is the cause. */
export async function probed(path: string, context: Pick<Context, 'run'>): Promise<Media> {
  const file = await hashed(path);
  if (file instanceof ItemError) return unreadable(path, file);
  try {
    return { ...(await context.run(probeFile, { file, extension: extname(path).toLowerCase() })), path };
  } catch (error) {
    if (error instanceof ItemError) return file;
    throw error;
  }
}

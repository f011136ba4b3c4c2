/** Files of a data set as they become clips: each probed once, a few ahead of the one that is asked for. */
import { extname } from 'node:path';
import { ItemError } from '../errors.ts';
import { sha256OfFile } from '../files.ts';
import { probeFile } from '../media/probe.job.ts';
import type { Context, Media } from '../types.ts';

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

/** What is known of a file: of a damaged one its content's hash alone. */
export async function probed(path: string, context: Pick<Context, 'run'>): Promise<Media> {
  // A file that cannot be read has no hash; opening it says why.
  const file = { path, sha256: await sha256OfFile(path).catch(() => '') };
  try {
    return { ...(await context.run(probeFile, { file, extension: extname(path).toLowerCase() })), path };
  } catch (error) {
    if (error instanceof ItemError) return file;
    throw error;
  }
}

/** Previews, each made once while it is remembered. */
import type { Pool } from '../../queue/pool.ts';
import { makePreview } from './preview.job.ts';

const remembered = 200;

/** What `Beside.preview` wants. `scratch`: a folder of its own for the workers, which write nothing there. */
export function previewsBy(pool: Pool, scratch: string, fileOf: (sha256: string) => string) {
  const made = new Map<string, Promise<Uint8Array>>();
  return (sha256: string): Promise<Uint8Array> => {
    const before = made.get(sha256);
    if (before) return before;
    const fresh = pool
      .run(makePreview, { path: fileOf(sha256) }, scratch)
      .then(({ output }) => Buffer.from(output, 'base64'));
    made.set(sha256, fresh);
    if (made.size > remembered) made.delete(made.keys().next().value!);
    // What failed may succeed another time.
    fresh.catch(() => made.delete(sha256));
    return fresh;
  };
}

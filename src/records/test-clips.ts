/** `clips.json`: the test clips that a run judged, and where their files lie, so that others can be asked about them later. */
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { atomicWrite } from '../files.ts';

const testClip = z.object({
  id: z.string().min(1),
  /** `none` of a real clip. */
  generator: z.string().min(1),
  truth: z.enum(['real', 'fake']),
  /** The person seen, as intervals are drawn over people. */
  group: z.string().min(1),
  /** Whose words or face went into it too, where that is somebody else. */
  driver: z.string().min(1).exactOptional(),
  /** Of the file, seen from the run's folder, and its content. */
  path: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type TestClip = z.infer<typeof testClip>;

const place = (folder: string): string => join(folder, 'clips.json');

/** `path` of the clips as it stands; it is written as seen from `folder`. */
export async function writeTestClips(folder: string, clips: readonly TestClip[]): Promise<void> {
  const seen = clips.map((clip) => ({ ...clip, path: relative(folder, clip.path) }));
  await atomicWrite(place(folder), `${JSON.stringify(seen, undefined, 1)}\n`);
}

/** The clips with their files' whole paths. @throws UserError where there are none, or what is there is damaged. */
export async function readTestClips(folder: string): Promise<TestClip[]> {
  const path = place(folder);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)}). Run the experiment again: what is finished comes from the cache`,
      { cause },
    );
  });
  const checked = z.array(testClip).safeParse(parsed(text));
  if (!checked.success)
    throw new UserError(`${path}: damaged (${checked.error.issues[0]?.message}). Run the experiment again`);
  return checked.data.map((clip) => ({ ...clip, path: resolve(folder, clip.path) }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

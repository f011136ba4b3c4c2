/** Where a run lies that the user names. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../src/errors.ts';

/** The folder of a run, given its id or its folder, in which `needed` lies. @throws UserError naming the runs there are. */
export async function findRun(run: string, results: string, needed: string): Promise<string> {
  const folders = basename(run) === run ? [join(results, 'runs', run), run] : [run];
  for (const folder of folders) {
    const found = await stat(join(folder, needed)).catch(() => undefined);
    if (found) return folder;
  }
  const known = (await readdir(join(results, 'runs')).catch((): string[] => [])).toSorted();
  throw new UserError(
    `there is no run "${run}" in ${join(results, 'runs')}. ${known.length > 0 ? `Runs: ${known.join(', ')}` : 'No run has finished there yet'}`,
  );
}

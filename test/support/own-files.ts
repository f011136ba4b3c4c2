/** A folder of one's own files, as the data set `folder` reads it. */
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { folder } from '../../datasets/folder/index.ts';
import type { Clip } from '../../src/types.ts';
import { goldenPath } from '../golden/make.ts';
import { all, workFolder } from '../media/tools.ts';
import { directContext } from './context.ts';

/** For each test of a file a folder anew: `at` gives a path in it, `put` copies a golden file into its `set`, `clips` reads that. */
export function ownFiles() {
  const at = workFolder();
  return {
    at,
    async put(golden: string, name: string): Promise<void> {
      const path = at(join('set', name));
      await mkdir(dirname(path), { recursive: true });
      await copyFile(goldenPath(golden), path);
    },
    async clips(options: Record<string, unknown> = {}): Promise<Clip[]> {
      await mkdir(at('jobs'), { recursive: true });
      const chosen = folder.options.parse({ path: at('set'), ...options });
      return all(folder.clips(chosen, directContext(at('jobs'))));
    },
  };
}

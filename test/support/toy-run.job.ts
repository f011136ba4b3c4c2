/** The two jobs of the toy run: an item is made, then judged; each takes 20 to 50 ms and notes in `ran.log` that it ran. */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ItemError } from '../../src/errors.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { createRng } from '../../src/random.ts';
import type { FileRef } from '../../src/types.ts';

type Making = { item: string; bytes: number; bad: boolean; diary: string };

const work = async (kind: string, item: string, diary: string): Promise<number> => {
  await appendFile(diary, `${kind} ${item}\n`);
  const rng = createRng(1, 'toy', kind, item);
  await new Promise((resolve) => setTimeout(resolve, 20 + 30 * rng.uniform()));
  return rng.uniform();
};

export const makeItem = defineJob({
  name: 'toy-make',
  module: import.meta.url,
  threads: 1,
  async run({ item, bytes, bad, diary }: Making, { folder, keep }): Promise<FileRef> {
    const value = await work('make', item, diary);
    if (bad) throw new ItemError('E_MEDIA_UNREADABLE', `${item}: damaged`);
    const rng = createRng(2, item);
    await writeFile(
      join(folder, 'item.bin'),
      Uint8Array.from({ length: bytes }, () => 256 * rng.uniform()),
    );
    await writeFile(join(folder, 'beside.json'), JSON.stringify({ item, value }));
    return keep('item.bin');
  },
});

export const judgeItem = defineJob({
  name: 'toy-judge',
  module: import.meta.url,
  threads: 1,
  async run({
    item,
    file,
    diary,
  }: {
    item: string;
    file: FileRef;
    diary: string;
  }): Promise<{ score: number }> {
    const value = await work('judge', item, diary);
    const bytes = await readFile(file.path);
    return { score: value + bytes.reduce((sum, byte) => sum + byte, 0) / (256 * bytes.length) };
  },
});

/**
 * Celeb-DF, version 1 or 2, as published: `Celeb-real/id0_0000.mp4`, `YouTube-real/00170.mp4`, `Celeb-synthesis/id0_id1_0000.mp4`, and
 * `List_of_testing_videos.txt` with lines like `1 YouTube-real/00170.mp4`, in which **1 means real**. What the list does not name is to learn
 * from; there is no validation part. Some copies are called `Youtube-real`.
 */
import { z } from 'zod';
import { UserError } from '../src/errors.ts';
import { listedDataset } from '../src/listed/dataset.ts';
import { type Entry, namedOtherwise } from '../src/listed/entry.ts';
import { linesIn } from '../src/listed/lines.ts';
import { celebSources } from '../src/listed/names.ts';
import { listedOptions } from '../src/listed/options.ts';
import { requireFile, type Tree } from '../src/listed/tree.ts';
import type { Split, Truth } from '../src/types.ts';

const options = z.strictObject(listedOptions('Celeb-DF-v2'));
type Options = z.infer<typeof options>;

const name = 'celeb-df';
const list = 'List_of_testing_videos.txt';
const layout = `${list}, Celeb-real/id0_0000.mp4, YouTube-real/00170.mp4, Celeb-synthesis/id0_id1_0000.mp4`;
/** What the folders hold, whatever the case of their letters. */
const truthOf: Record<string, Truth> = {
  'Celeb-real': 'real',
  'YouTube-real': 'real',
  'Celeb-synthesis': 'fake',
};

export const celebDf = listedDataset<Options>({
  name,
  cite: 'Li, Yang, Sun, Qi, Lyu: Celeb-DF, CVPR 2020',
  options,
  layout,
  async *entries(tree, _, remark) {
    const path = await requireFile({ name, layout }, tree, list);
    const folders = await foldersOf(tree);
    const tested = new Set<string>();
    for await (const { line, text } of linesIn(path)) {
      const [, word, folder = '', file = ''] = /^([01])\s+([^/\s]+)\/(\S+)\.mp4\s*$/.exec(text) ?? [];
      const known = Object.keys(truthOf).find((own) => own.toLowerCase() === folder.toLowerCase());
      const entry = known && entryOf(known, folders.get(known) ?? known, file, 'test');
      if (!entry) throw new UserError(`${path}:${line}: expected a line like "1 YouTube-real/00170.mp4"`);
      const truth = word === '1' ? 'real' : 'fake';
      if (truth !== entry.labels.video)
        throw new UserError(
          `${path}:${line}: ${word} means ${truth} there, and ${known} holds ${entry.labels.video} videos`,
        );
      tested.add(entry.id);
      yield { ...entry, listed: `${path}:${line}` };
    }
    for (const [known, folder] of folders) {
      let odd: string | undefined;
      for (const file of await tree.files(folder)) {
        const entry = file.endsWith('.mp4') && entryOf(known, folder, file.slice(0, -'.mp4'.length), 'train');
        if (!entry) odd ??= file;
        else if (!tested.has(entry.id)) yield entry;
      }
      if (odd !== undefined) remark(namedOtherwise(folder, odd));
    }
  },
});

/** What the three folders are called here, where they are. */
async function foldersOf(tree: Tree): Promise<Map<string, string>> {
  const found = await tree.folders('');
  return new Map(
    Object.keys(truthOf).flatMap((known) => {
      const own = found.find((folder) => folder.toLowerCase() === known.toLowerCase());
      return own === undefined ? [] : [[known, own]];
    }),
  );
}

function entryOf(known: string, folder: string, file: string, split: Split): Entry | undefined {
  const truth = truthOf[known]!;
  const sources = celebSources(file);
  if (!sources) return undefined;
  return {
    id: `${known}/${file}`,
    file: `${folder}/${file}.mp4`,
    sources,
    labels: { video: truth },
    origin: truth === 'real' ? name : known,
    split,
    attributes: { recorded: known === 'YouTube-real' ? 'YouTube' : 'Celeb' },
  };
}

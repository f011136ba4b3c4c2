/**
 * FakeAVCeleb as published: `meta_data.csv`, whose head has nine names and whose rows have ten fields (`path` holds the file's name, and the
 * unnamed last one its folder), and the videos in `{Real,Fake}Video-{Real,Fake}Audio/<race>/<gender>/<id>/`. Categories: A nothing is fake,
 * B the sound, C the picture, D both; whether they belong together is said of A alone. There is no official split: all of it is `test`.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { readFile } from 'node:fs/promises';
import { UserError } from '../src/errors.ts';
import { listedDataset } from '../src/listed/dataset.ts';
import type { Entry } from '../src/listed/entry.ts';
import { listedOptions } from '../src/listed/options.ts';
import { requireFile } from '../src/listed/tree.ts';
import { filledRows } from '../src/records/csv.ts';
import { quoted } from '../src/shown.ts';
import type { Labels } from '../src/types.ts';

const options = z.strictObject(listedOptions('FakeAVCeleb'));
type Options = z.infer<typeof options>;

const name = 'fakeavceleb';
const list = 'meta_data.csv';
const layout = `${list}, RealVideo-RealAudio/<race>/<gender>/<id>/<name>.mp4 and the three folders of fakes`;
const columns = ['source', 'target1', 'target2', 'method', 'category', 'type', 'race', 'gender', 'path'];

const categories: Record<string, { type: string; labels: Labels }> = {
  A: { type: 'RealVideo-RealAudio', labels: { video: 'real', audio: 'real', pairing: 'real' } },
  B: { type: 'RealVideo-FakeAudio', labels: { video: 'real', audio: 'fake' } },
  C: { type: 'FakeVideo-RealAudio', labels: { video: 'fake', audio: 'real' } },
  D: { type: 'FakeVideo-FakeAudio', labels: { video: 'fake', audio: 'fake' } },
};

export const fakeavceleb = listedDataset<Options>({
  name,
  cite: 'Khalid, Tariq, Kim, Woo: FakeAVCeleb, NeurIPS 2021 Datasets and Benchmarks',
  options,
  layout,
  async *entries(tree) {
    const path = await requireFile({ name, layout }, tree, list);
    const [head, ...rows] = filledRows(await readFile(path, 'utf8'), path);
    if (head?.fields.slice(0, columns.length).join() !== columns.join())
      throw new UserError(`${path}:1: the head must begin with ${columns.join()}`);
    for (const { line, fields } of rows) {
      const entry = entryOf(fields);
      if (typeof entry === 'string') throw new UserError(`${path}:${line}: ${entry}`);
      yield { ...entry, listed: `${path}:${line}` };
    }
  },
});

/** The clip of a row, or what is wrong with it. */
function entryOf(fields: readonly string[]): Entry | string {
  const [source, target1, target2, method, letter = '', type, race = '', gender = '', file] = fields;
  const folder = fields[columns.length];
  if (!folder || !file || fields.length !== columns.length + 1)
    return `${fields.length} fields, expected ${columns.length + 1}: the last, which has no name, is the folder`;
  const category = Object.hasOwn(categories, letter) ? categories[letter] : undefined;
  if (!category) return `category ${quoted(letter)}: expected A, B, C or D`;
  if (category.type !== type)
    return `category ${letter} means ${category.type}, and the type is ${quoted(type ?? '')}`;
  // The folder begins at the data set's own name, whatever it is called here.
  const [place] = /(Real|Fake)Video-(Real|Fake)Audio\/.*$/.exec(folder.replace(/\/$/, '')) ?? [];
  if (!place) return `folder ${quoted(folder)}: expected one below ${type}`;
  return {
    id: join(place, file).replace(/\.\w+$/, ''),
    file: `${place}/${file}`,
    sources: [
      ...new Set([source, target1, target2].filter((id) => id !== undefined && id !== '' && id !== '-')),
    ] as string[],
    labels: category.labels,
    // One method makes fakes of several categories, with other things forged.
    origin: letter === 'A' ? name : `${method}-${letter}`,
    split: 'test',
    attributes: { race, gender, category: letter },
  };
}

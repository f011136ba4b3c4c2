/**
 * The Deepfake Detection Challenge, as published, in one folder:
 *
 * - to learn from, `dfdc_train_part_<n>/metadata.json` (at the top or in `train/`) with `{"x.mp4": {"label": "FAKE", "original": "y.mp4", …}}`
 *   beside the videos; some real ones have `"original": null`
 * - to judge, `test/labels.csv` and `validation/labels.csv` (`filename,label`, 1 is fake) beside the videos
 * - the preview: `dataset.json` with `{"method_A/…/x.mp4": {"label": "fake", "set": "train", …}}`
 *
 * A fake's sources are the video it was made of; nobody has said who lent the face, nor who is in a test video. Some fakes have forged
 * sound, which their label does not say, so that of sound stays open.
 */
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { z } from 'zod';
import { UserError } from '../src/errors.ts';
import { listedDataset } from '../src/listed/dataset.ts';
import type { Entry } from '../src/listed/entry.ts';
import { firstIssue, jsonValues } from '../src/listed/json.ts';
import { listedOptions } from '../src/listed/options.ts';
import type { Tree } from '../src/listed/tree.ts';
import { filledRows } from '../src/records/csv.ts';
import { quoted } from '../src/shown.ts';
import type { Labels, Split, Truth } from '../src/types.ts';

const options = z.strictObject(listedOptions('DFDC'));
type Options = z.infer<typeof options>;

const name = 'dfdc';
/** Makers of fakes that are told apart nowhere. */
const fakes = 'DFDC-fakes';

export const dfdc = listedDataset<Options>({
  name,
  cite: 'Dolhansky, Bitton, Pflaum, Lu, Howes, Wang, Canton Ferrer: The DeepFake Detection Challenge, 2020; its preview, 2019',
  options,
  layout:
    'dfdc_train_part_<n>/metadata.json, test/labels.csv, validation/labels.csv, or of the preview dataset.json',
  async *entries(tree) {
    if (await tree.has('dataset.json')) yield* fromPreview(join(tree.root, 'dataset.json'));
    for (const folder of await foldersWithLists(tree))
      yield* (await tree.has(`${folder}/labels.csv`)) ? fromLabels(tree, folder) : fromMetadata(tree, folder);
  },
});

/** Folders at the top and in `train/` that hold a list. */
async function foldersWithLists(tree: Tree): Promise<string[]> {
  const below = async (folder: string): Promise<string[]> =>
    (await tree.folders(folder)).map((own) => posix.join(folder, own));
  const found: string[] = [];
  for (const folder of [...(await below('')), ...(await below('train'))])
    if ((await tree.has(`${folder}/labels.csv`)) || (await tree.has(`${folder}/metadata.json`)))
      found.push(folder);
  return found;
}

const labelsOf = (truth: Truth): Labels =>
  truth === 'fake' ? { video: 'fake' } : { video: 'real', audio: 'real', pairing: 'real' };

function entry(file: string, truth: Truth, source: string, split: Split, maker = fakes): Entry {
  return {
    id: file.replace(/\.\w+$/, ''),
    file,
    sources: [source],
    labels: labelsOf(truth),
    origin: truth === 'real' ? name : maker,
    split,
  };
}

const described = z.object({
  label: z.enum(['REAL', 'FAKE']),
  split: z.literal('train').optional(),
  original: z.string().min(1).nullish(),
});

async function* fromMetadata(tree: Tree, folder: string): AsyncGenerator<Entry> {
  const path = join(tree.root, folder, 'metadata.json');
  for await (const { keys, value } of jsonValues(path, 1)) {
    const [file = ''] = keys;
    const { label, original } = checked(described, value, path, file);
    yield entry(`${folder}/${file}`, label === 'REAL' ? 'real' : 'fake', original ?? file, 'train');
  }
}

async function* fromLabels(tree: Tree, folder: string): AsyncGenerator<Entry> {
  const path = join(tree.root, folder, 'labels.csv');
  const [head, ...rows] = filledRows(await readFile(path, 'utf8'), path);
  if (head?.fields.slice(0, 2).join() !== 'filename,label')
    throw new UserError(`${path}:1: the head must begin with filename,label`);
  const split = posix.basename(folder) === 'validation' ? 'validation' : 'test';
  for (const { line, fields } of rows) {
    const [file, label] = fields;
    if (!file || !/^[01]$/.test(label ?? ''))
      throw new UserError(`${path}:${line}: needs a file and a label, 0 (real) or 1 (fake)`);
    const place = `${folder}/${file}`;
    yield { ...entry(place, label === '1' ? 'fake' : 'real', place, split), listed: `${path}:${line}` };
  }
}

const person = z.union([z.string(), z.number()]).nullish();
const previewed = z.object({
  label: z.enum(['real', 'fake']),
  set: z.enum(['train', 'val', 'validation', 'test']),
  target_id: person,
  swapped_id: person,
});

/** People are named by the preview's list, or by the numbers in the folder of the file. */
async function* fromPreview(path: string): AsyncGenerator<Entry> {
  for await (const { keys, value } of jsonValues(path, 1)) {
    const [file = ''] = keys;
    const { label, set, target_id: target, swapped_id: swapped } = checked(previewed, value, path, file);
    const stated = [target, swapped].flatMap((id) => (id === null || id === undefined ? [] : [String(id)]));
    const [maker, folder = ''] = file.split('/');
    const people = stated.length > 0 ? stated : (folder.match(/\d{3,}/g) ?? [file]);
    const split = set === 'val' ? 'validation' : set;
    yield { ...entry(file, label, file, split, maker), sources: [...new Set(people)] };
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, path: string, key: string): T {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  throw new UserError(`${path}: ${quoted(key)}: ${firstIssue(found.error)}`);
}

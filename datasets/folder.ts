/**
 * Videos, photos and recordings of your own, read as they lie on the disk. Labels come from sub-folders (`real/…`,
 * `fake/…`; below them one folder per identity, else files of one name, as `real/001.mp4` and `fake/001.mp4`, are one identity) or from a CSV with the columns
 * `file,identity,label,licence`, `file` relative to the folder. Files without a label are scored and enter no AUC.
 *
 * `fake` means that the picture is fake (of a recording: the sound); whether a fake video's sound is genuine nobody has
 * said, so that label stays open. Order: by name, the same each time. Hidden files and symbolic links are left out.
 * A file that cannot be decoded is still an item: it fails when it is opened, with its cause, and the others go on.
 */
import { lstat, readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { didYouMean, UserError } from '../src/errors.ts';
import { madeAhead, probed } from '../src/listed/probed.ts';
import { findFolder, openTree, type Tree } from '../src/listed/tree.ts';
import { mediaExtensions } from '../src/media/formats.ts';
import { parseCsv } from '../src/records/csv.ts';
import { itemColumns } from '../src/records/item-table.ts';
import type { Attributes, Clip, Context, Dataset, Item, Labels, Media, Truth } from '../src/types.ts';

const options = z.strictObject({
  /** The folder, relative to where the command runs. */
  path: z.string().min(1).default('clips'),
  /** A table of the files to use, inside the folder; without it every media file below the folder is used. */
  csv: z.string().min(1).optional(),
  split: z.enum(['train', 'validation', 'test']).default('test'),
  /** Further columns of the table, by which results are sliced: `[skin tone, age]`. An empty field is not known. */
  attributes: z.array(z.string().min(1)).optional(),
  /** Licence of files whose row states none. While it is `unknown`, generators refuse the data; detectors may score it. */
  licence: z.string().min(1).default('unknown'),
});
export type FolderOptions = z.infer<typeof options>;

/** A file to become a clip; `file` is relative to the folder, with `/`. */
type Entry = { file: string; identity: string; label?: Truth; licence: string; attributes?: Attributes };

export const folder: Dataset<FolderOptions> = {
  name: 'folder',
  cite: 'files of your own',
  options,
  async *clips(chosen, context) {
    const { root, entries } = await open(chosen);
    yield* madeAhead(entries(), (entry) => toClip(root, entry, chosen, context));
  },
  async list(chosen) {
    const { entries } = await open(chosen);
    return {
      remarks: [],
      async *clips() {
        for await (const entry of entries())
          yield { ...describe(entry, chosen), labels: labelsOf({ path: entry.file }, entry.label) };
      },
    };
  },
  async attributes(chosen) {
    if (!chosen.attributes) return () => ({});
    const entries = await entriesOfTable(await rootOf(chosen), chosen.csv ?? '', chosen);
    const known = new Map(entries.map(({ file, attributes = {} }) => [file, attributes]));
    return ({ id }) => known.get(id) ?? {};
  },
};

/** @throws UserError where they cannot be columns of a table. */
function refuseAttributes({ csv, attributes = [] }: FolderOptions): void {
  if (attributes.length > 0 && csv === undefined)
    throw new UserError(
      'data set "folder": attributes are columns of a table; name it with dataset.csv, or leave out dataset.attributes',
    );
  const taken = attributes.find((name) => [...columns, ...itemColumns].includes(name as 'id'));
  if (taken !== undefined)
    throw new UserError(
      `data set "folder": attributes: "${taken}" has a meaning of its own; rename the column`,
    );
}

const rootOf = ({ path }: FolderOptions): Promise<string> =>
  findFolder('folder', path, 'a folder of videos, photos or recordings');

/** Its files, none of which is opened. @throws UserError where there is none, or the table has mistakes. */
async function open(
  chosen: FolderOptions,
): Promise<{ root: string; entries(): AsyncIterable<Entry> | Iterable<Entry> }> {
  refuseAttributes(chosen);
  const root = await rootOf(chosen);
  const table = chosen.csv === undefined ? undefined : await entriesOfTable(root, chosen.csv, chosen);
  const entries = () => table ?? entriesOfTree(root, chosen);
  for await (const _ of entries()) return { root, entries };
  throw new UserError(
    `data set "folder": no media file in ${root}. Looked for ${mediaExtensions.join(' ')}; hidden files and symbolic links are left out`,
  );
}

const describe = ({ file, identity, licence }: Entry, { split }: FolderOptions): Omit<Item, 'labels'> => ({
  id: file,
  sources: [identity],
  origin: 'folder',
  split,
  licence,
});

async function toClip(root: string, entry: Entry, chosen: FolderOptions, context: Context): Promise<Clip> {
  const media = await probed(join(root, entry.file), context);
  return { ...describe(entry, chosen), labels: labelsOf(media, entry.label), media, use: 'score' };
}

function labelsOf({ path, video, audio }: Omit<Media, 'sha256'>, label: Truth | undefined): Labels {
  if (!label) return {};
  // What was not opened or is damaged is labelled by its name, so that a failure is counted where its score is missing.
  const damaged = !video && !audio;
  const isRecording = damaged ? /\.(wav|flac|mp3|ogg|m4a)$/i.test(path) : !video;
  if (isRecording) return { audio: label };
  if (label === 'fake') return { video: 'fake' };
  return audio || damaged ? { video: 'real', audio: 'real', pairing: 'real' } : { video: 'real' };
}

/** All media files below the folder. */
async function* entriesOfTree(root: string, { licence }: FolderOptions): AsyncGenerator<Entry> {
  for await (const file of filesBelow(openTree('folder', root), '')) {
    const steps = file.split('/');
    const label = steps.length > 1 && (steps[0] === 'real' || steps[0] === 'fake') ? steps[0] : undefined;
    const [person] = steps.slice(label ? 1 : 0, -1);
    yield { file, identity: person ?? parse(file).name, licence, ...(label ? { label } : {}) };
  }
}

/** In the order of their names, folders among them. */
async function* filesBelow(tree: Tree, folder: string): AsyncGenerator<string> {
  const folders = new Set(await tree.folders(folder));
  for (const name of [...folders, ...(await tree.files(folder))].toSorted()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (folders.has(name)) yield* filesBelow(tree, path);
    else if (mediaExtensions.includes(extname(name).toLowerCase())) yield path;
  }
}

const columns = ['file', 'identity', 'label', 'licence'] as const;
type Row = Partial<Record<string, string>> & Partial<Record<(typeof columns)[number], string>>;

/** The files of a table, in its order. @throws UserError with every mistake as `table:line: reason`. */
async function entriesOfTable(
  root: string,
  csv: string,
  { licence, attributes }: FolderOptions,
): Promise<Entry[]> {
  const table = join(root, csv);
  const text = await readFile(table, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      `data set "folder": ${table} cannot be read (${(cause as Error).message}); set dataset.csv`,
      { cause },
    );
  });
  const [head, ...rows] = parseCsv(text, table);
  const mistakes = head ? mistakesOfHead(head.fields, attributes) : ['the table is empty'];
  if (!head || mistakes.length > 0)
    throw new UserError(mistakes.map((reason) => `${table}:1: ${reason}`).join('\n'));

  const entries: Entry[] = [];
  const wrong: string[] = [];
  const seen = new Map<string, number>();
  const tree = openTree('folder', root);
  for (const { line, fields } of rows.filter(({ fields }) => fields.some((field) => field !== ''))) {
    const row: Row = Object.fromEntries(head.fields.map((column, i) => [column, fields[i] ?? '']));
    const file = tidy(row.file ?? '');
    const reason =
      fields.length > head.fields.length
        ? `${fields.length} fields under ${head.fields.length} columns`
        : await mistakeOf(tree, file, row.label);
    const earlier = seen.get(file);
    if (reason ?? earlier)
      wrong.push(`${table}:${line}: ${reason ?? `${file} stands in line ${earlier} already`}`);
    if (!earlier) seen.set(file, line);
    const label: { label?: Truth } = row.label === 'real' || row.label === 'fake' ? { label: row.label } : {};
    entries.push({
      file,
      identity: row.identity || parse(file).name,
      licence: row.licence || licence,
      ...label,
      ...(attributes ? { attributes: attributesIn(row, attributes) } : {}),
    });
  }
  if (wrong.length > 0) throw new UserError(wrong.join('\n'));
  return entries;
}

/** What is known of a file; an empty field says nothing. */
function attributesIn(row: Row, names: readonly string[]): Attributes {
  return Object.fromEntries(names.flatMap((name) => (row[name] ? [[name, row[name]]] : [])));
}

function mistakesOfHead(found: string[], attributes: readonly string[] = []): string[] {
  const known = [...columns, ...attributes];
  const told = found
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = didYouMean(name, known);
      return `unknown column "${name}"${meant ? `, did you mean "${meant}"?` : `; known: ${known.join(', ')}. What results are sliced by is named in dataset.attributes`}`;
    });
  for (const name of attributes.filter((wanted) => !found.includes(wanted)))
    told.push(`the column "${name}" of dataset.attributes is missing`);
  if (new Set(found).size < found.length) told.push('a column stands there twice');
  return found.includes('file') ? told : [...told, 'the column "file" is missing'];
}

/** The relative path with `/` and without `./`. */
function tidy(file: string): string {
  return file === '' || isAbsolute(file) ? file : relative('.', file).split(sep).join('/');
}

async function mistakeOf(tree: Tree, file: string, label = ''): Promise<string | undefined> {
  const { root } = tree;
  if (!['', 'real', 'fake'].includes(label)) return `label "${label}": expected real, fake or nothing`;
  if (file === '') return 'no file named';
  if (!mediaExtensions.includes(extname(file).toLowerCase()))
    return `${file}: not a kind of file that is read (${mediaExtensions.join(' ')})`;
  if (await tree.has(file)) return undefined;
  const real = await realpath(resolve(root, file)).catch(() => undefined);
  if (!real) return `${file}: no such file in ${root}`;
  return (await lstat(real)).isFile()
    ? `${file}: must lie inside the folder and be reached without symbolic links`
    : `${file}: not a file`;
}

/**
 * Videos, photos and recordings of your own, read as they lie on the disk. Labels come from sub-folders (`real/…`,
 * `fake/…`; below them one folder per identity, else files of one name, as `real/001.mp4` and `fake/001.mp4`, are one identity) or from a CSV with the columns
 * `file,identity,label,licence`, `file` relative to the folder. Files without a label are scored and enter no AUC.
 *
 * `fake` means that the picture is fake (of a recording: the sound); whether a fake video's sound is genuine nobody has
 * said, so that label stays open. Order: by name, the same each time. Hidden files and symbolic links are left out.
 * A file that cannot be decoded is still an item: it fails when it is opened, with its cause, and the others go on.
 *
 * Puppets and face swaps are fitted on footage of their people. With `fitShare` the first part of every film is for that and the rest is
 * scored, and with `faces` the faces in them are tracked.
 */
import { lstat, readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, parse, resolve } from 'node:path';
import { z } from 'zod';
import { didYouMean, unlessItemError, UserError } from '../src/errors.ts';
import { trackFaces } from '../src/faces/track-faces.ts';
import { partOfFilm } from '../src/film-parts.ts';
import { madeAhead, probed } from '../src/listed/probed.ts';
import { findFolder, openTree, tidy, type Tree } from '../src/listed/tree.ts';
import { mediaExtensions } from '../src/media/formats.ts';
import { cutFilm } from '../src/pipeline/cut.job.ts';
import { isGenuine } from '../src/pipeline/items.ts';
import { filledRows } from '../src/records/csv.ts';
import { itemColumns } from '../src/records/item-table.ts';
import { quoted, shown } from '../src/shown.ts';
import type { Attributes, Clip, Context, Dataset, Item, Labels, Media, Truth } from '../src/types.ts';

const options = z.strictObject({
  /** The folder, relative to where the command runs. */
  path: z.string().min(1).default('clips'),
  /** A table of the files to use, in the folder or else relative to where the command runs; without it every media file below the folder is used. */
  csv: z.string().min(1).optional(),
  split: z.enum(['train', 'validation', 'test']).default('test'),
  /** Further columns of the table, by which results are sliced: `[skin tone, age]`. An empty field is not known. */
  attributes: z.array(z.string().min(1)).optional(),
  /** Licence of files whose row states none. While it is `unknown`, generators refuse the data; detectors may score it. */
  licence: z.string().min(1).default('unknown'),
  /** Share of every film, from its beginning, that generators may be fitted on; the rest is scored. Without it all is scored. */
  fitShare: z.number().gt(0).lt(1).optional(),
  /** Whether the face in every film is tracked, which generators of faces and many detectors need. */
  faces: z.boolean().default(false),
});
export type FolderOptions = z.infer<typeof options>;

/** A file to become a clip; `file` is relative to the folder, with `/`. */
type Found = { file: string; identity: string; label?: Truth; licence: string; attributes?: Attributes };

export const folder: Dataset<FolderOptions> = {
  name: 'folder',
  cite: 'files of your own',
  options,
  async *clips(chosen, context) {
    if (!chosen.faces) return yield* clipsOf(chosen, context);
    // What faces do is learned from all of them together.
    const clips: Clip[] = [];
    for await (const clip of clipsOf(chosen, context)) clips.push(clip);
    yield* await trackFaces(clips, context);
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
    return ({ id }) => known.get(id.replace(partOfFilm, '')) ?? {};
  },
};

async function* clipsOf(chosen: FolderOptions, context: Context): AsyncGenerator<Clip> {
  const { root, entries } = await open(chosen);
  const made = madeAhead(entries(), async (entry) =>
    partsOf(await toClip(root, entry, chosen, context), chosen, context),
  );
  for await (const parts of made) yield* parts;
}

/**
 * A film cut in two, the first part to fit on. Of one that is fake only the rest is kept, so that it is cut as the genuine ones are. What is no
 * film, or has no frame for one of the parts, or does not decode, stays whole.
 */
async function partsOf(clip: Clip, { fitShare }: FolderOptions, context: Context): Promise<Clip[]> {
  const { media } = clip;
  const frames = media.video?.frameCount ?? 0;
  const border = fitShare === undefined ? 0 : Math.round(fitShare * frames);
  if (border < 1 || border >= frames) return [clip];
  const cut = async (part: 'fit' | 'rest', from: number, to: number): Promise<Clip> => ({
    ...clip,
    id: `${clip.id}#${part}`,
    media: await context.run(cutFilm, { media, from, to }),
    use: part === 'fit' ? 'fit' : 'score',
  });
  try {
    const parts = [cut('rest', border, frames), ...(isGenuine(clip) ? [cut('fit', 0, border)] : [])];
    return (await Promise.all(parts)).toReversed();
  } catch (error) {
    unlessItemError(error);
    return [clip];
  }
}

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
): Promise<{ root: string; entries(): AsyncIterable<Found> | Iterable<Found> }> {
  refuseAttributes(chosen);
  const root = await rootOf(chosen);
  const table = chosen.csv === undefined ? undefined : await entriesOfTable(root, chosen.csv, chosen);
  const entries = () => table ?? entriesOfTree(root, chosen);
  for await (const _ of entries()) return { root, entries };
  if (table) throw new UserError(`data set "folder": ${chosen.csv} names no file`);
  throw new UserError(
    `data set "folder": no media file in ${root}. Looked for ${mediaExtensions.join(' ')}; hidden files and symbolic links are left out`,
  );
}

const describe = ({ file, identity, licence }: Found, { split }: FolderOptions): Omit<Item, 'labels'> => ({
  id: file,
  sources: [identity],
  origin: 'folder',
  split,
  licence,
});

async function toClip(root: string, entry: Found, chosen: FolderOptions, context: Context): Promise<Clip> {
  const media = await probed(join(root, entry.file), context);
  return { ...describe(entry, chosen), labels: labelsOf(media, entry.label), media, use: 'score' };
}

/** What is labelled of a file that is said to be real or fake. */
export function labelsOf({ path, video, audio }: Omit<Media, 'sha256'>, label: Truth | undefined): Labels {
  if (!label) return {};
  // What was not opened or is damaged is labelled by its name, so that a failure is counted where its score is missing.
  const damaged = !video && !audio;
  const isRecording = damaged ? /\.(wav|flac|mp3|ogg|m4a)$/i.test(path) : !video;
  if (isRecording) return { audio: label };
  if (label === 'fake') return { video: 'fake' };
  return audio || damaged ? { video: 'real', audio: 'real', pairing: 'real' } : { video: 'real' };
}

/** All media files below the folder. */
async function* entriesOfTree(root: string, { licence }: FolderOptions): AsyncGenerator<Found> {
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

/** The files of a table, in its order. @throws UserError with the first mistakes as `table:line: reason`, how many more, and what to do. */
async function entriesOfTable(
  root: string,
  csv: string,
  { licence, attributes }: FolderOptions,
): Promise<Found[]> {
  const inside = join(root, csv);
  const table = isAbsolute(csv) || !(await lstat(inside).catch(() => undefined)) ? resolve(csv) : inside;
  const text = await readFile(table, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      `data set "folder": ${table} cannot be read (${(cause as Error).message}); looked for it in ${root} too. Set dataset.csv`,
      { cause },
    );
  });
  const [head, ...rows] = filledRows(text, table);
  if (!head) throw new UserError(`${table}:1: the table is empty`);
  refuse(mistakesOfHead(head.fields, attributes).map((reason) => `${table}:${head.line}: ${reason}`));

  const entries: Found[] = [];
  const wrong: string[] = [];
  const seen = new Map<string, number>();
  const tree = openTree('folder', root);
  for (const { line, fields } of rows) {
    const row: Row = Object.fromEntries(head.fields.map((column, i) => [column, fields[i] ?? '']));
    const file = tidy(row.file ?? '');
    const reason =
      fields.length > head.fields.length
        ? `${fields.length} fields under ${head.fields.length} columns`
        : await mistakeOf(tree, row.file, row.label);
    const earlier = seen.get(file);
    if (reason ?? earlier)
      wrong.push(`${table}:${line}: ${reason ?? `${shown(file)} stands in line ${earlier} already`}`);
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
  refuse(wrong);
  return entries;
}

/** So many mistakes are told: the first say what is wrong with hundreds of rows. */
const mistakesShown = 3;

function refuse(mistakes: readonly string[]): void {
  if (mistakes.length === 0) return;
  const more = mistakes.length - mistakesShown;
  throw new UserError(
    [
      ...mistakes.slice(0, mistakesShown),
      `${more > 0 ? `… and ${more} more. ` : ''}Mend the table, or set dataset.csv to the table of these films`,
    ].join('\n'),
  );
}

/** What is known of a file; an empty field says nothing. */
function attributesIn(row: Row, names: readonly string[]): Attributes {
  return Object.fromEntries(names.flatMap((name) => (row[name] ? [[name, row[name]]] : [])));
}

function mistakesOfHead(found: string[], attributes: readonly string[] = []): string[] {
  const known = [...columns, ...attributes];
  if (found.length === 1 && /[;\t]/.test(found[0]!)) return ['columns are apart by commas'];
  if (!found.some((name) => known.includes(name)))
    return [`the first line must be ${known.join()}, or some of them`];
  const told = found
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = didYouMean(name, known);
      return `unknown column ${quoted(name)}${meant ? `, did you mean "${meant}"?` : `; known: ${known.join(', ')}. What results are sliced by is named in dataset.attributes`}`;
    });
  for (const name of attributes.filter((wanted) => !found.includes(wanted)))
    told.push(`the column "${name}" of dataset.attributes is missing`);
  if (new Set(found).size < found.length) told.push('a column stands there twice');
  return found.includes('file') ? told : [...told, 'the column "file" is missing'];
}

async function mistakeOf(tree: Tree, file = '', label = ''): Promise<string | undefined> {
  const { root } = tree;
  if (!['', 'real', 'fake'].includes(label)) return `label ${quoted(label)}: expected real, fake or nothing`;
  if (file === '') return 'no file named';
  if (!mediaExtensions.includes(extname(file).toLowerCase()))
    return `${shown(file)}: not a kind of file that is read (${mediaExtensions.join(' ')})`;
  if (await tree.has(file)) return undefined;
  const real = await realpath(resolve(root, file)).catch(() => undefined);
  if (!real) return `${shown(file)}: no such file in ${root}`;
  return (await lstat(real)).isFile()
    ? `${shown(file)}: must lie inside the folder and be reached without symbolic links`
    : `${shown(file)}: not a file`;
}

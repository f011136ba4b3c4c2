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
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { didYouMean, ItemError, unlessItemError, UserError } from '../src/errors.ts';
import { trackFaces } from '../src/faces/track-faces.ts';
import { sha256OfFile } from '../src/files.ts';
import { mediaExtensions } from '../src/media/formats.ts';
import { probeFile } from '../src/media/probe.job.ts';
import { cutFilm } from '../src/pipeline/cut.job.ts';
import { isGenuine } from '../src/pipeline/items.ts';
import { parseCsv } from '../src/records/csv.ts';
import { itemColumns } from '../src/records/item-table.ts';
import type { Attributes, Clip, Context, Dataset, Labels, Media, Truth } from '../src/types.ts';

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
type Entry = { file: string; identity: string; label?: Truth; licence: string; attributes?: Attributes };

/** How many files are probed ahead of the one that is asked for. */
const ahead = 4;

export const folder: Dataset<FolderOptions> = {
  name: 'folder',
  cite: 'files of your own',
  options,
  async *clips(chosen, context) {
    refuseAttributes(chosen);
    if (!chosen.faces) return yield* clipsOf(chosen, context);
    // What faces do is learned from all of them together.
    const clips: Clip[] = [];
    for await (const clip of clipsOf(chosen, context)) clips.push(clip);
    yield* await trackFaces(clips, context);
  },
  async attributes(chosen) {
    if (!chosen.attributes) return () => ({});
    const entries = await entriesOfTable(await findFolder(chosen.path), chosen.csv ?? '', chosen);
    const known = new Map(entries.map(({ file, attributes = {} }) => [file, attributes]));
    return ({ id }) => known.get(id.replace(partOf, '')) ?? {};
  },
};

async function* clipsOf(chosen: FolderOptions, context: Context): AsyncGenerator<Clip> {
  const root = await findFolder(chosen.path);
  const entries =
    chosen.csv === undefined ? entriesOfTree(root, chosen) : await entriesOfTable(root, chosen.csv, chosen);
  const underWay: Promise<Clip[]>[] = [];
  let count = 0;
  for await (const entry of entries) {
    const clips = toClip(root, entry, chosen, context).then((clip) => partsOf(clip, chosen, context));
    // Whoever stops reading early never awaits it; whoever reads on gets the same error.
    clips.catch(() => {});
    underWay.push(clips);
    count++;
    if (underWay.length > ahead) yield* await underWay.shift()!;
  }
  for (const clips of underWay) yield* await clips;
  if (count === 0)
    throw new UserError(
      `data set "folder": no media file in ${root}. Looked for ${mediaExtensions.join(' ')}; hidden files and symbolic links are left out`,
    );
}

/** What stands behind the id of a part of a film. */
const partOf = /#(fit|rest)$/;

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

async function findFolder(path: string): Promise<string> {
  const root = await realpath(path).catch(() => undefined);
  if (root && (await lstat(root)).isDirectory()) return root;
  const what = root ? 'is not a folder' : 'does not exist';
  throw new UserError(
    `data set "folder": ${resolve(path)} ${what}. Looked for a folder of videos, photos or recordings; set dataset.path`,
  );
}

async function toClip(root: string, entry: Entry, { split }: FolderOptions, context: Context): Promise<Clip> {
  const path = join(root, entry.file);
  const media = await probed(path, context);
  return {
    id: entry.file,
    sources: [entry.identity],
    labels: labelsOf(media, entry.label),
    origin: 'folder',
    split,
    licence: entry.licence,
    media,
    use: 'score',
  };
}

/** What is known of a file: of a damaged one its content's hash alone. */
async function probed(path: string, context: Context): Promise<Media> {
  // A file that cannot be read has no hash; opening it says why.
  const file = { path, sha256: await sha256OfFile(path).catch(() => '') };
  try {
    return { ...(await context.run(probeFile, { file, extension: extname(path).toLowerCase() })), path };
  } catch (error) {
    if (error instanceof ItemError) return file;
    throw error;
  }
}

function labelsOf({ path, video, audio }: Media, label: Truth | undefined): Labels {
  if (!label) return {};
  // A damaged file is labelled by its name, so that its failure is counted where its score is missing.
  const damaged = !video && !audio;
  const isRecording = damaged ? /\.(wav|flac|mp3|ogg|m4a)$/i.test(path) : !video;
  if (isRecording) return { audio: label };
  if (label === 'fake') return { video: 'fake' };
  return audio || damaged ? { video: 'real', audio: 'real', pairing: 'real' } : { video: 'real' };
}

/** All media files below the folder. */
async function* entriesOfTree(root: string, { licence }: FolderOptions): AsyncGenerator<Entry> {
  for await (const file of filesBelow(root, '')) {
    const steps = file.split('/');
    const label = steps.length > 1 && (steps[0] === 'real' || steps[0] === 'fake') ? steps[0] : undefined;
    const [person] = steps.slice(label ? 1 : 0, -1);
    yield { file, identity: person ?? parse(file).name, licence, ...(label ? { label } : {}) };
  }
}

async function* filesBelow(root: string, folder: string): AsyncGenerator<string> {
  const found = await readdir(join(root, folder), { withFileTypes: true }).catch((cause: unknown) => {
    throw new UserError(
      `data set "folder": ${join(root, folder)} cannot be read (${(cause as Error).message})`,
      { cause },
    );
  });
  const visible = found.filter((entry) => !entry.name.startsWith('.'));
  for (const entry of visible.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else if (entry.isFile() && mediaExtensions.includes(extname(entry.name).toLowerCase())) yield path;
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
  const inside = join(root, csv);
  const table = isAbsolute(csv) || !(await lstat(inside).catch(() => undefined)) ? resolve(csv) : inside;
  const text = await readFile(table, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      `data set "folder": ${table} cannot be read (${(cause as Error).message}); looked for it in ${root} too. Set dataset.csv`,
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
  for (const { line, fields } of rows.filter(({ fields }) => fields.some((field) => field !== ''))) {
    const row: Row = Object.fromEntries(head.fields.map((column, i) => [column, fields[i] ?? '']));
    const file = tidy(row.file ?? '');
    const reason =
      fields.length > head.fields.length
        ? `${fields.length} fields under ${head.fields.length} columns`
        : await mistakeOf(root, file, row.label);
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

async function mistakeOf(root: string, file: string, label = ''): Promise<string | undefined> {
  if (!['', 'real', 'fake'].includes(label)) return `label "${label}": expected real, fake or nothing`;
  if (file === '') return 'no file named';
  if (!mediaExtensions.includes(extname(file).toLowerCase()))
    return `${file}: not a kind of file that is read (${mediaExtensions.join(' ')})`;
  const real = await realpath(resolve(root, file)).catch(() => undefined);
  if (!real) return `${file}: no such file in ${root}`;
  if (isAbsolute(file) || real !== join(root, file) || !real.startsWith(root + sep))
    return `${file}: must lie inside the folder and be reached without symbolic links`;
  return (await lstat(real)).isFile() ? undefined : `${file}: not a file`;
}

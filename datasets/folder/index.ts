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
import { join } from 'node:path';
import { unlessItemError, UserError } from '../../src/errors.ts';
import { trackFaces } from '../../src/faces/track-faces.ts';
import { partOfFilm } from '../../src/film-parts.ts';
import { madeAhead, probed } from '../../src/listed/probed.ts';
import { findFolder } from '../../src/listed/tree.ts';
import { kindOf, mediaExtensions } from '../../src/media/formats.ts';
import { cutFilm } from '../../src/pipeline/cut.job.ts';
import { isGenuine } from '../../src/pipeline/items.ts';
import { plural } from '../../src/reports/format.ts';
import type { Clip, Context, Dataset, Item, Labels, Media, Truth } from '../../src/types.ts';
import { entriesOfTree } from './below.ts';
import { type FolderOptions, type Found, options } from './options.ts';
import { entriesOfTable, refuseAttributes } from './table.ts';

export type { FolderOptions };

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
      remarks: await remarksOn(entries()),
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
  const kind = video || audio ? undefined : kindOf(path);
  const hasPicture = video ?? (kind === 'video' || kind === 'photo');
  const hasSound = audio ?? (kind === 'video' || kind === 'audio');
  if (!hasPicture) return { audio: label };
  if (label === 'fake') return { video: 'fake' };
  return hasSound ? { video: 'real', audio: 'real', pairing: 'real' } : { video: 'real' };
}

/** What a reader of figures must know: nothing was said of some files, and generators are fitted on them. */
async function remarksOn(entries: AsyncIterable<Found> | Iterable<Found>): Promise<string[]> {
  let [all, without] = [0, 0];
  for await (const { label } of entries) {
    all++;
    if (!label) without++;
  }
  if (without === 0) return [];
  const [have, are] = without === 1 ? ['has', 'is'] : ['have', 'are'];
  return [`${without} of ${plural(all, 'file')} ${have} no label and ${are} taken for genuine`];
}

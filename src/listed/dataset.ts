/**
 * Data sets that bring lists of their own, of real clips and of fakes. Each says what its lists name (`Entry`); what all have in common is
 * here: what is missing, who stands in which part of the split, which clips are drawn, and a clip of each file once it is asked for.
 */
import { join } from 'node:path';
import { ItemError, unlessItemError } from '../errors.ts';
import { packFrames } from '../media/pack-frames.job.ts';
import { probe } from '../media/probe.ts';
import type { Clip, Context, Dataset, FileRef, Labels, ListedClip, Media } from '../types.ts';
import type { Entry, ListedSet } from './entry.ts';
import type { ListedOptions } from './options.ts';
import { failing } from './reason.ts';
import { hashed, madeAhead, probed, unreadable } from './probed.ts';
import { survey } from './survey.ts';
import { findFolder, openTree } from './tree.ts';

export function listedDataset<Options extends ListedOptions>(set: ListedSet<Options>): Dataset<Options> {
  const open = async (options: Options, context: Pick<Context, 'rng'>) => {
    const root = await findFolder(set.name, options.path, set.layout);
    return survey(set, openTree(set.name, root), options, context);
  };
  const list: Dataset<Options>['list'] = async (options, context) => {
    const { remarks, entries } = await open(options, context);
    return {
      remarks,
      async *clips() {
        for await (const { file: _, tree: __, listed: ___, ...clip } of entries())
          yield { ...clip, licence: options.licence };
      },
    };
  };
  return {
    name: set.name,
    cite: set.cite,
    options: set.options,
    list,
    async *clips(options, context) {
      const { tree, entries } = await open(options, context);
      yield* madeAhead(entries(), (entry) => toClip(entry, tree.root, options, set.fps?.(options), context));
    },
    async attributes(options, context) {
      const known = new Map<string, ListedClip['attributes']>();
      for await (const { id, attributes } of (await list(options, context)).clips())
        known.set(id, attributes);
      return ({ id }) => known.get(id) ?? {};
    },
  };
}

async function toClip(
  entry: Entry,
  root: string,
  { licence }: ListedOptions,
  fps: number | undefined,
  context: Context,
): Promise<Clip> {
  const { file, tree, listed: _, labels, attributes: __, ...item } = entry;
  const pathOf = (place: string): string => join(tree?.root ?? root, place);
  const media =
    typeof file === 'string'
      ? await probed(pathOf(file), context)
      : await packed(file.map(pathOf), fps ?? 1, context);
  return { ...item, labels: thoseOf(media, labels), licence, media, use: 'score' };
}

/** What is not there has no label. A damaged file keeps all, so that its failure is counted where its score is missing. */
function thoseOf({ video, audio }: Media, labels: Labels): Labels {
  if (!video && !audio) return labels;
  const { video: picture, audio: sound, pairing, spans } = labels;
  return {
    ...(picture && video ? { video: picture } : {}),
    ...(sound && audio ? { audio: sound } : {}),
    ...(pairing && video && audio ? { pairing } : {}),
    ...(spans ? { spans } : {}),
  };
}

/** So many pictures of a clip are open at once, beside those of the clips that are made ahead. */
const mostOpen = 16;

/** The film of single pictures; where one of them cannot be read, that one, whose cause is told when it is opened; where all can, the first one with the reason why they make no film. */
async function packed(paths: string[], fps: number, context: Context): Promise<Media> {
  const pictures: FileRef[] = [];
  for await (const picture of madeAhead(paths, hashed, mostOpen - 1)) {
    if (picture instanceof ItemError) return unreadable(paths[pictures.length]!, picture);
    pictures.push(picture);
  }
  try {
    return await context.run(packFrames, { pictures, fps });
  } catch (error) {
    if (!(error instanceof ItemError)) throw error;
    for (const picture of pictures) if (!(await isWhole(picture))) return picture;
    return failing(pictures[0]!, error);
  }
}

const isWhole = ({ path }: FileRef): Promise<boolean> =>
  probe(path).then(
    () => true,
    (error: unknown) => unlessItemError(error) ?? false,
  );

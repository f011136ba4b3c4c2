/**
 * FaceForensics++ as its download script leaves it: `original_sequences/youtube/<compression>/videos/033.mp4` and
 * `manipulated_sequences/<manipulation>/<compression>/videos/033_097.mp4`, the face of 097 in the video of 033. The official split lies beside its
 * code (`dataset/splits/{train,val,test}.json`): pairs of videos, of which both directions were made. Sources are videos; nobody has said who is
 * in them. Nothing is said of sound, which the published videos do not have.
 *
 * `DeepFakeDetection` is of actors, with originals of its own (`original_sequences/actors`) and without a split: all of it is `test`.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../src/errors.ts';
import { listedDataset } from '../src/listed/dataset.ts';
import { type Entry, namedOtherwise } from '../src/listed/entry.ts';
import { actorSources, partNames, youtubeSources } from '../src/listed/names.ts';
import { eachOnce, listedOptions } from '../src/listed/options.ts';
import { requireFile, type Tree } from '../src/listed/tree.ts';
import { shown } from '../src/shown.ts';
import type { Split } from '../src/types.ts';

const ofPairs = ['Deepfakes', 'Face2Face', 'FaceSwap', 'NeuralTextures', 'FaceShifter'] as const;
const ofActors = 'DeepFakeDetection';

const options = z.strictObject({
  ...listedOptions('FaceForensics++'),
  compressions: eachOnce(['raw', 'c23', 'c40']).default(['c23']),
  manipulations: eachOnce([...ofPairs, ofActors]).default([
    'Deepfakes',
    'Face2Face',
    'FaceSwap',
    'NeuralTextures',
  ]),
});
type Options = z.infer<typeof options>;

const name = 'faceforensics';
const layout =
  'splits/{train,val,test}.json (of the repository, dataset/splits), original_sequences/{youtube,actors}/<compression>/videos, manipulated_sequences/<manipulation>/<compression>/videos';

export const faceforensics = listedDataset<Options>({
  name,
  cite: 'Rössler, Cozzolino, Verdoliva, Riess, Thies, Nießner: FaceForensics++, ICCV 2019; DeepFakeDetection: Dufour, Gully 2019',
  options,
  layout,
  whatLies,
  async *entries(tree, { splits, compressions, manipulations }, remark) {
    const pairwise = ofPairs.filter((manipulation) => manipulations.includes(manipulation));
    if (pairwise.length > 0) {
      const lists = await readSplits(tree, splits);
      for (const compression of compressions)
        for (const list of lists) yield* fromPairs(list, compression, pairwise);
    }
    if (manipulations.includes(ofActors))
      for (const compression of compressions) yield* fromActors(tree, compression, remark);
  },
});

const pairs = z.array(z.tuple([z.string().regex(/^\d{3}$/), z.string().regex(/^\d{3}$/)])).min(1);

type List = { split: Split; path: string; pairs: z.infer<typeof pairs> };

async function readSplits(tree: Tree, splits: readonly Split[]): Promise<List[]> {
  const lists: List[] = [];
  for (const split of splits) {
    const places = ['splits', 'dataset/splits', '.'].map((folder) => `${folder}/${partNames[split]}.json`);
    const path = await requireFile({ name, layout }, tree, ...places);
    lists.push({ split, path, pairs: pairsIn(await readFile(path, 'utf8'), path) });
  }
  return lists;
}

/** Of the options that say what is fetched, what is there: `youtube: c23; Deepfakes: c23, c40`. */
async function whatLies(tree: Tree): Promise<string | undefined> {
  const found: string[] = [];
  for (const around of ['original_sequences', 'manipulated_sequences'])
    for (const folder of await tree.folders(around)) {
      const compressions = await tree.folders(`${around}/${folder}`);
      if (compressions.length > 0) found.push(`${shown(folder)}: ${compressions.map(shown).join(', ')}`);
    }
  if (found.length > 0)
    return `dataset.compressions and dataset.manipulations to what lies there (${found.join('; ')})`;
  return undefined;
}

function pairsIn(text: string, path: string): z.infer<typeof pairs> {
  try {
    return pairs.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (cause) {
    throw new UserError(`${path}: not a list of pairs of videos like [["953","974"], …]`, { cause });
  }
}

function* fromPairs(
  { split, path, pairs: all }: List,
  compression: string,
  manipulations: readonly string[],
): Generator<Entry> {
  const entry = (folder: string, origin: string, id: string, truth: 'real' | 'fake'): Entry => ({
    id: `${origin === name ? 'original' : origin}/${compression}/${id}`,
    file: `${folder}/${compression}/videos/${id}.mp4`,
    sources: youtubeSources(id)!,
    labels: { video: truth },
    origin,
    split,
    listed: path,
    attributes: { compression },
  });
  for (const id of all.flat()) yield entry('original_sequences/youtube', name, id, 'real');
  for (const manipulation of manipulations)
    for (const [a, b] of all)
      for (const id of [`${a}_${b}`, `${b}_${a}`])
        yield entry(`manipulated_sequences/${manipulation}`, manipulation, id, 'fake');
}

async function* fromActors(
  tree: Tree,
  compression: string,
  remark: (sentence: string) => void,
): AsyncGenerator<Entry> {
  for (const [folder, truth] of [
    ['original_sequences/actors', 'real'],
    [`manipulated_sequences/${ofActors}`, 'fake'],
  ] as const) {
    const videos = `${folder}/${compression}/videos`;
    const files = (await tree.files(videos)).filter((file) => file.endsWith('.mp4'));
    let odd: string | undefined;
    for (const file of files) {
      const id = file.slice(0, -'.mp4'.length);
      const known = actorSources(id);
      if (!known || (known.sources.length === 1) !== (truth === 'real')) {
        odd ??= file;
        continue;
      }
      yield {
        id: `${truth === 'real' ? 'actors' : ofActors}/${compression}/${id}`,
        file: `${videos}/${file}`,
        sources: known.sources,
        labels: { video: truth },
        origin: truth === 'real' ? name : ofActors,
        split: 'test',
        attributes: { compression, scene: known.scene },
      };
    }
    if (odd !== undefined) remark(namedOtherwise(videos, odd));
  }
}

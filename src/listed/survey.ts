/** One look at everything that a data set lists: which files are missing, who stands in which part of its split, which clips are drawn. */
import { UserError } from '../errors.ts';
import { nextTurn } from '../pipeline/turn.ts';
import type { Context } from '../types.ts';
import type { Entry, ListedSet } from './entry.ts';
import type { ListedOptions } from './options.ts';
import { createContentCheck, createDraw, createFileCount, createSplitCheck } from './tallies.ts';
import { type Tree, whatIsThere } from './tree.ts';

export type Survey = {
  tree: Tree;
  remarks: string[];
  /** What will be read: of the parts asked for, there, and drawn where there is a limit. */
  entries(): AsyncIterable<Entry>;
};

/** So many entries are looked for at once; between two such batches the event loop has its go. */
const batchSize = 250;

/**
 * @throws UserError where nothing is listed; where files are missing and not to be skipped, or all of a part; where a clip stands in the lists twice; where people
 * or recordings stand in more than one part and the split is not to be kept as published.
 */
export async function survey<Options extends ListedOptions>(
  set: ListedSet<Options>,
  tree: Tree,
  options: Options,
  context: Pick<Context, 'rng'>,
): Promise<Survey> {
  const remarks = new Set<string>();
  const files = createFileCount(tree.root);
  const contents = createContentCheck();
  const splits = createSplitCheck(set.name);
  const draw = createDraw(set.name, options.clipsPerOrigin, context);
  for await (const batch of batchesOf(set, tree, options, (sentence) => remarks.add(sentence))) {
    const there = await Promise.all(batch.map((entry) => isThere(entry, tree)));
    for (const [i, entry] of batch.entries()) {
      splits.see(entry);
      contents.see(entry, there[i]!);
      files.see(entry, there[i]!, !there[i] && (await isLinked(entry, tree)));
      if (there[i]) draw.see(entry);
    }
  }
  if (files.listed() === 0) throw await nothingListed(set, tree, options);
  const told = files.missing();
  const emptied = contents.emptied();
  if (told && (options.missing === 'refuse' || emptied)) {
    const remedy = remedyFor(files.found() === 0, emptied, await set.whatLies?.(tree));
    throw new UserError(
      `data set "${set.name}": ${told} below ${files.where()}. Looked for ${set.layout}; symbolic links are not followed. ${remedy}`,
    );
  }
  if (told) remarks.add(`${told}, and left out`);
  for (const remark of contents.remarks(options.splits)) remarks.add(remark);
  const shared = splits.shared();
  if (shared && !options.publishedSplit)
    throw new UserError(
      `data set "${set.name}": ${shared}: a detector would be asked about those it learned from. Take one part (dataset.splits: [test]), or keep the split as published (dataset.publishedSplit: true), which the record then says`,
    );
  if (shared)
    remarks.add(
      `the split is kept as published, although ${shared}: figures on it say less about those whom nobody has seen`,
    );
  return {
    tree,
    remarks: [...remarks],
    async *entries() {
      for await (const batch of batchesOf(set, tree, options, () => {}))
        for (const entry of batch)
          if (draw.takes(entry) && (!told || (await isThere(entry, tree)))) yield entry;
    },
  };
}

/** The entries of the parts asked for. */
async function* batchesOf<Options extends ListedOptions>(
  set: ListedSet<Options>,
  tree: Tree,
  options: Options,
  remark: (sentence: string) => void,
): AsyncGenerator<Entry[]> {
  let batch: Entry[] = [];
  for await (const entry of set.entries(tree, options, remark)) {
    if (options.splits.includes(entry.split)) batch.push(entry);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
    await nextTurn();
  }
  yield batch;
}

async function isThere({ file, tree: own }: Entry, tree: Tree): Promise<boolean> {
  if (typeof file === 'string') return (own ?? tree).has(file);
  for (const picture of file) if (!(await (own ?? tree).has(picture))) return false;
  return file.length > 0;
}

async function isLinked({ file, tree: own }: Entry, tree: Tree): Promise<boolean> {
  for (const one of typeof file === 'string' ? [file] : file)
    if (await (own ?? tree).isLinked(one)) return true;
  return false;
}

/** What to do about missing files. `emptied`: the parts of which none is there. */
function remedyFor(none: boolean, emptied: string, lies: string | undefined): string {
  const others = lies ? `, or ${lies}` : '';
  if (none) return `Fetch them, or set dataset.path${others}`;
  if (emptied)
    return `Nothing of ${emptied} is there: fetch it, or set dataset.splits to the other parts${others}`;
  return `Fetch the rest, or go on without it: dataset.missing: skip${lies ? `, or set ${lies}` : ''}`;
}

async function nothingListed(
  { name, layout, whatLies }: Pick<ListedSet<never>, 'name' | 'layout' | 'whatLies'>,
  tree: Tree,
  { splits }: ListedOptions,
): Promise<UserError> {
  const remedies = [
    'dataset.path to the folder of the data set',
    (await whatLies?.(tree)) ?? [],
    splits.length < 3 ? 'dataset.splits to a part that it has' : [],
  ].flat();
  return new UserError(
    `data set "${name}": ${tree.root} holds nothing of the parts asked for. Looked for ${layout}; ${await whatIsThere(tree)}. Set ${remedies.join(', or ')}`,
  );
}

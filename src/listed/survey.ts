/** One look at everything that a data set lists: which files are missing, who stands in which part of its split, which clips are drawn. */
import { UserError } from '../errors.ts';
import { nextTurn } from '../pipeline/turn.ts';
import type { Context, Split } from '../types.ts';
import type { Entry, ListedSet } from './entry.ts';
import type { ListedOptions } from './options.ts';
import { type Tree, whatIsThere } from './tree.ts';

export type Survey = {
  tree: Tree;
  remarks: string[];
  /** What will be read: of the parts asked for, there, and drawn where there is a limit. */
  entries(): AsyncIterable<Entry>;
};

/** So many entries are looked for at once; between two such batches the event loop has its go. */
const batchSize = 250;
/** So many names stand in a message. */
const namesShown = 3;

/**
 * @throws UserError where nothing is listed; where files are missing and not to be skipped; where a clip stands in the lists twice; where people
 * or recordings stand in more than one part and the split is not to be kept as published.
 */
export async function survey<Options extends ListedOptions>(
  set: ListedSet<Options>,
  tree: Tree,
  options: Options,
  context: Pick<Context, 'rng'>,
): Promise<Survey> {
  const remarks = new Set<string>();
  const files = createFileCount();
  const splits = createSplitCheck(set.name);
  const draw = createDraw(set.name, options.clipsPerOrigin, context);
  for await (const batch of batchesOf(set, tree, options, (sentence) => remarks.add(sentence))) {
    const there = await Promise.all(batch.map((entry) => isThere(entry, tree)));
    for (const [i, entry] of batch.entries()) {
      splits.see(entry);
      if (files.see(entry, there[i]!)) draw.see(entry);
    }
  }
  await refuseEmpty(set, tree, files.listed());
  const told = files.missing();
  if (told && (options.missing === 'refuse' || files.found() === 0))
    throw new UserError(
      `data set "${set.name}": ${told} below ${tree.root}. Looked for ${set.layout}; symbolic links are not followed. Fetch the rest${files.found() > 0 ? ', or go on without it: dataset.missing: skip' : ', or set dataset.path'}`,
    );
  if (told) remarks.add(`${told}, and left out`);
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

async function refuseEmpty(
  { name, layout }: Pick<ListedSet<never>, 'name' | 'layout'>,
  tree: Tree,
  count: number,
): Promise<void> {
  if (count === 0)
    throw new UserError(
      `data set "${name}": ${tree.root} holds nothing of the parts asked for. Looked for ${layout}; ${await whatIsThere(tree)}. Set dataset.path to the folder of the data set, or dataset.splits to a part that it has`,
    );
}

/** Counts what is listed and there, by origin, and keeps the first names of what is not. */
function createFileCount() {
  const origins = new Map<string, { listed: number; missing: number }>();
  const names: string[] = [];
  const sum = (what: 'listed' | 'missing'): number =>
    [...origins.values()].reduce((total, one) => total + one[what], 0);
  return {
    see({ origin, file, id }: Entry, found: boolean): boolean {
      const own = origins.get(origin) ?? { listed: 0, missing: 0 };
      origins.set(origin, own);
      own.listed++;
      if (found) return true;
      own.missing++;
      if (names.length < namesShown) names.push(typeof file === 'string' ? file : `pictures of ${id}`);
      return false;
    },
    listed: () => sum('listed'),
    found: () => sum('listed') - sum('missing'),
    /** `12 of 518 listed files are missing (…)`; nothing where all are there. */
    missing(): string | undefined {
      const missing = sum('missing');
      if (missing === 0) return undefined;
      const by = [...origins].flatMap(([origin, one]) =>
        one.missing > 0 ? [`${one.missing} of ${one.listed} of ${shown(origin)}`] : [],
      );
      const more = missing > names.length ? ', …' : '';
      return `${missing} of ${sum('listed')} listed clips are missing (${by.join(', ')}; ${names.map(shown).join(', ')}${more})`;
    },
  };
}

const parts: Record<Split, number> = { train: 1, validation: 2, test: 4 };
const partsIn = (mask: number): string =>
  (Object.keys(parts) as Split[]).filter((split) => (mask & parts[split]) > 0).join(' and ');

/** Notes who stands where. @throws UserError when the same clip is seen twice. */
function createSplitCheck(name: string) {
  const clips = new Map<string, Split>();
  const sources = new Map<string, number>();
  return {
    see({ id, split, sources: own }: Entry): void {
      const before = clips.get(id);
      if (before !== undefined)
        throw new UserError(
          `data set "${name}": ${shown(id)} is listed twice, ${before === split ? `both times in ${split}` : `in ${before} and in ${split}: a detector would be asked about what it learned from. Take one part: dataset.splits: [test]`}`,
        );
      clips.set(id, split);
      for (const source of own) sources.set(source, (sources.get(source) ?? 0) | parts[split]);
    },
    /** `3 of 80 people or recordings are in more than one part (…)`; nothing where each is in one. */
    shared(): string | undefined {
      const found = [...sources].filter(([, mask]) => ![1, 2, 4].includes(mask));
      if (found.length === 0) return undefined;
      const first = found
        .slice(0, namesShown)
        .map(([source, mask]) => `${shown(source)} in ${partsIn(mask)}`);
      const verb = found.length === 1 ? 'is' : 'are';
      return `${found.length} of ${sources.size} people or recordings ${verb} in more than one part of its split (${first.join(', ')}${found.length > namesShown ? ', …' : ''})`;
    },
  };
}

/** Of each origin in each part those with the lowest of numbers drawn by their ids: more files leave the others as they are. */
function createDraw(name: string, most: number | undefined, context: Pick<Context, 'rng'>) {
  const numbers = new Map<string, number[]>();
  const groupOf = ({ origin, split }: Entry): string => JSON.stringify([origin, split]);
  const numberOf = ({ id }: Entry): number => context.rng('drawn clips', name, id).uniform();
  const limits = new Map<string, number>();
  return {
    see(entry: Entry): void {
      if (most === undefined) return;
      const group = groupOf(entry);
      const own = numbers.get(group) ?? [];
      numbers.set(group, own);
      own.push(numberOf(entry));
    },
    takes(entry: Entry): boolean {
      if (most === undefined) return true;
      const group = groupOf(entry);
      let limit = limits.get(group);
      if (limit === undefined) {
        limit = numbers.get(group)?.toSorted((a, b) => a - b)[most - 1] ?? 1;
        limits.set(group, limit);
      }
      return numberOf(entry) <= limit;
    },
  };
}

/** A name from a file or a disk in a message of one line: short, control characters escaped. */
export const shown = (name: string): string => {
  const short = name.length > 120 ? `${name.slice(0, 120)}…` : name;
  return /[\p{Cc}\u2028\u2029"]/u.test(short) ? JSON.stringify(short) : short;
};

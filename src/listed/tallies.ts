/** What is noted of the clips of a data set while all that it lists is gone through once. */
import { UserError } from '../errors.ts';
import { isGenuine } from '../pipeline/items.ts';
import { shown } from '../shown.ts';
import type { Context, Split } from '../types.ts';
import type { Entry } from './entry.ts';

/** So many names stand in a message. */
const namesShown = 3;

/** Counts what is listed and there, by origin, and keeps the first names of what is not. `root`: where lies what has no tree of its own. */
export function createFileCount(root: string) {
  const origins = new Map<string, { listed: number; missing: number }>();
  const names: string[] = [];
  const roots = new Set<string>();
  let links = 0;
  const sum = (what: 'listed' | 'missing'): number =>
    [...origins.values()].reduce((total, one) => total + one[what], 0);
  return {
    see({ origin, file, id, tree }: Entry, found: boolean, linked: boolean): void {
      const own = origins.get(origin) ?? { listed: 0, missing: 0 };
      origins.set(origin, own);
      own.listed++;
      if (found) return;
      own.missing++;
      roots.add(tree?.root ?? root);
      if (linked) links++;
      if (names.length < namesShown) names.push(typeof file === 'string' ? file : `pictures of ${id}`);
    },
    listed: () => sum('listed'),
    found: () => sum('listed') - sum('missing'),
    /** The folders below which something is missing: `/data/a and /data/b`. */
    where: () => new Intl.ListFormat('en-GB').format(roots),
    /** `12 of 518 listed clips are missing (…)`; nothing where all are there. */
    missing(): string | undefined {
      const missing = sum('missing');
      if (missing === 0) return undefined;
      const by = [...origins].flatMap(([origin, one]) =>
        one.missing > 0 ? [`${one.missing} of ${one.listed} of ${shown(origin)}`] : [],
      );
      const more = missing > names.length ? ', …' : '';
      const linked =
        links > 0 ? ` (${links} of them ${links === 1 ? 'is a symbolic link' : 'are symbolic links'})` : '';
      return `${missing} of ${sum('listed')} listed clips are missing (${by.join(', ')}; ${names.map(shown).join(', ')}${more})${linked}`;
    },
  };
}

const parts: Record<Split, number> = { train: 1, validation: 2, test: 4 };
const partsIn = (mask: number): string =>
  new Intl.ListFormat('en-GB').format(
    (Object.keys(parts) as Split[]).filter((split) => (mask & parts[split]) > 0),
  );

/** Notes in which parts there is anything listed, real and fake. */
export function createContentCheck() {
  const masks = { listed: 0, real: 0, fake: 0 };
  const all = (splits: readonly Split[]): number => splits.reduce((mask, split) => mask | parts[split], 0);
  return {
    see(entry: Entry, found: boolean): void {
      masks.listed |= parts[entry.split];
      if (found) masks[isGenuine(entry) ? 'real' : 'fake'] |= parts[entry.split];
    },
    /** The parts of which nothing that is listed is there; '' where there are none. */
    emptied: () => partsIn(masks.listed & ~(masks.real | masks.fake)),
    /** What a reader of figures must know: parts that were asked for and hold nothing, or nothing to tell apart. */
    remarks(splits: readonly Split[]): string[] {
      const { listed, real, fake } = masks;
      return [
        ['listed', all(splits) & ~listed] as const,
        ['fake', real & ~fake] as const,
        ['real', fake & ~real] as const,
      ].flatMap(([what, mask]) => (mask > 0 ? [`nothing of ${partsIn(mask)} is ${what}`] : []));
    },
  };
}

/** Notes who stands where. @throws UserError when the same clip is seen twice. */
export function createSplitCheck(name: string) {
  const clips = new Map<string, Split>();
  const sources = new Map<string, number>();
  return {
    see({ id, split, sources: own, listed }: Entry): void {
      const before = clips.get(id);
      const where = listed ? ` (again at ${listed})` : '';
      if (before !== undefined)
        throw new UserError(
          `data set "${name}": ${shown(id)} is listed twice, ${before === split ? `both times in ${split}${where}. Remove one of the two` : `in ${before} and in ${split}${where}: a detector would be asked about what it learned from. Take one part: dataset.splits: [test]`}`,
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
export function createDraw(name: string, most: number | undefined, context: Pick<Context, 'rng'>) {
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

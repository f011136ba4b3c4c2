/**
 * What reviewers of a screening service decided: released files are real, confirmed ones fake. `path` is the service's folder, or one that was exported from it (`reviewed.csv`
 * and `files/`). What rests on an opinion was perhaps formed by a detector's score, so it is learned from and never asked about: in `test` stand only files whose original was found
 * or whose maker admitted it. Near copies lie in one split. Who is in a file, nobody has said: two files of one person may lie in two.
 */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../src/errors.ts';
import { groupBy } from '../src/group.ts';
import { madeAhead, probed } from '../src/listed/probed.ts';
import { findFolder, openTree, requireFile } from '../src/listed/tree.ts';
import { mediaExtensions } from '../src/media/formats.ts';
import { filledRows } from '../src/records/csv.ts';
import { reviewedColumns, reviewedIn, type ReviewedItem, reviewedTable } from '../src/screening/reviewed.ts';
import { isServiceFolder } from '../src/screening/service-folder.ts';
import { quoted, shown } from '../src/shown.ts';
import type { Context, Dataset, Item, Split } from '../src/types.ts';
import { labelsOf } from './folder/index.ts';

const options = z.strictObject({
  /** The folder of a screening service, or of an export, relative to where the command runs. */
  path: z.string().min(1).default('screening'),
  /** What you may use the files under. While it is `unknown`, generators refuse them; that somebody sent a file in says nothing. */
  licence: z.string().min(1).default('unknown'),
  /** Share of the groups of near copies that may be asked about which are. */
  testShare: z.number().min(0).max(1).default(0.5),
  /** Share of the others by which epochs and thresholds are chosen. */
  validationShare: z.number().min(0).max(1).default(0.3),
});
type ReviewedOptions = z.infer<typeof options>;

const layout =
  'the folder of a screening service (store.db, vault/), or an export of one (reviewed.csv, files/)';
type Given = ReviewedItem & Omit<Item, 'labels'>;

export const reviewed: Dataset<ReviewedOptions> = {
  name: 'reviewed',
  cite: 'files that reviewers of the screening service decided about',
  options,
  async *clips(chosen, context) {
    const { root, items } = await open(chosen, context);
    yield* madeAhead(items, async (item) => {
      const media = await probed(join(root, item.file), context);
      return { ...itemOf(item), labels: labelsOf(media, item.label), media, use: 'score' };
    });
  },
  async list(chosen, context) {
    const { items, remarks } = await open(chosen, context);
    return {
      remarks,
      async *clips() {
        for (const item of items)
          yield {
            ...itemOf(item),
            attributes: { basis: item.basis },
            labels: labelsOf({ path: item.file }, item.label),
          };
      },
    };
  },
  async attributes(chosen, context) {
    const { items } = await open(chosen, context);
    const bases = new Map(items.map(({ id, basis }) => [id, basis]));
    return ({ id }) => ({ basis: bases.get(id)! });
  },
};

const itemOf = ({ id, sources, origin, split, licence }: Given): Omit<Item, 'labels'> => ({
  id,
  sources,
  origin,
  split,
  licence,
});

/** Everything decided that can be opened, by hash. @throws UserError where there is nothing, or the table has mistakes. */
async function open(
  { path, licence, testShare, validationShare }: ReviewedOptions,
  context: Pick<Context, 'rng'>,
): Promise<{ root: string; items: Given[]; remarks: string[] }> {
  const root = await findFolder('reviewed', path, layout);
  const { items, erased } = isServiceFolder(root)
    ? await reviewedIn(root)
    : { items: await readTable(root), erased: 0 };
  const readable = items.filter(({ file }) => mediaExtensions.includes(extname(file)));
  if (readable.length === 0)
    throw new UserError(
      `data set "reviewed": ${root} holds no decided file that can be read. Looked for ${layout}`,
    );
  const splits = new Map(
    [...groupBy(readable, ({ group }) => group)].map(([group, members]) => {
      const draw = context.rng('reviewed', group);
      const mayTest = members.every(({ basis }) => basis !== 'opinion') && draw.uniform() < testShare;
      const split: Split = mayTest ? 'test' : draw.uniform() < validationShare ? 'validation' : 'train';
      return [group, split];
    }),
  );
  const remarks = [
    'who is in these files is not known: one person may stand in two splits',
    ...(erased > 0 ? [`of ${erased} decided files the bytes are deleted`] : []),
    ...(readable.length < items.length
      ? [`${items.length - readable.length} decided files are of no kind that is read`]
      : []),
  ];
  return {
    root,
    remarks,
    items: readable.map((item) => ({
      ...item,
      id: item.sha256,
      sources: [item.group],
      // Who made a fake that came in is not known.
      origin: item.label === 'real' ? 'reviewed' : 'unknown maker',
      split: splits.get(item.group)!,
      licence,
    })),
  };
}

/** @throws UserError with the first mistake as `table:line: reason`. */
async function readTable(root: string): Promise<ReviewedItem[]> {
  const tree = openTree('reviewed', root);
  const table = await requireFile({ name: 'reviewed', layout }, tree, reviewedTable);
  const [head, ...rows] = filledRows(await readFile(table, 'utf8'), table);
  if (head?.fields.join() !== reviewedColumns.join())
    throw new UserError(`${table}:1: the first line must be ${reviewedColumns.join()}`);
  const items = new Map<string, ReviewedItem>();
  for (const { line, fields } of rows) {
    const refuse = (reason: string): never => {
      throw new UserError(`${table}:${line}: ${reason}. Export it again, or mend the table`);
    };
    const parsed = row.safeParse(Object.fromEntries(reviewedColumns.map((column, i) => [column, fields[i]])));
    if (!parsed.success || fields.length !== reviewedColumns.length)
      return refuse(
        parsed.success
          ? 'expected five fields'
          : `${parsed.error.issues[0]!.path.join()}: ${parsed.error.issues[0]!.message}`,
      );
    const item = parsed.data;
    if (items.has(item.sha256)) refuse(`${quoted(item.sha256)} stands there twice`);
    if (!(await tree.has(item.file)))
      refuse(`${shown(item.file)}: no such file in ${root}, reached without links`);
    items.set(item.sha256, item);
  }
  return [...items.values()].toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
}

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256, 64 hex digits');
const row = z.object({
  file: z.string().min(1, 'expected a file'),
  sha256: hash,
  label: z.enum(['real', 'fake'], 'expected real or fake'),
  basis: z.enum(['original-found', 'admission', 'opinion'], 'expected original-found, admission or opinion'),
  group: hash,
});

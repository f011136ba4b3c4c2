/** A table of files and what is known of them: `file,identity,label,licence`, and columns by which results are sliced. */
import { lstat, readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, parse, resolve } from 'node:path';
import { didYouMean, UserError } from '../../src/errors.ts';
import { openTree, tidy, type Tree } from '../../src/listed/tree.ts';
import { mediaExtensions } from '../../src/media/formats.ts';
import { filledRows } from '../../src/records/csv.ts';
import { itemColumns } from '../../src/records/item-table.ts';
import { quoted, shown } from '../../src/shown.ts';
import type { Attributes, Truth } from '../../src/types.ts';
import type { FolderOptions, Found } from './options.ts';

const columns = ['file', 'identity', 'label', 'licence'] as const;
type Row = Partial<Record<string, string>> & Partial<Record<(typeof columns)[number], string>>;

/** @throws UserError where they cannot be columns of a table. */
export function refuseAttributes({ csv, attributes = [] }: FolderOptions): void {
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

/** The files of a table, in its order. @throws UserError with the first mistakes as `table:line: reason`, how many more, and what to do. */
export async function entriesOfTable(
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
  if (await hasAlike(tree, file))
    return `${shown(file)}: no such file in ${root}, but one whose name looks the same and is of other characters (é as one, or as e and an accent): rename it as it stands here, or write the table from the names in the folder`;
  const real = await realpath(resolve(root, file)).catch(() => undefined);
  if (!real) return `${shown(file)}: no such file in ${root}`;
  return (await lstat(real)).isFile()
    ? `${shown(file)}: must lie inside the folder and be reached without symbolic links`
    : `${shown(file)}: not a file`;
}

/** Whether a file lies there whose place is the same in Unicode's normal form C, as names from a Mac are of those that people type. */
async function hasAlike(tree: Tree, file: string): Promise<boolean> {
  if (/^[\x20-\x7e]*$/.test(file)) return false; // these have one form
  let folders = [''];
  const steps = tidy(file).split('/');
  for (const [i, step] of steps.entries()) {
    const isLast = i === steps.length - 1;
    const found: string[] = [];
    for (const folder of folders)
      for (const name of await (isLast ? tree.files(folder) : tree.folders(folder)))
        if (name.normalize() === step.normalize()) found.push(folder === '' ? name : `${folder}/${name}`);
    folders = found;
  }
  return folders.length > 0;
}

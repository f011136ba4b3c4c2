/**
 * `items.csv`: one row per test item, with the hash of what was judged, how a fake was driven, and one column per attribute that its data set recorded. With it,
 * results by driving and by slice can be computed again, and two runs know whether they judged the same.
 */
import { UserError } from '../errors.ts';
import type { Attributes, Driving } from '../types.ts';
import { formatCsv, parseCsv } from './csv.ts';

/** `sha256`: of the media file, absent of what could not be made and of scores that were brought. */
export type ItemRow = { id: string; sha256?: string; driving?: Driving; attributes: Attributes };

/** Columns that no attribute may be called. */
export const itemColumns = ['id', 'sha256', 'driving'] as const;

/** Text of `items.csv`; attributes stand in the order of their names, and an empty field is an attribute that nobody recorded. */
export function formatItems(rows: readonly ItemRow[]): string {
  const names = [...new Set(rows.flatMap(({ attributes }) => Object.keys(attributes)))].toSorted();
  const lines = rows.map(({ id, sha256 = '', driving = '', attributes }) => [
    id,
    sha256,
    driving,
    ...names.map((name) => (Object.hasOwn(attributes, name) ? attributes[name]! : '')),
  ]);
  return formatCsv([[...itemColumns, ...names], ...lines]);
}

/** The rows of an `items.csv` text. @throws UserError naming file and line of the first mistake. */
export function parseItems(text: string, where: string): ItemRow[] {
  const [header, ...lines] = parseCsv(text, where);
  if (header?.fields.slice(0, itemColumns.length).join() !== itemColumns.join())
    throw new UserError(`${where}:1: the header must begin with ${itemColumns.join()}`);
  const names = header.fields.slice(itemColumns.length);
  return lines.map(({ line, fields }) => {
    const [id, sha256, driving, ...values] = fields;
    if (!id || values.length !== names.length)
      throw new UserError(`${where}:${line}: an id and ${header.fields.length} fields are needed`);
    if (driving !== '' && driving !== 'same-person' && driving !== 'other-person')
      throw new UserError(`${where}:${line}: driving: "${driving}" is neither same-person nor other-person`);
    const recorded = names.flatMap((name, i) => (values[i] === '' ? [] : [[name, values[i]!] as const]));
    return {
      id,
      ...(sha256 ? { sha256 } : {}),
      ...(driving ? { driving } : {}),
      attributes: Object.fromEntries(recorded),
    };
  });
}

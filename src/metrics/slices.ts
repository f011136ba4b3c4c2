/** AUC on parts of the items: those of dark skin, those in another language. A detector may be good on the whole and bad on a part. */
import type { Attributes, Measured } from '../types.ts';
import { groupBy } from '../group.ts';
import { measureScores, type ScoredItem } from './detection.ts';
import type { ResamplingOptions } from './resampling.ts';

export type AttributedItem = ScoredItem & { attributes: Attributes };
export type Slice = {
  attribute: string;
  value: string;
  counts: { real: number; fake: number };
  auc: Measured;
};

/** More classes than this are no classes: a name, a number. */
export const mostValues = 12;

/** What is known of items, each attribute with the items of each of its values, in the order of their names. */
function byAttribute<T extends { attributes: Attributes }>(
  items: readonly T[],
): { attribute: string; byValue: [string, T[]][] }[] {
  const attributes = [...new Set(items.flatMap((item) => Object.keys(item.attributes)))].toSorted();
  return attributes.map((attribute) => {
    const known = items.filter((item) => Object.hasOwn(item.attributes, attribute));
    const byValue = [...groupBy(known, (item) => item.attributes[attribute]!)];
    return { attribute, byValue: byValue.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
  });
}

/** The items of every value of every attribute that has two values or more, in the order of their names. Real clips and fakes are both of the slice. */
export function slicesOf<T extends { attributes: Attributes }>(
  items: readonly T[],
): { attribute: string; value: string; items: T[] }[] {
  return byAttribute(items)
    .filter(({ byValue }) => byValue.length >= 2 && byValue.length <= mostValues)
    .flatMap(({ attribute, byValue }) => byValue.map(([value, own]) => ({ attribute, value, items: own })));
}

/** Attributes of too many values to slice by, with how many they have. */
export function tooFine(
  items: readonly { attributes: Attributes }[],
): { attribute: string; values: number }[] {
  return byAttribute(items)
    .filter(({ byValue }) => byValue.length > mostValues)
    .map(({ attribute, byValue }) => ({ attribute, values: byValue.length }));
}

/** AUC of each slice with its interval over the people in it, or the reason why it has none. `options` gives each slice the same stream. */
export function measureSlices(items: readonly AttributedItem[], options: () => ResamplingOptions): Slice[] {
  return slicesOf(items).map(({ attribute, value, items: own }) => {
    const fake = own.filter(({ truth }) => truth === 'fake').length;
    const { auc } = measureScores(own, options());
    return { attribute, value, counts: { real: own.length - fake, fake }, auc };
  });
}

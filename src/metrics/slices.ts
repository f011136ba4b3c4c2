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
const mostValues = 12;

/** The items of every value of every attribute that has two values or more, in the order of their names. Real clips and fakes are both of the slice. */
export function slicesOf<T extends { attributes: Attributes }>(
  items: readonly T[],
): { attribute: string; value: string; items: T[] }[] {
  const attributes = [...new Set(items.flatMap((item) => Object.keys(item.attributes)))].toSorted();
  return attributes.flatMap((attribute) => {
    const known = items.filter((item) => Object.hasOwn(item.attributes, attribute));
    const byValue = [...groupBy(known, (item) => item.attributes[attribute]!)];
    if (byValue.length < 2 || byValue.length > mostValues) return [];
    return byValue
      .map(([value, own]) => ({ attribute, value, items: own }))
      .toSorted((a, b) => (a.value < b.value ? -1 : 1));
  });
}

/** AUC of each slice with its interval over the people in it, or the reason why it has none. `options` gives each slice the same stream. */
export function measureSlices(items: readonly AttributedItem[], options: () => ResamplingOptions): Slice[] {
  return slicesOf(items).map(({ attribute, value, items: own }) => {
    const fake = own.filter(({ truth }) => truth === 'fake').length;
    const { auc } = measureScores(own, options());
    return { attribute, value, counts: { real: own.length - fake, fake }, auc };
  });
}

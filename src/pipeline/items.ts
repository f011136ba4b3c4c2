/** Items on their way through the line: each is either a clip that can be scored or a failure with its cause. */
import { ItemError } from '../errors.ts';
import type { Clip, Item, Judged, Truth } from '../types.ts';

export type Failure = { code: string; cause: string };
/** `generator` is who made the fake: a generator's label, or the origin of a fake that the data set brings along; real items have none. */
export type LineItem = { item: Item; generator?: string } & ({ clip: Clip } | { failure: Failure });

/** Runs `work` for one item; an ItemError becomes the item's failure, any other error is a bug and is thrown on. */
export async function orFailure(
  item: Item,
  generator: string | undefined,
  work: () => Promise<Clip>,
): Promise<LineItem> {
  const frame = generator === undefined ? { item } : { item, generator };
  try {
    return { ...frame, clip: await work() };
  } catch (error) {
    return { ...frame, failure: failureOf(error) };
  }
}

/** The value, or the reason in place of it where the item does not allow one (ItemError); other errors are thrown on. */
export function orReason<T>(value: Promise<T>): Promise<T | { reason: string }> {
  return value.catch((error: unknown) => ({ reason: failureOf(error).cause }));
}

/** The failure an ItemError stands for; throws anything else on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ItemError) return { code: error.code, cause: error.message };
  throw error;
}

/** Nothing is broken, the question does not fit the item. */
export const isNotApplicable = ({ code }: Failure): boolean => code === 'E_NOT_APPLICABLE';

/** The truth of what a detector judges; undefined where nobody knows it. `any`: fake as soon as one label is. */
export function truthOf({ labels }: Pick<Item, 'labels'>, judges: Judged): Truth | undefined {
  if (judges !== 'any') return labels[judges];
  const known = [labels.video, labels.audio, labels.pairing].filter((truth) => truth !== undefined);
  return known.includes('fake') ? 'fake' : known[0];
}

/**
 * The makers whose items a detector is asked about: those of which some are fake in what it judges, or not known to be real. It has
 * nothing to find in a puppet's sound or in a dubbed picture.
 */
export function makersFor(judges: Judged, items: readonly LineItem[]): Set<string> {
  return new Set(
    items.flatMap(({ item, generator }) =>
      generator !== undefined && truthOf(item, judges) !== 'real' ? [generator] : [],
    ),
  );
}

/** Nothing in it is known to be fake. */
export function isGenuine({ labels }: Pick<Item, 'labels'>): boolean {
  return truthOf({ labels }, 'any') !== 'fake';
}

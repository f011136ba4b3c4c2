/** Items on their way through the line: each is either a clip that can be scored or a failure with its cause. */
import { ItemError } from '../errors.ts';
import type { Clip, Item } from '../types.ts';

export type Failure = { code: string; cause: string };
/** `generator` is the label of the generator that made it; real items have none. */
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

/** The failure an ItemError stands for; throws anything else on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ItemError) return { code: error.code, cause: error.message };
  throw error;
}

/** Scores of frames summed up to clips, and of clips to the people in them. */
import { groupBy } from '../group.ts';
import type { Joined, JoinedItem } from './join.ts';

/** `frame` and `item` are the lines of the file as they are. */
export const levels = ['frame', 'item', 'clip', 'identity'] as const;
export type Level = (typeof levels)[number];

/** What the lines of the file are. */
export const ownLevel = ({ items }: Joined): Level =>
  items.length > 0 && items.every(({ clip }) => clip !== undefined) ? 'frame' : 'item';

/**
 * The mean score of each clip, or of each person's real and of each person's fake items. What was left out, and the coverage, are those of the lines. Undefined where the file does not say which clip or
 * whose an item is. Real and fake frames of one clip (a partial fake) are two items.
 */
export function meansOver(joined: Joined, level: 'clip' | 'identity'): Joined | undefined {
  // Frames of a clip of nobody named belong to the clip, which is then evidence of its own.
  const ofPeople = joined.grouped && joined.items.some(({ group, clip }) => group !== clip);
  if (level === 'clip' ? ownLevel(joined) !== 'frame' : !ofPeople) return undefined;
  const nameOf = ({ clip, group }: JoinedItem): string => (level === 'clip' ? clip! : group);
  const items = [...groupBy(joined.items, (item) => `${item.truth} ${nameOf(item)}`).values()].map(
    (own): JoinedItem => {
      // Many drivers are in a person's mean: none of them is its own.
      const { driver, ...first } = own[0]!;
      const score = own.reduce((sum, one) => sum + one.score, 0) / own.length;
      const shared = level === 'clip' && driver ? { driver } : {};
      return { ...first, ...shared, id: nameOf(first), score };
    },
  );
  return { ...joined, items, grouped: ofPeople };
}

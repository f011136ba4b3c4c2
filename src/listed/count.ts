/** How many clips there are of each kind, before any is opened. */
import type { Labels, ListedClip, Split } from '../types.ts';

/** Clips of one part and origin with the same labels. `sources`: how many people or recordings are in them. */
export type ListedCount = {
  split: Split;
  origin: string;
  labels: Omit<Labels, 'spans'>;
  clips: number;
  sources: number;
};

/** One count for each part, origin and labels: in the order of the parts, then as they come. */
export async function countListed(clips: AsyncIterable<ListedClip>): Promise<ListedCount[]> {
  const counts = new Map<string, Omit<ListedCount, 'sources'> & { people: Set<string> }>();
  for await (const { split, origin, labels, sources } of clips) {
    const { spans: _, ...plain } = labels;
    const key = JSON.stringify([split, origin, plain.video, plain.audio, plain.pairing]);
    const count = counts.get(key) ?? { split, origin, labels: plain, clips: 0, people: new Set() };
    counts.set(key, count);
    count.clips++;
    for (const source of sources) count.people.add(source);
  }
  const order: Split[] = ['train', 'validation', 'test'];
  return [...counts.values()]
    .toSorted((a, b) => order.indexOf(a.split) - order.indexOf(b.split))
    .map(({ people, ...count }) => ({ ...count, sources: people.size }));
}

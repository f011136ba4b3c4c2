import { personOf } from '../../src/pairs.ts';
import { repaintedLabels } from '../../src/pipeline/part.ts';
import type { Clip, Context, FakePlan } from '../../src/types.ts';
import type { FaceSwapOptions } from './options.ts';

/** Two by two in the order of appearance; an odd last one goes with the first. Nobody for one person alone. */
export function pairsOf(people: readonly string[]): [string, string][] {
  if (people.length < 2) return [];
  return people.filter((_, i) => i % 2 === 0).map((person, i) => [person, people[2 * i + 1] ?? people[0]!]);
}

export const peopleOf = (clips: readonly Clip[]): string[] => [...new Set(clips.map(personOf))];

/**
 * Which fakes are made of the clips of one split: every scored clip with a picture once, with the face of the person who makes a pair with the one
 * seen, so that both faces of a pair are swapped.
 */
export function planSwaps(
  clips: readonly Clip[],
  { part }: Pick<FaceSwapOptions, 'part'>,
  context: Pick<Context, 'rng'>,
): FakePlan[] {
  const seen = clips.filter((clip) => clip.use === 'score' && clip.media.video);
  const partner = new Map(
    pairsOf(peopleOf(seen))
      .flatMap(([a, b]) => [[b, a] as const, [a, b] as const])
      .toReversed(),
  );
  return seen.flatMap((target) => {
    const face = seen.find((clip) => personOf(clip) === partner.get(personOf(target)));
    if (!face) return [];
    return [
      {
        id: `${target.id}~${personOf(face)}`,
        target,
        face,
        labels: repaintedLabels(target, part, context),
      },
    ];
  });
}

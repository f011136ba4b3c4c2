/** Whose words go over whose picture: the pairs of clips that puppets and dubbed clips are made of. */
import type { Clip, Context, FakePlan } from './types.ts';

export type Pair = { target: Clip; driver: Clip; driving: NonNullable<FakePlan['driving']> };

/** The person seen in a clip. */
export const personOf = (clip: Pick<Clip, 'sources' | 'id'>): string => clip.sources[0] ?? clip.id;

/**
 * One pair for each scored clip with a picture. The driver is another scored clip with other words: for every second target clip of
 * a person one of the same person, for the rest one of someone else. Where there is one person only, or a person says one sentence
 * only, the other kind stands in; a clip without any driver is in no pair. Give the clips of one split at a time. `scope` names the draw.
 */
export function pairClips(clips: readonly Clip[], scope: string, context: Pick<Context, 'rng'>): Pair[] {
  const scored = clips.filter((clip) => clip.use === 'score');
  const people = [...new Set(scored.map(personOf))];
  return people.flatMap((person) => {
    const targets = scored.filter((clip) => personOf(clip) === person && clip.media.video);
    return targets.flatMap((target, i): Pair[] => {
      const drivers = scored.filter((clip) => clip.media.audio && !sameWords(clip, target));
      const own = drivers.filter((clip) => personOf(clip) === person);
      const others = drivers.filter((clip) => personOf(clip) !== person);
      const preferOwn = i % 2 === 0;
      const choice = (preferOwn && own.length > 0) || others.length === 0 ? own : others;
      if (choice.length === 0) return [];
      const driver = context.rng(scope, 'driver', target.id).pick(choice);
      return [{ target, driver, driving: choice === own ? 'same-person' : 'other-person' }];
    });
  });
}

/** Whether two clips are one, or say the same as far as known. */
function sameWords(a: Clip, b: Clip): boolean {
  if (a.id === b.id) return true;
  const words = ({ phones }: Clip): string => (phones ?? []).map(({ phone }) => phone).join(' ');
  return words(a) !== '' && words(a) === words(b);
}

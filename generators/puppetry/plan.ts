/** Which fakes are made: every scored clip of a person once as the target, saying another sentence. */
import type { Clip, Context, FakePlan } from '../../src/types.ts';

/**
 * One fake per scored clip. The driver is another scored clip of the same split with other words: for every second target
 * clip of a person one of the same person, for the rest one of someone else. Where a split has one person, or a person one
 * sentence, the other kind stands in; a clip without any driver gets no fake.
 */
export function planFakes(clips: Clip[], context: Pick<Context, 'rng'>): FakePlan[] {
  const scored = clips.filter((clip) => clip.use === 'score');
  const people = [...new Set(scored.map(personOf))];
  return people.flatMap((person) => {
    const targets = scored.filter((clip) => personOf(clip) === person && clip.media.video);
    return targets.flatMap((target, i): FakePlan[] => {
      const drivers = scored.filter((clip) => clip.media.audio && !sameWords(clip, target));
      const own = drivers.filter((clip) => personOf(clip) === person);
      const others = drivers.filter((clip) => personOf(clip) !== person);
      const preferOwn = i % 2 === 0;
      const choice = (preferOwn && own.length > 0) || others.length === 0 ? own : others;
      if (choice.length === 0) return [];
      const driver = context.rng('puppetry', 'driver', target.id).pick(choice);
      return [
        {
          id: `${target.id}~${driver.id}`,
          target,
          driver,
          labels: { video: 'fake', audio: 'real', pairing: 'fake' },
          driving: choice === own ? 'same-person' : 'other-person',
        },
      ];
    });
  });
}

/** The person seen in a clip. */
export const personOf = (clip: Clip): string => clip.sources[0] ?? clip.id;

/** Whether two clips are one, or say the same as far as known. */
function sameWords(a: Clip, b: Clip): boolean {
  if (a.id === b.id) return true;
  const words = ({ phones }: Clip): string => (phones ?? []).map(({ phone }) => phone).join(' ');
  return words(a) !== '' && words(a) === words(b);
}

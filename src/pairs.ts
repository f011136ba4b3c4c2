/** Whose words go over whose picture: the pairs of clips that puppets and dubbed clips are made of. */
import { groupBy } from './group.ts';
import type { People } from './metrics/resampling.ts';
import type { Clip, Context, Driving, Item } from './types.ts';

export type Pair = { target: Clip; driver: Clip; driving: Driving };

/** The person seen in a clip. */
export const personOf = (clip: Pick<Item, 'sources' | 'id'>): string => clip.sources[0] ?? clip.id;

/** The person seen, and whose words or face they were given where that is somebody else: over whom intervals are. */
export function peopleIn(clip: Pick<Item, 'sources' | 'id'>): People {
  const [, driver] = clip.sources;
  return { group: personOf(clip), ...(driver === undefined ? {} : { driver }) };
}

/**
 * One pair for each scored clip with a picture. The driver is another scored clip with other words: for every second target clip of
 * a person one of the same person, for the rest one of someone else. Where there is one person only, or a person says one sentence
 * only, the other kind stands in; a clip without any driver is in no pair. Give the clips of one split at a time. `scope` names the draw.
 */
export function pairClips(clips: readonly Clip[], scope: string, context: Pick<Context, 'rng'>): Pair[] {
  const scored = clips.filter((clip) => clip.use === 'score');
  const words = new Map(scored.map((clip) => [clip, wordsOf(clip)]));
  return [...groupBy(scored, personOf).values()].flatMap((own) =>
    own
      .filter((clip) => clip.media.video)
      .flatMap((target, i): Pair[] => {
        const mayDrive = (clip: Clip): boolean =>
          clip.media.audio !== undefined && clip !== target && words.get(clip) !== words.get(target);
        const self = own.filter(mayDrive);
        const preferSelf = i % 2 === 0;
        const others =
          preferSelf && self.length > 0 ? [] : scored.filter((clip) => !own.includes(clip) && mayDrive(clip));
        const choice = others.length > 0 ? others : self;
        if (choice.length === 0) return [];
        const driver = context.rng(scope, 'driver', target.id).pick(choice);
        return [{ target, driver, driving: choice === self ? 'same-person' : 'other-person' }];
      }),
  );
}

export type Terms = Pick<Item, 'sources' | 'licence' | 'likenessConsent'>;

/** What clips in one have for sources, licence and consent: the union, all of them, and the first's only where all consented. */
export function mixOf(...clips: readonly [Terms, ...Terms[]]): Terms {
  const consent = clips.every(({ likenessConsent }) => likenessConsent) && clips[0].likenessConsent;
  return {
    sources: [...new Set(clips.flatMap(({ sources }) => sources))],
    licence: [...new Set(clips.map(({ licence }) => licence))].join('; '),
    ...(consent ? { likenessConsent: consent } : {}),
  };
}

/** What is said as far as known; a clip of unknown words says what no other does. */
function wordsOf({ id, phones }: Clip): string {
  return phones && phones.length > 0 ? phones.map(({ phone }) => phone).join(' ') : `${id} (unknown)`;
}

/**
 * `talking-heads`: rendered people saying sentences, with sound, exact tracks and phone times; nobody is shown. A parametric
 * head (`src/head`), a formant synthesizer (`src/speech`), and one encoder (`src/media/encode.ts`). Splits share no person,
 * voice, sentence, background or camera.
 * Odd: `real` here means rendered and not tampered with. Numbers on it say nothing about recorded people.
 */
import { mixOf, pairClips } from '../../src/pairs.ts';
import { nextTurn } from '../../src/pipeline/turn.ts';
import type { Clip, Context, Dataset, Job, Labels, Media } from '../../src/types.ts';
import { attributesOf } from './attributes.ts';
import { peopleHeard, peopleMeasured, peoplePhotographed, peopleSeen, sentencesOf } from './cast.ts';
import { clipName, type Recording, type Session } from './clip.ts';
import { dub } from './dub.job.ts';
import { options, type Options } from './options.ts';
import type { Person } from './person.ts';
import { takePhoto } from './photo.job.ts';
import { photographPerson } from './portrait.job.ts';
import { filmPerson } from './render.job.ts';
import { recordVoice } from './voice.job.ts';

export const talkingHeads: Dataset<Options> = {
  name: 'talking-heads',
  cite: 'masque, rendered: parametric head, Klatt synthesizer (JASA 1980), Cohen & Massaro coarticulation (1993)',
  options,
  clips,
  attributes: async (chosen, { seed }) => attributesOf(chosen, seed),
};

/**
 * Clips of the people seen, person by person, then of those filmed for measuring, of those photographed and of those only heard, then the dubbed ones. All
 * jobs are asked for at once; the pool decides.
 */
async function* clips(chosen: Options, context: Context): AsyncIterable<Clip> {
  const { clipsPerIdentity, faceClips, fitClips, portraitPhotos, voiceClips } = chosen;
  const sessions: Promise<Clip[]>[] = [];
  const begin = async (...session: Parameters<typeof record>): Promise<void> => {
    const pending = record(...session);
    // Whoever waits in line below hears of a failure; until then it must not end the process.
    pending.catch(() => {});
    sessions.push(pending);
    await nextTurn(); // choosing a person's sentences takes the main thread a while
  };
  const useOf = (clip: number): Clip['use'] => (clip < fitClips ? 'fit' : 'score');
  for (const person of peopleSeen(chosen))
    await begin(filmPerson, person, clipsPerIdentity, useOf, chosen, context);
  for (const person of peopleMeasured(chosen))
    await begin(filmPerson, person, faceClips, () => 'measure', chosen, context);
  for (const person of peoplePhotographed(chosen))
    await begin(photographPerson, person, portraitPhotos, () => 'fit', chosen, context);
  for (const person of peopleHeard(chosen))
    await begin(recordVoice, person, voiceClips, () => 'fit', chosen, context);
  const shown: Clip[] = [];
  for (const session of sessions) {
    const own = await session;
    for (const clip of chosen.photos ? await photographed(own, context) : own) {
      if (clip.use === 'score') shown.push(clip);
      yield clip;
    }
  }
  if (chosen.dubbed) yield* dubbedClips(shown, context);
}

/** A photo in place of each scored clip. */
async function photographed(clips: Clip[], context: Context): Promise<Clip[]> {
  return Promise.all(
    clips.map(async ({ phones, ...clip }) => {
      if (clip.use !== 'score') return { ...clip, ...(phones ? { phones } : {}) };
      const { media, track } = clip;
      return {
        ...clip,
        ...(await context.run(takePhoto, { media, track: track! })),
        labels: { video: 'real' },
      };
    }),
  );
}

async function record(
  job: Job<Session, Recording[]>,
  person: Person,
  count: number,
  useOf: (clip: number) => Clip['use'],
  { framesPerClip: frameCount, fps, testLanguage, fitClips }: Options,
  context: Context,
): Promise<Clip[]> {
  const foreign = testLanguage === 'second' && person.split === 'test' ? { foreignFrom: fitClips } : {};
  const sentences = sentencesOf(context.seed, person, { count, seconds: frameCount / fps, ...foreign });
  const session = { seed: context.seed, personId: person.id, sentences, frameCount, fps };
  const recordings = await context.run(job, session);
  return recordings.map(
    (recording, clip): Clip => ({
      id: `${person.id}/${clipName(clip)}`,
      sources: [person.id],
      labels: labelsOf(recording.media),
      origin: 'talking-heads',
      split: person.split,
      licence: 'synthetic',
      likenessConsent: { basis: 'rendered, depicts nobody', scope: 'any' },
      use: useOf(clip),
      ...recording,
    }),
  );
}

const labelsOf = ({ video, audio }: Media): Labels => ({
  ...(video ? { video: 'real' } : {}),
  ...(audio ? { audio: 'real' } : {}),
  ...(video && audio ? { pairing: 'real' } : {}),
});

/** Each scored clip that finds a partner in its split (`pairClips`) once with that one's sound, which is as long as its own. */
async function* dubbedClips(shown: Clip[], context: Context): AsyncIterable<Clip> {
  const pairs = (['train', 'validation', 'test'] as const).flatMap((split) =>
    pairClips(
      shown.filter((clip) => clip.split === split),
      'talking-heads',
      context,
    ),
  );
  const made = pairs.map(({ target, driver }) =>
    context.run(dub, { picture: target.media, sound: driver.media }),
  );
  for (const [i, { target, driver, driving }] of pairs.entries()) {
    const { id, split, use, track } = target;
    yield {
      id: `dubbed/${id}~${driver.id}`,
      ...mixOf(target, driver),
      driving,
      split,
      use,
      labels: { video: 'real', audio: 'real', pairing: 'fake' },
      origin: 'dubbed',
      media: await made[i]!,
      ...(track ? { track } : {}),
      ...(driver.phones ? { phones: driver.phones } : {}),
    };
  }
}

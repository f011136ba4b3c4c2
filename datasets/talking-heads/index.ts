/**
 * `talking-heads`: rendered people saying sentences, with sound, exact tracks and phone times; nobody is shown. A parametric
 * head (`src/head`), a formant synthesizer (`src/speech`), and one encoder (`src/media/encode.ts`). Splits share no person,
 * voice, sentence, background or camera.
 * Odd: `real` here means rendered and not tampered with. Numbers on it say nothing about recorded people.
 */
import { nextTurn } from '../../src/pipeline/turn.ts';
import type { Clip, Context, Dataset, Job } from '../../src/types.ts';
import { peopleHeard, peopleSeen, sentencesOf } from './cast.ts';
import { clipName, type Recording, type Session } from './clip.ts';
import { options, type Options } from './options.ts';
import type { Person } from './person.ts';
import { filmPerson } from './render.job.ts';
import { recordVoice } from './voice.job.ts';

export const talkingHeads: Dataset<Options> = {
  name: 'talking-heads',
  cite: 'masque, rendered: parametric head, Klatt synthesizer (JASA 1980), Cohen & Massaro coarticulation (1993)',
  options,
  clips,
};

/** Clips of the people seen, person by person, then of those only heard. All jobs are asked for at once; the pool decides. */
async function* clips(chosen: Options, context: Context): AsyncIterable<Clip> {
  const { clipsPerIdentity, voiceClips } = chosen;
  const sessions: Promise<Clip[]>[] = [];
  const begin = async (session: Promise<Clip[]>): Promise<void> => {
    // Whoever waits in line below hears of a failure; until then it must not end the process.
    session.catch(() => {});
    sessions.push(session);
    await nextTurn(); // choosing a person's sentences takes the main thread a while
  };
  for (const person of peopleSeen(chosen))
    await begin(record(filmPerson, person, clipsPerIdentity, chosen, context));
  for (const person of peopleHeard(chosen))
    await begin(record(recordVoice, person, voiceClips, chosen, context));
  for (const session of sessions) yield* await session;
}

async function record(
  job: Job<Session, Recording[]>,
  person: Person,
  count: number,
  { framesPerClip: frameCount, fps, fitClips }: Options,
  context: Context,
): Promise<Clip[]> {
  const sentences = sentencesOf(context.seed, person, { count, seconds: frameCount / fps });
  const session = { seed: context.seed, personId: person.id, sentences, frameCount, fps };
  const recordings = await context.run(job, session);
  return recordings.map(
    (recording, clip): Clip => ({
      id: `${person.id}/${clipName(clip)}`,
      sources: [person.id],
      labels: recording.media.video ? { video: 'real', audio: 'real', pairing: 'real' } : { audio: 'real' },
      origin: 'talking-heads',
      split: person.split,
      licence: 'synthetic',
      likenessConsent: { basis: 'rendered, depicts nobody', scope: 'any' },
      use: !recording.media.video || clip < fitClips ? 'fit' : 'score',
      ...recording,
    }),
  );
}

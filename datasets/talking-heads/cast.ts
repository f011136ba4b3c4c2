/** Who appears and what they say. All of it follows from the seed and the person's id, never from how many others there are. */
import { UserError } from '../../src/errors.ts';
import { createRng } from '../../src/random.ts';
import { makeSentence } from '../../src/speech/grammar.ts';
import { makeForeignSentence } from '../../src/speech/second-language.ts';
import { pause } from '../../src/speech/lexicon.ts';
import { edgeSilenceSeconds, speechSeconds } from '../../src/speech/timing.ts';
import type { Split } from '../../src/types.ts';
import type { Options } from './options.ts';
import { type Person, voiceOf } from './person.ts';

const numbered = (prefix: string, count: number, split: Split): Person[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${prefix}-${String(i).padStart(2, '0')}`, split }));

/** The people seen: `train-00`, …, `validation-00`, …, `test-00`, … */
export const peopleSeen = ({ identities }: Options): Person[] =>
  (['train', 'validation', 'test'] as const).flatMap((split) => numbered(split, identities[split], split));

/** The people only heard: `voice-00`, … */
export const peopleHeard = ({ extraVoices, voiceClips }: Options): Person[] =>
  voiceClips > 0 ? numbered('voice', extraVoices, 'train') : [];

/** The people filmed for measuring networks: `face-00`, … */
export const peopleMeasured = ({ extraFaces, faceClips }: Options): Person[] =>
  faceClips > 0 ? numbered('face', extraFaces, 'train') : [];

/** The people of whom there are photos alone: `photo-00`, … */
export const peoplePhotographed = ({ extraPortraits, portraitPhotos }: Options): Person[] =>
  portraitPhotos > 0 ? numbered('photo', extraPortraits, 'train') : [];

/** Each sentence belongs to one split, by its words alone: no sentence is ever heard in two. Shares 60, 12 and 28 %. */
export function splitOfSentence(words: readonly string[]): Split {
  const place = createRng('sentence', ...words).uniform();
  return place < 0.6 ? 'train' : place < 0.72 ? 'validation' : 'test';
}

/** The least share of a clip, without its silent edges, that is filled with speech. */
const leastFilled = 0.74;
/** A sentence that leaves less than this is not followed by another. */
const roomForAnother = 1.6;
const mostDraws = 20_000;

/**
 * What a person says in clips 0 … count−1: all different, each a little shorter than the clip. More clips never change earlier ones.
 * @param foreignFrom The first clip that is spoken in the second language; none unless said.
 */
export function sentencesOf(
  seed: number,
  person: Person,
  { count, seconds, foreignFrom = count }: { count: number; seconds: number; foreignFrom?: number },
): string[][] {
  const { rate } = voiceOf(seed, person.id);
  const room = seconds - 2 * edgeSilenceSeconds;
  const said = new Set<string>();
  return Array.from({ length: count }, (_, clip) => {
    const rng = createRng(seed, 'talking-heads', person.id, 'words', clip);
    let words: string[] = [];
    for (let draw = 0; draw < mostDraws; draw++) {
      const sentence = clip < foreignFrom ? makeSentence(rng) : makeForeignSentence(rng);
      if (splitOfSentence(sentence) !== person.split || said.has(sentence.join(' '))) continue;
      const longer = words.length > 0 ? [...words, pause, ...sentence] : sentence;
      const length = speechSeconds(longer, rate);
      const filled = length >= leastFilled * room && length <= room;
      if (!filled && length > room - roomForAnother) continue;
      said.add(sentence.join(' '));
      words = longer;
      if (filled) return words;
    }
    throw new UserError(
      `E_SENTENCES ${person.id}: no sentence of ${room.toFixed(2)} s is left for clip ${clip}. Use longer clips or fewer of them.`,
    );
  });
}

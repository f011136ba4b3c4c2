import { expect, test } from 'vitest';
import { pause } from '../../src/speech/lexicon.ts';
import { peopleHeard, peopleSeen, sentencesOf, splitOfSentence } from '../../datasets/talking-heads/cast.ts';
import { headOf, voiceOf } from '../../datasets/talking-heads/person.ts';
import { options } from '../../datasets/talking-heads/options.ts';
import { speechSeconds } from '../../src/speech/timing.ts';

const seconds = 2.4;
const defaults = options.parse({});

test('the defaults are the main experiment; wrong counts say what is wrong', () => {
  expect(defaults).toMatchObject({
    identities: { train: 6, validation: 2, test: 8 },
    clipsPerIdentity: 10,
    fitClips: 6,
    framesPerClip: 60,
    fps: 25,
  });
  const complaint = (value: unknown): string =>
    options
      .safeParse(value)
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
      .join('; ') ?? '';
  expect(complaint({ fitClips: 11 })).toContain('fitClips: 11 leaves nothing to score of the 10 clips');
  expect(complaint({ framesPerClip: 20 })).toContain('framesPerClip: 20 frames are 0.80 s');
  expect(complaint({ identities: { train: -1 } })).toContain('identities.train');
  expect(complaint({ identities: { train: 0, validation: 0, test: 0 } })).toContain(
    'nobody is in the data set',
  );
  expect(complaint({ identites: {} })).toContain('identites');
});

test('no sentence is in two splits, none is said twice by one person, each fits its clip', () => {
  const heard = new Map<string, string>();
  for (const person of [...peopleSeen(defaults), ...peopleHeard({ ...defaults, extraVoices: 5 })]) {
    const { rate } = voiceOf(3, person.id);
    const sentences = sentencesOf(3, person, { count: 10, seconds });
    expect(new Set(sentences.map((words) => words.join(' '))).size).toBe(10);
    for (const words of sentences) {
      expect(splitOfSentence(words)).toBe(person.split);
      expect(heard.get(words.join(' ')) ?? person.split).toBe(person.split);
      heard.set(words.join(' '), person.split);
      const spoken = speechSeconds(words, rate);
      expect(spoken).toBeGreaterThan(1.55);
      expect(spoken).toBeLessThan(2.2);
    }
  }
});

test('what a person says does not depend on how many others there are, nor earlier clips on later ones', () => {
  const person = { id: 'test-01', split: 'test' } as const;
  const few = sentencesOf(1, person, { count: 3, seconds });
  expect(sentencesOf(1, person, { count: 8, seconds }).slice(0, 3)).toEqual(few);
  expect(sentencesOf(2, person, { count: 3, seconds })).not.toEqual(few);
  // From a clip on in the second language, whose words are phones; what was said before stays.
  const foreign = sentencesOf(1, person, { count: 3, seconds, foreignFrom: 2 });
  expect(foreign.slice(0, 2)).toEqual(few.slice(0, 2));
  expect(foreign[2]!.every((word) => word === pause || word.startsWith('/'))).toBe(true);
  const more = peopleSeen({ ...defaults, identities: { train: 9, validation: 2, test: 8 } });
  for (const known of peopleSeen(defaults)) expect(more).toContainEqual(known);
});

test('voices, backgrounds and cameras differ from person to person', () => {
  const ids = [...peopleSeen(defaults), ...peopleHeard(defaults)].map(({ id }) => id);
  const different = (part: (id: string) => unknown): number =>
    new Set(ids.map((id) => JSON.stringify(part(id)))).size;
  expect(different((id) => voiceOf(1, id))).toBe(ids.length);
  expect(different((id) => headOf(1, id).background)).toBe(ids.length);
  expect(different((id) => headOf(1, id).sensor)).toBe(ids.length);
  expect(voiceOf(1, 'test-03')).toEqual(voiceOf(1, 'test-03'));
});

test('short clips get short sentences, long clips several, each of the right split', () => {
  for (const long of [1.6, 6]) {
    const [words] = sentencesOf(1, { id: 'validation-00', split: 'validation' }, { count: 1, seconds: long });
    expect(speechSeconds(words!, voiceOf(1, 'validation-00').rate)).toBeGreaterThan(0.7 * (long - 0.24));
    const parts = words!.join(' ').split(' , ');
    for (const part of parts) expect(splitOfSentence(part.split(' '))).toBe('validation');
    expect(parts.length > 1).toBe(long === 6);
  }
});

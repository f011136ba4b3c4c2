/** Written text to words, and words that stand in no list to phones. */
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { phonesOf, soundOut } from '../../src/speech/letter-to-sound.ts';
import { lexicon, pause } from '../../src/speech/lexicon.ts';
import { isStressed, phones, phoneSymbol } from '../../src/speech/phones.ts';
import { phonesSpoken, speak } from '../../src/speech/speak.ts';
import { wordsOfText } from '../../src/speech/text.ts';
import { createVoice } from '../../src/speech/voice.ts';
import { createRng } from '../../src/random.ts';

test('words are lower-case, and punctuation between them is a pause', () => {
  expect(wordsOfText('  The President’s well-known “boat”: gone?!  ')).toEqual([
    'the',
    'presidents',
    'well',
    'known',
    'boat',
    pause,
    'gone',
  ]);
  expect(wordsOfText('one, - two … ,\nthree.')).toEqual(['one', pause, 'two', pause, 'three']);
});

test.each([
  ['', /no word to speak/],
  [' … !', /no word to speak/],
  ['room 12', /holds "1", which the voices cannot read\. They know the letters a to z; write numbers/],
  ['für dich', /holds "ü"/],
  ['日本', /holds "日"/],
  ['a\u0000b', /cannot read/],
  ['😀', /holds "😀"/],
  ['la '.repeat(167), /a text of 501 characters; at most 500/],
])('%j is refused', (text, message) => {
  expect(() => wordsOfText(text)).toThrow(UserError);
  expect(() => wordsOfText(text)).toThrow(message);
});

/** Least number of phones put in, left out or changed. */
function mistakes(said: readonly string[], meant: readonly string[]): number {
  let row = meant.map((_, j) => j + 1);
  row.unshift(0);
  said.forEach((phone, i) => {
    const next = [i + 1];
    meant.forEach((wanted, j) =>
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (phone === wanted ? 0 : 1))),
    );
    row = next;
  });
  return row.at(-1)!;
}

test('the rules say the words of the pronouncing list with at most 11 % of their phones wrong', () => {
  let [wrong, all] = [0, 0];
  for (const [word, meant] of lexicon) {
    if (!/^[a-z]+$/.test(word)) continue;
    wrong += mistakes(soundOut(word).map(phoneSymbol), meant.map(phoneSymbol));
    all += meant.length;
  }
  expect(all).toBeGreaterThan(800);
  expect(wrong / all).toBeLessThan(0.11);
});

test('listed words keep their listed phones, others are said by rule with one stress', () => {
  expect(phonesOf('umbrella')).toEqual(['ah0', 'm', 'b', 'r', 'eh1', 'l', 'ax0']);
  expect(phonesOf('hello')).toEqual(['hh', 'eh1', 'l', 'ow0']);
  expect(phonesOf('nation')).toEqual(['n', 'ey1', 'sh', 'ax0', 'n']);
  expect(() => soundOut('über')).toThrow('"über": no rule says how "ü" sounds');
});

test('every string of letters can be said', () => {
  const rng = createRng(2, 'letters');
  for (let i = 0; i < 3000; i++) {
    const word = Array.from({ length: 1 + rng.int(9) }, () => String.fromCodePoint(97 + rng.int(26))).join(
      '',
    );
    const said = soundOut(word);
    expect(said.filter(isStressed).length, word).toBeLessThanOrEqual(1);
    const vowels = said.filter((phone) => phones[phoneSymbol(phone)].kind === 'vowel');
    expect(
      vowels.every((phone) => /[01]$/.test(phone)),
      `${word} ${said.join(' ')}`,
    ).toBe(true);
  }
});

test('the phones told beforehand are those spoken', () => {
  const rng = createRng(3, 'spoken');
  const asked = {
    words: wordsOfText('The president, maybe.'),
    voice: createVoice(rng),
    rng,
    durationSeconds: 3,
  };
  expect(phonesSpoken(asked)).toEqual(speak(asked).phones);
});

import { expect, test } from 'vitest';
import { createRng } from '../../src/random.ts';
import { makeSentence } from '../../src/speech/grammar.ts';
import { phonesOf } from '../../src/speech/letter-to-sound.ts';
import { isSmallWord, lexicon, pause } from '../../src/speech/lexicon.ts';
import { isStressed, phoneColumn, phoneColumnCount, phones, phoneSymbol } from '../../src/speech/phones.ts';
import { makeForeignSentence } from '../../src/speech/second-language.ts';
import { edgeSilenceSeconds, fitPhones, speechSeconds, timePhones } from '../../src/speech/timing.ts';

test('every word is made of known phones, and every word with weight has one stressed vowel', () => {
  expect(lexicon.size).toBeGreaterThanOrEqual(150);
  for (const [word, spoken] of lexicon) {
    const vowels = spoken.filter((phone) => phones[phoneSymbol(phone)].kind === 'vowel');
    expect(vowels.length, word).toBeGreaterThan(0);
    expect(
      vowels.every((phone) => /[01]$/.test(phone)),
      `${word}: each vowel says whether it is stressed`,
    ).toBe(true);
    if (!isSmallWord(word)) expect(vowels.filter(isStressed), word).toHaveLength(1);
  }
});

test('the 29 columns are all used, silence is the last, and every phone is spoken in some word of either language', () => {
  const symbols = Object.keys(phones);
  expect(new Set(symbols.map(phoneColumn))).toEqual(
    new Set(Array.from({ length: phoneColumnCount }, (_, i) => i)),
  );
  expect(phoneColumn('sil')).toBe(28);
  expect(phoneColumn('ae1')).toBe(phoneColumn('ae0'));
  const foreign = Array.from({ length: 50 }, (_, i) =>
    makeForeignSentence(createRng(3, i)).flatMap(phonesOf),
  );
  const spoken = new Set([...lexicon.values(), ...foreign].flat().map(phoneSymbol));
  expect(symbols.filter((symbol) => symbol !== 'sil' && !spoken.has(symbol as never))).toEqual([]);
  expect(() => phoneColumn('xx')).toThrow('"xx" is not a phone');
});

test('the second language has phones that no word of the first has, is said in full, and depends on its stream alone', () => {
  const first = new Set([...lexicon.values()].flat().map(phoneSymbol));
  const sentences = Array.from({ length: 300 }, (_, i) => makeForeignSentence(createRng(2, i)));
  const said = new Set(sentences.flat().flatMap(phonesOf).map(phoneSymbol));
  expect([...said].filter((phone) => !first.has(phone)).toSorted()).toEqual(['kh', 'oe', 'ue']);
  expect([...first].filter((phone) => !said.has(phone))).toEqual(
    expect.arrayContaining(['th', 'w', 'r', 'er']),
  );
  expect(new Set(sentences.map((words) => words.join(' '))).size).toBe(300);
  expect(makeForeignSentence(createRng(2, 7))).toEqual(sentences[7]);
  for (const word of sentences.flat()) expect(phonesOf(word).filter(isStressed)).toHaveLength(1);
  expect(speechSeconds(sentences[0]!, 1)).toBeGreaterThan(0.5);
});

test('sentences use words of the list, vary, and depend on their stream alone', () => {
  const sentences = Array.from({ length: 500 }, (_, i) => makeSentence(createRng(1, i)));
  for (const word of new Set(sentences.flat())) expect(lexicon.has(word), word).toBe(true);
  expect(new Set(sentences.map((words) => words.join(' '))).size).toBeGreaterThan(495);
  expect(makeSentence(createRng(1, 7))).toEqual(sentences[7]);
});

test('phones fill a clip without gaps; speech that does not fit is refused', () => {
  const words = ['the', 'baker', pause, 'bought', 'the', 'bread'];
  for (const seconds of [speechSeconds(words, 1) + 2 * edgeSilenceSeconds - 0.2, 3, 7]) {
    const spans = fitPhones(timePhones(words, 1), seconds, 0.4);
    expect(spans[0]).toMatchObject({ phone: 'sil', start: 0 });
    expect(spans.at(-1)).toMatchObject({ phone: 'sil', end: seconds });
    expect(spans[0]!.end).toBeGreaterThanOrEqual(edgeSilenceSeconds);
    expect(seconds - spans.at(-1)!.start).toBeGreaterThanOrEqual(edgeSilenceSeconds - 1e-9);
    spans.forEach(({ start, end }, i) => {
      expect(end - start, `phone ${i}`).toBeGreaterThan(0.02);
      if (i > 0) expect(start).toBe(spans[i - 1]!.end);
    });
  }
  expect(() => fitPhones(timePhones(words, 1), 1, 0.5)).toThrow('take a shorter sentence');
});

test('stress and the end of a phrase lengthen, speed shortens', () => {
  const length = (phone: string, words: string[], rate = 1): number =>
    timePhones(words, rate).find((timed) => timed.phone === phone)!.durationSeconds;
  expect(length('ow1', ['boat'])).toBeGreaterThan(length('ow1', ['boat', 'walked']));
  expect(length('ey1', ['baker', 'walked'])).toBeGreaterThan(length('er0', ['baker', 'walked']));
  expect(length('ow1', ['boat'], 1.3)).toBeCloseTo(length('ow1', ['boat']) / 1.3, 9);
});

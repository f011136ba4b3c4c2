/**
 * How long each phone lasts. Klatt's rules (JASA 59, 1976): duration = shortest + (inherent − shortest) · stretch, where
 * stress, the place in word and phrase, and the neighbours change the stretch.
 */
import type { PhoneSpan } from '../types.ts';
import { phonesOf } from './letter-to-sound.ts';
import { isSmallWord, pause } from './lexicon.ts';
import { isStressed, phoneSymbol, phones } from './phones.ts';

/** A phone in its sentence, before it has a place in time. */
export type TimedPhone = {
  phone: string;
  durationSeconds: number;
  shortestSeconds: number;
  accented: boolean;
};

const pauseSeconds = 0.22;
/** Silence kept before and after the speech. */
export const edgeSilenceSeconds = 0.12;
/** Speech may be hurried to this share of its natural length to fit a clip; beyond that it would blur. */
export const mostHurried = 0.75;

/** The phones of a sentence with their natural lengths. `words` may contain `pause`. */
export function timePhones(words: readonly string[], rate: number): TimedPhone[] {
  return words.flatMap((word, index) => {
    if (word === pause)
      return [
        { phone: 'sil', durationSeconds: pauseSeconds, shortestSeconds: pauseSeconds / 2, accented: false },
      ];
    const next = words[index + 1];
    return timeWord(word, next === undefined || next === pause, rate);
  });
}

function timeWord(word: string, endsPhrase: boolean, rate: number): TimedPhone[] {
  const spoken = phonesOf(word);
  const kinds = spoken.map((phone) => phones[phoneSymbol(phone)]);
  const syllables = kinds.filter(({ kind }) => kind === 'vowel').length;
  const lastVowel = kinds.findLastIndex(({ kind }) => kind === 'vowel');
  return spoken.map((phone, i) => {
    const { kind, durationSeconds, shortestSeconds } = kinds[i]!;
    const after = kinds[i + 1];
    const inCluster =
      kind !== 'vowel' && [kinds[i - 1], after].some((other) => other && other.kind !== 'vowel');
    const accented = isStressed(phone) && !isSmallWord(word);
    let stretch = 1;
    if (kind === 'vowel') {
      if (!isStressed(phone)) stretch *= 0.65;
      if (syllables > 1) stretch *= 0.85;
      if (after && after.kind !== 'vowel') stretch *= after.voiced ? 1.1 : 0.8;
      if (isSmallWord(word)) stretch *= 0.7;
    } else {
      if (inCluster) stretch *= 0.75;
      if (i > 0) stretch *= 0.9;
    }
    if (endsPhrase && i >= lastVowel) stretch *= kind === 'vowel' ? 1.5 : 1.25;
    const natural = shortestSeconds + (durationSeconds - shortestSeconds) * stretch;
    return {
      phone,
      durationSeconds: natural / rate,
      shortestSeconds: (0.8 * shortestSeconds) / rate,
      accented,
    };
  });
}

/** Natural length of a sentence in seconds, without the silence around it. */
export const speechSeconds = (words: readonly string[], rate: number): number =>
  total(timePhones(words, rate));

/**
 * Fits phones into exactly `durationSeconds`: silence before (`lead`, 0 to 1: which share of the spare time) and after, the
 * phones hurried where they would not fit. The spans are contiguous and begin and end with `sil`.
 * Throws when the speech cannot be hurried enough.
 */
export function fitPhones(timed: readonly TimedPhone[], durationSeconds: number, lead: number): PhoneSpan[] {
  const room = durationSeconds - 2 * edgeSilenceSeconds;
  const natural = total(timed);
  const hurry = Math.min(1, room / natural);
  if (!(hurry >= mostHurried)) {
    throw new Error(
      `${natural.toFixed(2)} s of speech do not fit into a clip of ${durationSeconds} s: take a shorter sentence`,
    );
  }
  const lengths = hurryPhones(timed, Math.min(room, natural));
  const spare = room - lengths.reduce((sum, length) => sum + length, 0);
  let start = edgeSilenceSeconds + lead * spare;
  const spans: PhoneSpan[] = [{ start: 0, end: start, phone: 'sil' }];
  for (const [i, { phone }] of timed.entries()) {
    const end = start + lengths[i]!;
    spans.push({ start, end, phone });
    start = end;
  }
  return [...spans, { start, end: durationSeconds, phone: 'sil' }];
}

/** Shares the shortening out over what each phone has above its shortest length. */
function hurryPhones(timed: readonly TimedPhone[], targetSeconds: number): number[] {
  const give = timed.map(
    ({ durationSeconds, shortestSeconds }) => durationSeconds - Math.min(durationSeconds, shortestSeconds),
  );
  const allGive = give.reduce((sum, value) => sum + value, 0);
  const excess = total(timed) - targetSeconds;
  const share = allGive > 0 ? Math.min(1, excess / allGive) : 0;
  const lengths = timed.map(({ durationSeconds }, i) => durationSeconds - share * give[i]!);
  const rest = targetSeconds / lengths.reduce((sum, length) => sum + length, 0);
  return lengths.map((length) => length * rest);
}

const total = (timed: readonly TimedPhone[]): number =>
  timed.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);

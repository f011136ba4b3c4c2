/**
 * Near copies: the same picture encoded anew, made smaller or a little cut. Of up to five frames of a file there are fingerprints of 64 bits; between two files counts
 * how many bits differ from a frame to the one of the other that is nearest, as a mean over the frames of the one that has fewer. They are shown to people and condemn nothing.
 */
import type { Db } from './database.ts';

/** Of 64; two unrelated pictures differ in 32 on average, with a standard deviation of 4. */
export const mostDifferingBits = 10;

/** Bits in which two 64-bit numbers of 16 hex digits differ. */
export function hamming(a: string, b: string): number {
  return bitsOf(part(a, 0) ^ part(b, 0)) + bitsOf(part(a, 8) ^ part(b, 8));
}

const part = (hex: string, from: number): number => Number.parseInt(hex.slice(from, from + 8), 16);

/** Bits that are set in a 32-bit number. */
function bitsOf(word: number): number {
  let left = word - ((word >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

type Words = Int32Array;
/** Black, white and grey pictures are like any other such: what has no edges says nothing. */
const isTelling = (frame: string): boolean => /^[0-9a-f]{16}$/.test(frame) && !/^(.)\1*$/.test(frame);

function wordsOf(frames: readonly string[]): Words {
  return Int32Array.from(frames.filter(isTelling).flatMap((frame) => [part(frame, 0), part(frame, 8)]));
}

/** Mean over the frames of the one that has fewer; rounded. Infinite where one of them has none. */
function distance(a: Words, b: Words): number {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  if (few.length === 0) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < few.length; i += 2) {
    let least = 64;
    for (let j = 0; j < many.length; j += 2)
      least = Math.min(least, bitsOf(few[i]! ^ many[j]!) + bitsOf(few[i + 1]! ^ many[j + 1]!));
    sum += least;
  }
  return Math.round(sum / (few.length / 2));
}

/** `differingBits` between two files by the fingerprints of their frames. */
export const differingBits = (a: readonly string[], b: readonly string[]): number =>
  distance(wordsOf(a), wordsOf(b));

/** At most so many near copies are noted when a file is added; the nearest. */
const mostNoted = 50;

export type Fingerprints = {
  /** Notes the frames of a content, and who is near; a step of `db.change`. Those of a content that is known already change nothing. */
  add(sha256: string, frames: readonly string[]): void;
  /** To be called once that step is done. */
  remember(sha256: string, frames: readonly string[]): void;
};

/** All fingerprints of a service, held in memory. */
export function openFingerprints(db: Db): Fingerprints {
  const rows = db.all<{ sha256: string; frames: string }>('SELECT sha256, frames FROM fingerprints');
  const known = new Map(rows.map(({ sha256, frames }) => [sha256, wordsOf(JSON.parse(frames) as string[])]));
  return {
    add(sha256, frames) {
      const words = wordsOf(frames);
      if (words.length === 0 || known.has(sha256)) return;
      db.run('INSERT INTO fingerprints VALUES (?, ?)', sha256, JSON.stringify(frames));
      const near = [...known]
        .map(([other, its]) => ({ other, bits: distance(words, its) }))
        .filter(({ bits }) => bits <= mostDifferingBits)
        .toSorted((a, b) => a.bits - b.bits)
        .slice(0, mostNoted);
      for (const { other, bits } of near) {
        db.run('INSERT INTO similar VALUES (?, ?, ?)', sha256, other, bits);
        db.run('INSERT INTO similar VALUES (?, ?, ?)', other, sha256, bits);
      }
    },
    remember(sha256, frames) {
      if (wordsOf(frames).length > 0 && !known.has(sha256)) known.set(sha256, wordsOf(frames));
    },
  };
}

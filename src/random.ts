/**
 * All randomness of masque: a seed plus a named scope gives a stream of its own, so that results depend neither on the
 * order of the work nor on how many workers do it. Generator: sfc32 (Doty-Humphrey, PractRand), state filled from SHA-256.
 */
import { createHash } from 'node:crypto';

export interface Rng {
  /** Uniform in [low, high), by default [0, 1). */
  uniform(low?: number, high?: number): number;
  /** Normal with the given mean and standard deviation (Box–Muller). */
  normal(mean?: number, deviation?: number): number;
  /** Whole number in [0, count). */
  int(count: number): number;
  /** One of the values. */
  pick<T>(values: readonly T[]): T;
  /** A new array with the values in random order (Fisher–Yates). */
  shuffle<T>(values: readonly T[]): T[];
  /** An independent stream for a part of this scope; does not move this stream on. */
  fork(...scope: (string | number)[]): Rng;
  /** Where the stream stands, as plain data. */
  save(): RngState;
  /** Goes on from where another stream stood; what follows equals what followed there. */
  restore(state: RngState): void;
}

/** The four words of sfc32, and the second number of the last Box–Muller pair where it is still to be given. */
export type RngState = { words: [number, number, number, number]; spare: number | null };

/** A random stream for `scope` under `seed`. Equal arguments give equal streams on every machine. */
export function createRng(seed: number | string, ...scope: (string | number)[]): Rng {
  const name = JSON.stringify([seed, ...scope]);
  const generator = sfc32(createHash('sha256').update(name).digest());
  const { next } = generator;
  let spare: number | undefined;
  const rng: Rng = {
    uniform: (low = 0, high = 1) => low + (high - low) * next(),
    normal(mean = 0, deviation = 1) {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return mean + deviation * value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      const angle = 2 * Math.PI * next();
      spare = radius * Math.sin(angle);
      return mean + deviation * radius * Math.cos(angle);
    },
    int: (count) => Math.floor(next() * count),
    pick(values) {
      if (values.length === 0) throw new Error('pick: there is nothing to pick from');
      return values[rng.int(values.length)] as (typeof values)[number];
    },
    shuffle(values) {
      const copy = [...values];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = rng.int(i + 1);
        [copy[i], copy[j]] = [copy[j]!, copy[i]!];
      }
      return copy;
    },
    fork: (...more) => createRng(name, ...more),
    save: () => ({ words: generator.save(), spare: spare ?? null }),
    restore(state) {
      generator.restore(state.words);
      spare = state.spare ?? undefined;
    },
  };
  return rng;
}

function sfc32(digest: Buffer) {
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return {
    next,
    save: (): RngState['words'] => [a, b, c, counter],
    restore(words: RngState['words']): void {
      [a, b, c, counter] = words;
    },
  };
}

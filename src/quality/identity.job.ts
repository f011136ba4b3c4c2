/** Identity similarity: the cosine between the mean features of a clip and those of the person it is said to show. */
import { meanWithInterval } from '../metrics/resampling.ts';
import { defineJob } from '../pipeline/job.ts';
import { createRng } from '../random.ts';
import type { Measured } from '../types.ts';
import { type Embedded, readFeatures } from './embed.job.ts';

/** That a clip of `seen` shows a person of `real`, by their clips other than `without` (the one it was made of). */
export type Claim = { clip: string; person: string; without?: string };
type Input = { seen: Embedded; real: Embedded; claims: Claim[]; seed: number };

/**
 * The mean over claims in [-1, 1] with its interval over the people claimed; features are taken from the mean of all real ones, so that what all faces
 * have in common says nothing. Null with a reason where there is nothing to compare.
 */
export const compareIdentities = defineJob<Input, Measured>({
  name: 'identity',
  module: import.meta.url,
  threads: 1,
  async run({ seen, real, claims, seed }) {
    const [shown, known] = [await readFeatures(seen), await readFeatures(real)];
    const centre = meanRow(known, () => true)!;
    const similar = claims.flatMap(({ clip, person, without }) => {
      const own = meanRow(shown, (i) => seen.clips[i] === clip);
      const theirs = meanRow(known, (i) => real.people[i] === person && real.clips[i] !== without);
      return own && theirs ? [{ person, value: cosine(own, theirs, centre) }] : [];
    });
    if (similar.length === 0)
      return { value: null, reason: 'no portrait, or no other clip of the person it is said to show' };
    const values = similar.map(({ value }) => value);
    const people = similar.map(({ person }) => person);
    return meanWithInterval(values, people, { rng: createRng(seed, 'identity', 'bootstrap') });
  },
});

type Features = Awaited<ReturnType<typeof readFeatures>>;

/** The mean of the rows chosen; undefined where there is none. */
function meanRow({ rows, width }: Features, chosen: (row: number) => boolean): Float64Array | undefined {
  const mean = new Float64Array(width);
  let count = 0;
  for (let i = 0; i < rows.length / width; i++) {
    if (!chosen(i)) continue;
    for (let k = 0; k < width; k++) mean[k]! += rows[i * width + k]!;
    count++;
  }
  return count === 0 ? undefined : mean.map((sum) => sum / count);
}

/** Of two rows as seen from `centre`. */
function cosine(a: Float64Array, b: Float64Array, centre: Float64Array): number {
  let [dot, squaresA, squaresB] = [0, 0, 0];
  centre.forEach((value, k) => {
    const [x, y] = [a[k]! - value, b[k]! - value];
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
  });
  return dot / Math.max(Number.MIN_VALUE, Math.sqrt(squaresA * squaresB));
}

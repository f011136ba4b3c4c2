/**
 * Kernel distance between two sets of pictures, as rows of features (Bińkowski, Sutherland, Arbel & Gretton: Demystifying MMD GANs, ICLR 2018): the unbiased
 * MMD² under k(x, y) = (x·y / d + 1)³, mean_{i≠j} k(xᵢ, xⱼ) + mean_{i≠j} k(yᵢ, yⱼ) − 2 mean k(xᵢ, yⱼ). It is 0 in expectation
 * where both come from one distribution, row by row. Where both show the same few people it falls below: a picture has one more of its own person in the other set than in its own. What subsets of up to 1000 rows estimate is here computed over all rows.
 */
import type { Measured } from '../types.ts';
import { studentQuantile } from './distributions.ts';
import { indexGroups, leastGroups, tooFewGroups } from './resampling.ts';

/** `rows`: features, `width` values a row; `people`: whom each row shows. */
export type Features = { rows: ArrayLike<number>; width: number; people: readonly string[] };

/**
 * The distance with its interval over people, by the jackknife (Arvesen 1969, for such statistics) with Student's t: each is left out of both sets in turn. (A bootstrap would be
 * off to one side: people drawn twice leave fewer different ones, which lie farther from any others.)
 * Null with a reason where a set has fewer than two rows. @throws RangeError where the widths differ.
 */
export function kernelDistance(x: Features, y: Features): Measured {
  if (x.width !== y.width) throw new RangeError(`rows of ${x.width} and of ${y.width} features`);
  const fewest = Math.min(x.people.length, y.people.length);
  if (fewest < 2)
    return { value: null, reason: `a kernel distance needs two pictures on each side, got ${fewest}` };
  const { groupOf, groups } = indexGroups([...x.people, ...y.people]);
  const [ofX, ofY] = [groupOf.slice(0, x.people.length), groupOf.slice(x.people.length)];
  const inX = blockSums(x, x, ofX, ofX, groups.length);
  const inY = blockSums(y, y, ofY, ofY, groups.length);
  const between = blockSums(x, y, ofX, ofY, groups.length);
  const without = (out?: number): number => meanOf(inX, out) + meanOf(inY, out) - 2 * meanOf(between, out);
  const value = without();
  if (groups.length < leastGroups) return { value, ...tooFewGroups(groups.length) };
  const parts = groups.map((_, person) => without(person));
  if (!parts.every(Number.isFinite))
    return {
      value,
      low: null,
      high: null,
      reason: 'without one of the people a side is left without pictures',
    };
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  const spread = parts.reduce((sum, part) => sum + (part - mean) ** 2, 0);
  const half =
    studentQuantile(0.975, parts.length - 1) * Math.sqrt(((parts.length - 1) / parts.length) * spread);
  return { value, low: value - half, high: value + half };
}

/** Sums and counts of the kernel by pairs of people, [people × people]; of one set with itself without i = j. */
type Blocks = { sums: Float64Array; counts: Float64Array; people: number };

function blockSums(a: Features, b: Features, ofA: Uint32Array, ofB: Uint32Array, people: number): Blocks {
  const sums = new Float64Array(people * people);
  const counts = new Float64Array(people * people);
  const { width } = a;
  for (let i = 0; i < ofA.length; i++)
    for (let j = 0; j < ofB.length; j++) {
      if (a === b && i === j) continue;
      let dot = 0;
      for (let k = 0; k < width; k++) dot += a.rows[i * width + k]! * b.rows[j * width + k]!;
      const block = ofA[i]! * people + ofB[j]!;
      sums[block]! += (dot / width + 1) ** 3;
      counts[block]!++;
    }
  return { sums, counts, people };
}

/** The mean of the kernel over all pairs, or those without one of the people. */
function meanOf({ sums, counts, people }: Blocks, out?: number): number {
  let [sum, count] = [0, 0];
  for (let p = 0; p < people; p++)
    for (let q = 0; q < people; q++) {
      if (p === out || q === out) continue;
      sum += sums[p * people + q]!;
      count += counts[p * people + q]!;
    }
  return sum / count;
}

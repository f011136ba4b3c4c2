/**
 * Kernel distance between two sets of pictures, as rows of features (Bińkowski, Sutherland, Arbel & Gretton: Demystifying MMD GANs, ICLR 2018): the unbiased
 * MMD² under k(x, y) = (x·y / d + 1)³, mean_{i≠j} k(xᵢ, xⱼ) + mean_{i≠j} k(yᵢ, yⱼ) − 2 mean k(xᵢ, yⱼ). It is 0 in expectation
 * where both come from one distribution, and may fall below. What subsets of up to 1000 rows estimate is here computed over all rows.
 */
import type { Measured } from '../types.ts';
import { bootstrap, type BootstrapOptions, indexGroups } from './bootstrap.ts';

/** `rows`: features, `width` values a row; `people`: whom each row shows. */
export type Features = { rows: ArrayLike<number>; width: number; people: readonly string[] };

/**
 * The distance with its interval over people, who are drawn with all their rows of both sets; a person drawn twice is not compared with themselves as another.
 * Null with a reason where a set has fewer than two rows. @throws RangeError where the widths differ.
 */
export function kernelDistance(x: Features, y: Features, options: BootstrapOptions): Measured {
  if (x.width !== y.width) throw new RangeError(`rows of ${x.width} and of ${y.width} features`);
  const fewest = Math.min(x.people.length, y.people.length);
  if (fewest < 2) return { value: null, reason: `a kernel distance needs two pictures on each side, got ${fewest}` };
  const { groupOf, groups } = indexGroups([...x.people, ...y.people]);
  const [ofX, ofY] = [groupOf.slice(0, x.people.length), groupOf.slice(x.people.length)];
  const inX = blockSums(x, x, ofX, ofX, groups.length);
  const inY = blockSums(y, y, ofY, ofY, groups.length);
  const between = blockSums(x, y, ofX, ofY, groups.length);
  const distance = (drawn: ArrayLike<number>): number =>
    meanOf(inX, drawn) + meanOf(inY, drawn) - 2 * meanOf(between, drawn);
  const statistics = (drawn: Uint32Array): number[] | undefined => {
    const value = distance(drawn);
    return Number.isNaN(value) ? undefined : [value];
  };
  const wanted = 'hold two pictures on each side';
  return {
    value: distance(groups.map(() => 1)),
    ...bootstrap(groups.length, statistics, options, wanted).interval(0),
  };
}

/** Sums and counts of the kernel by pairs of people, [people × people]; of one set with itself without i = j. */
type Blocks = { sums: Float64Array; counts: Float64Array; people: number };

function blockSums(
  a: Features,
  b: Features,
  ofA: Uint32Array,
  ofB: Uint32Array,
  people: number,
): Blocks {
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

/** The mean of the kernel where person p was drawn `drawn[p]` times. */
function meanOf({ sums, counts, people }: Blocks, drawn: ArrayLike<number>): number {
  let [sum, count] = [0, 0];
  for (let p = 0; p < people; p++)
    for (let q = 0; q < people; q++) {
      const weight = drawn[p]! * drawn[q]!;
      sum += weight * sums[p * people + q]!;
      count += weight * counts[p * people + q]!;
    }
  return sum / count;
}

/**
 * 95 % intervals over groups (source identities): whole groups are left out, because clips of one person are no independent evidence. Of all halves of the groups, or of very many random
 * ones, every statistic is computed anew; their spread is the estimate's standard error (delete-half jackknife: Shao & Wu, Annals of Statistics 1989, good for statistics that are not smooth too), the
 * interval that of Student's t, for shares Wilson's (JASA 22, 1927). A bootstrap draws people twice: who meets themselves there moves the whole of its interval where a detector knows a person's fakes from the
 * same person's real clips better than from others'. What each holds of the truth stands in `experiments/LOG.md`.
 */
import { studentQuantile, studentWithin } from './distributions.ts';
import type { Rng } from '../random.ts';
import type { Measured } from '../types.ts';

/** `replicates`: how many halves are drawn at most; where there are no more, each is taken once. `independent`: how many groups there is evidence of, where some of those that are drawn only lend something; all unless given. */
export type ResamplingOptions = { rng: Rng; replicates?: number; independent?: number };
export type Interval = { low: number; high: number } | { low: null; high: null; reason: string };
/** `share`: of what lies in [0, 1], as AUC, EER and AP do; its interval does too. */
export type Scale = 'share' | 'any';

export const defaultReplicates = 2000;
/** With fewer groups an interval is little more than the range of the groups; none is given then. */
export const leastGroups = 3;

/**
 * Intervals of several statistics from the same halves. `statistics` gets which groups are in (1) and out (0) and returns one number per statistic, or undefined where the half leaves them
 * undefined (a class is missing): such halves are left out and counted in `skipped`; `wanted` says what they lack. No interval where fewer than half remain or there are fewer than three groups.
 * `p`: two-sided, that the statistic is 0 in truth; at least that of a sign test in which all groups agree, and null where there is no interval.
 */
export function resample(
  groupCount: number,
  statistics: (drawn: Uint32Array) => number[] | undefined,
  { rng, replicates = defaultReplicates, independent = groupCount }: ResamplingOptions,
  wanted = 'hold both classes',
): {
  interval(index: number, scale?: Scale): Interval;
  p(index: number): number | null;
  tried: number;
  skipped: number;
} {
  const drawn = new Uint32Array(groupCount).fill(1);
  const estimate = statistics(drawn);
  const kept: number[][] = [];
  const few = groupCount < leastGroups;
  let tried = 0;
  for (const half of few ? [] : halvesOf(drawn, replicates, rng)) {
    const values = statistics(half);
    tried++;
    if (values) kept.push(values);
  }
  const skipped = tried - kept.length;
  const freedom = Math.max(1, independent - 1);
  const missing =
    few || kept.length === 0 || skipped > kept.length || !estimate
      ? few
        ? tooFewGroups(groupCount)
        : ({
            low: null,
            high: null,
            reason: `only ${kept.length} of ${tried} halves ${wanted}`,
          } as const)
      : undefined;
  const errorOf = (index: number): number => standardError(kept, index, groupCount);
  return {
    interval: (index, scale = 'any') => {
      if (missing) return missing;
      const [value, error, deviations] = [estimate![index]!, errorOf(index), studentQuantile(0.975, freedom)];
      if (scale === 'share') return wilson(value, error, independent, deviations);
      return error > 0 || value === 0
        ? { low: value - deviations * error, high: value + deviations * error }
        : { low: null, high: null, reason: allAlike };
    },
    p(index) {
      if (missing) return null;
      const error = errorOf(index);
      if (estimate![index] === 0) return 1;
      const tail = error > 0 ? 1 - studentWithin(Math.abs(estimate![index]!) / error, freedom) : 0;
      return Math.max(tail, 2 ** -freedom);
    },
    tried,
    skipped,
  };
}

/** Which groups are in (1) and out (0), one half of them, rounded down, after another: in `drawn`, filled anew. */
function* halvesOf(drawn: Uint32Array, replicates: number, rng: Rng): Generator<Uint32Array> {
  const half = Math.floor(drawn.length / 2);
  if (choices(drawn.length, half) <= replicates) return yield* everyHalf(drawn, 0, half);
  for (let replicate = 0; replicate < replicates; replicate++) yield drawHalf(drawn, half, rng);
}

/** By the first steps of a shuffle: chosen one by one with the probability that is left (Knuth, TAOCP 2, §3.4.2, algorithm S). */
function drawHalf(drawn: Uint32Array, half: number, rng: Rng): Uint32Array {
  let chosen = 0;
  for (let group = 0; group < drawn.length; group++) {
    drawn[group] = rng.uniform() * (drawn.length - group) < half - chosen ? 1 : 0;
    chosen += drawn[group]!;
  }
  return drawn;
}

/** Every choice of `wanted` groups from number `from` on; those before stay as they are. */
function* everyHalf(drawn: Uint32Array, from: number, wanted: number): Generator<Uint32Array> {
  if (from === drawn.length) return yield drawn;
  for (const inside of [1, 0]) {
    const [left, lacking] = [drawn.length - from - 1, wanted - inside];
    if (lacking < 0 || lacking > left) continue;
    drawn[from] = inside;
    yield* everyHalf(drawn, from + 1, lacking);
  }
}

/** How many choices of k among n there are. */
function choices(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i++) count *= (n - k + i) / i;
  return Math.round(count);
}

/** The spread of a statistic over halves, scaled to that of all groups: a mean over b of n groups has (n − b)/b of the whole's variance about it. What is no more than rounding is none. */
function standardError(kept: readonly number[][], index: number, groupCount: number): number {
  const half = Math.floor(groupCount / 2);
  const mean = kept.reduce((sum, values) => sum + values[index]!, 0) / kept.length;
  const squares = kept.reduce((sum, values) => sum + (values[index]! - mean) ** 2, 0);
  const error = Math.sqrt((squares / kept.length) * (half / (groupCount - half)));
  return error > 1e-12 * Math.abs(mean) ? error : 0;
}

const allAlike = 'every identity has the same: there is no spread that an interval could come from';

/**
 * Wilson's interval of a share: all true shares that are no more than so many of their own standard deviations away. It is within [0, 1], and does not grow beyond reason where the share is nearly 0 or 1, as one on
 * the logit does. For the number of trials stands how many independent ones would have had this error; where there is none to see (a share of 0 or 1, people who are all alike), the independent groups.
 */
function wilson(
  value: number,
  error: number,
  independent: number,
  deviations: number,
): { low: number; high: number } {
  const unseen = error === 0 || value <= 0 || value >= 1;
  const trials = unseen ? independent : (value * (1 - value)) / error ** 2;
  const square = deviations ** 2 / trials;
  const middle = (value + square / 2) / (1 + square);
  const reach = Math.sqrt(square * value * (1 - value) + square ** 2 / 4) / (1 + square);
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

/** What stands in place of an interval over too few groups. */
export function tooFewGroups(count: number): Interval {
  return {
    low: null,
    high: null,
    reason: `an interval needs at least ${leastGroups} source identities, got ${count}`,
  };
}

/** Group names as numbers 0 … count-1, in order of first appearance. */
export function indexGroups(names: readonly string[]): { groupOf: Uint32Array; groups: string[] } {
  const numberOf = new Map<string, number>();
  const groupOf = Uint32Array.from(names, (name) => {
    const known = numberOf.get(name);
    if (known !== undefined) return known;
    numberOf.set(name, numberOf.size);
    return numberOf.size - 1;
  });
  return { groupOf, groups: [...numberOf.keys()] };
}

/** Whose an item is. `group`: the identity seen in it (its first source), the unit that is resampled. `driver`: the identity whose words or face went into it too, where that is another. */
export type People = { group: string; driver?: string };

/**
 * People as numbers, in the order in which they are seen, those who only drive last. `otherOf`: who else is in an item, or the same person. With both, intervals are
 * two-way: an item is in a half where both people are.
 */
export function indexPeople(items: readonly People[]): {
  groupOf: Uint32Array;
  otherOf: Uint32Array;
  people: string[];
  /** How many are seen; the others only drive. */
  seen: number;
} {
  const { groupOf, groups } = indexGroups([
    ...items.map(({ group }) => group),
    ...items.map(({ group, driver }) => driver ?? group),
  ]);
  return {
    groupOf: groupOf.subarray(0, items.length),
    otherOf: groupOf.subarray(items.length),
    people: groups,
    seen: new Set(items.map(({ group }) => group)).size,
  };
}

/** Mean of the values with its interval over groups. Every value counts alike, so groups with more values weigh more. */
export function meanWithInterval(
  values: readonly number[],
  groups: readonly string[],
  options: ResamplingOptions,
): Measured {
  if (values.length !== groups.length)
    throw new Error(`${values.length} values, but ${groups.length} groups`);
  const offender = values.findIndex((value) => !Number.isFinite(value));
  if (offender >= 0)
    throw new Error(
      `value ${offender + 1} of ${values.length} is ${values[offender]}; values must be finite`,
    );
  if (values.length === 0) return { value: null, reason: 'there are no values' };
  const { groupOf, groups: names } = indexGroups(groups);
  const sums = new Float64Array(names.length);
  const counts = new Float64Array(names.length);
  values.forEach((value, i) => {
    sums[groupOf[i]!]! += value;
    counts[groupOf[i]!]!++;
  });
  const mean = (drawn: Uint32Array): number[] => {
    let sum = 0;
    let count = 0;
    for (let g = 0; g < drawn.length; g++) {
      sum += drawn[g]! * sums[g]!;
      count += drawn[g]! * counts[g]!;
    }
    return [sum / count];
  };
  const value = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { value, ...resample(names.length, mean, options).interval(0) };
}

/** Mean of `a[i] - b[i]` over paired measurements, with its interval over groups. Above 0: `a` is larger. */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
  groups: readonly string[],
  options: ResamplingOptions,
): Measured {
  if (a.length !== b.length) throw new Error(`pairs are needed, got ${a.length} and ${b.length} values`);
  return meanWithInterval(
    a.map((value, i) => value - b[i]!),
    groups,
    options,
  );
}

/** Quantile of ascending numbers, linear between order statistics (Hyndman & Fan 1996, type 7). */
export function quantile(sorted: ArrayLike<number>, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

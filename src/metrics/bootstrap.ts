/**
 * Bootstrap intervals over groups (source identities): whole groups are drawn with replacement, because clips of one
 * person are no independent evidence. Percentile interval (Efron & Tibshirani 1993, §13.3), 95 %.
 */
import type { Rng } from '../random.ts';
import type { Measured } from '../types.ts';

export type BootstrapOptions = { rng: Rng; replicates?: number };
export type Interval = { low: number; high: number } | { low: null; high: null; reason: string };

export const defaultReplicates = 2000;
/** With fewer groups a percentile interval is little more than the range of the groups; none is given then. */
export const leastGroups = 3;

/**
 * Intervals of several statistics from the same resamples. `statistics` gets how often each group was drawn and returns
 * one number per statistic, or undefined where the resample leaves them undefined (a class is missing): such replicates
 * are left out and counted in `skipped`; `wanted` says what they lack. No interval where fewer than half remain or there are fewer than three groups.
 */
export function bootstrap(
  groupCount: number,
  statistics: (drawn: Uint32Array) => number[] | undefined,
  { rng, replicates = defaultReplicates }: BootstrapOptions,
  wanted = 'hold both classes',
): { interval(index: number): Interval; skipped: number } {
  if (groupCount < leastGroups) return { interval: () => tooFewGroups(groupCount), skipped: 0 };
  const kept: number[][] = [];
  const drawn = new Uint32Array(groupCount);
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawn.fill(0);
    for (let i = 0; i < groupCount; i++) drawn[rng.int(groupCount)]!++;
    const values = statistics(drawn);
    if (values) kept.push(values);
  }
  const skipped = replicates - kept.length;
  const interval = (index: number): Interval => {
    if (kept.length === 0 || skipped > kept.length)
      return {
        low: null,
        high: null,
        reason: `only ${kept.length} of ${replicates} resamples ${wanted}`,
      };
    const sorted = Float64Array.from(kept, (values) => values[index]!).sort();
    return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  };
  return { interval, skipped };
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

/** Mean of the values with its interval over groups. Every value counts alike, so groups with more values weigh more. */
export function meanWithInterval(
  values: readonly number[],
  groups: readonly string[],
  options: BootstrapOptions,
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
  return { value, ...bootstrap(names.length, mean, options).interval(0) };
}

/** Mean of `a[i] - b[i]` over paired measurements, with its interval over groups. Above 0: `a` is larger. */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
  groups: readonly string[],
  options: BootstrapOptions,
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

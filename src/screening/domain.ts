/**
 * Whether a file is like what a bundle was tested on. A detector gives a number for anything, also for what it has never seen the like of; outside
 * this test its number means nothing, and none is given.
 */
import { solvePositiveDefinite } from '../learn/cholesky.ts';
import { type Threshold, thresholdFor } from './thresholds.ts';

/** A Gaussian around what the bundle was tested on (Lee, Lee, Lee & Shin: A Simple Unified Framework for Detecting Out-of-Distribution Samples, NeurIPS 2018), and how far away from it a file may lie. */
export type Domain = {
  mean: number[];
  /** Covariance, row by row, drawn towards its diagonal. */
  covariance: number[];
  /** The distance that the stated share of genuine people exceed, each by their farthest file, on none of whom the Gaussian was fitted. */
  border: Threshold;
  /** How many files the Gaussian was fitted on. */
  fitted: number;
};

/** Of this share of genuine people a file lies beyond the border: to be silent on some who could be judged is the price of not judging what cannot be. */
const shareBeyond = 0.05;
/** Below this share of its own mean square a feature does not vary, and must not weigh without bound. */
const leastDeviation = 1e-3;
/** Features that always say the same leave correlations that cannot be inverted. */
const leastIntensity = 1e-3;

/**
 * @param fitted Rows of features of files that the detectors learned from, genuine and fake.
 * @param held Rows of genuine files of other people, by person; they draw the border.
 * @throws RangeError with fewer than two rows to fit or nobody to draw the border by.
 */
export function fitDomain(
  fitted: readonly (readonly number[])[],
  held: ReadonlyMap<string, readonly (readonly number[])[]>,
): Domain {
  if (fitted.length < 2 || held.size === 0)
    throw new RangeError(
      `a domain needs files: ${fitted.length} to fit it, and of ${held.size} people to draw its border`,
    );
  const mean = fitted[0]!.map((_, j) => meanOf(fitted.map((row) => row[j]!)));
  const deviation = mean.map((middle, j) => {
    const own = Math.sqrt(meanOf(fitted.map((row) => (row[j]! - middle) ** 2)));
    return Math.max(own, leastDeviation * (1 + Math.abs(middle)));
  });
  const standardised = fitted.map((row) => row.map((value, j) => (value - mean[j]!) / deviation[j]!));
  const covariance = correlations(standardised).flatMap((row, i) =>
    row.map((value, j) => value * deviation[i]! * deviation[j]!),
  );
  const distances = new Map<string, number[]>();
  for (const [person, rows] of held)
    distances.set(
      person,
      rows.map((row) => distance({ mean, covariance }, row)),
    );
  return { mean, covariance, border: thresholdFor(distances, shareBeyond), fitted: fitted.length };
}

/**
 * Correlations of standardised rows, drawn towards none at all as far as so few rows leave them unsure: the intensity is b² / d² of Ledoit & Wolf (A well-conditioned estimator for large-dimensional covariance
 * matrices, Journal of Multivariate Analysis 2004, section 3.3), d² how far the correlations are from none, b² how far rows like these are from each other's mean by chance.
 */
function correlations(rows: readonly (readonly number[])[]): number[][] {
  const width = rows[0]!.length;
  const square = (value: (i: number, j: number) => number): number[][] =>
    Array.from({ length: width }, (_, i) => Array.from({ length: width }, (_, j) => value(i, j)));
  const found = square((i, j) => meanOf(rows.map((row) => row[i]! * row[j]!)));
  const far = square((i, j) => (found[i]![j]! - (i === j ? 1 : 0)) ** 2);
  const byChance = square(
    (i, j) => meanOf(rows.map((row) => (row[i]! * row[j]! - found[i]![j]!) ** 2)) / rows.length,
  );
  const sum = (values: number[][]): number => values.flat().reduce((all, value) => all + value, 0);
  const intensity = Math.min(1, Math.max(leastIntensity, sum(byChance) / sum(far) || 0));
  return square((i, j) => (i === j ? 1 : (1 - intensity) * found[i]![j]!));
}

/** The Mahalanobis distance from the middle of the domain, at least 0. */
export function distance(
  { mean, covariance }: Pick<Domain, 'mean' | 'covariance'>,
  row: readonly number[],
): number {
  const off = Float64Array.from(row, (value, j) => value - mean[j]!);
  const solved = solvePositiveDefinite(Float64Array.from(covariance), off);
  return Math.sqrt(off.reduce((sum, value, j) => sum + value * solved[j]!, 0));
}

export const isWithin = (domain: Domain, row: readonly number[]): boolean =>
  distance(domain, row) <= domain.border.value;

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value / values.length, 0);

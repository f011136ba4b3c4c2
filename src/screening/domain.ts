/**
 * Whether a file is like what a bundle was tested on. A detector gives a number for anything, also for what it has never seen the like of; outside
 * this test its number means nothing, and none is given.
 */
import { solvePositiveDefinite } from '../learn/cholesky.ts';

/** A Gaussian around what the bundle was tested on (Lee, Lee, Lee & Shin: A Simple Unified Framework for Detecting Out-of-Distribution Samples, NeurIPS 2018), and how far away from it a file may lie. */
export type Domain = {
  mean: number[];
  /** Covariance, row by row, drawn towards its diagonal. */
  covariance: number[];
  /** The largest distance of `held` genuine files that the Gaussian was not fitted on: one more like them lies beyond it with probability 1 / (held + 1). */
  largest: number;
  fitted: number;
  held: number;
};

/** How far the covariance is drawn towards its diagonal, so that as many files as features determine it (Ledoit & Wolf, 2004, with a fixed weight). */
const shrinkage = 0.1;
/** Below this share of its own mean square a feature does not vary, and must not weigh without bound. */
const leastDeviation = 1e-3;

/**
 * @param fitted Rows of features of files that the detectors learned from, genuine and fake.
 * @param held Rows of genuine files of other people; the border is drawn by them.
 * @throws RangeError with fewer than two rows to fit or none to draw the border by.
 */
export function fitDomain(
  fitted: readonly (readonly number[])[],
  held: readonly (readonly number[])[],
): Domain {
  if (fitted.length < 2 || held.length === 0)
    throw new RangeError(
      `a domain needs files: ${fitted.length} to fit it, ${held.length} to draw its border`,
    );
  const width = fitted[0]!.length;
  const mean = Array.from({ length: width }, (_, j) => meanOf(fitted.map((row) => row[j]!)));
  const covariance = Array.from({ length: width * width }, () => 0);
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++) {
      const together = meanOf(fitted.map((row) => (row[i]! - mean[i]!) * (row[j]! - mean[j]!)));
      const floor = (leastDeviation * (1 + Math.abs(mean[i]!))) ** 2;
      covariance[i * width + j] = i === j ? Math.max(together, floor) : (1 - shrinkage) * together;
    }
  const shape = { mean, covariance };
  const largest = Math.max(...held.map((row) => distance(shape, row)));
  return { ...shape, largest, fitted: fitted.length, held: held.length };
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
  distance(domain, row) <= domain.largest;

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value / values.length, 0);

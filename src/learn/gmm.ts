/** Mixtures of Gaussians with diagonal covariances, fitted by expectation maximisation (Dempster, Laird, Rubin 1977). */
import type { Rng } from '../random.ts';

/** Per component its weight, and `width` means and variances. */
export type Gmm = { width: number; weights: number[]; means: number[][]; variances: number[][] };

/** No variance falls below this share of the variance of all rows. */
const varianceFloor = 1e-3;

/**
 * Fits `components` Gaussians to rows of equal width, from centres spread by k-means++ (Arthur & Vassilvitskii 2007), in `iterations`
 * rounds. Throws RangeError when there are fewer rows than components.
 */
export function fitGmm(rows: readonly Float32Array[], components: number, iterations: number, rng: Rng): Gmm {
  if (rows.length < components)
    throw new RangeError(`${rows.length} rows are too few for ${components} Gaussians`);
  const width = rows[0]!.length;
  const { variance } = momentsOf(rows);
  const floor = variance.map((value) => Math.max(1e-12, varianceFloor * value));
  let gmm: Gmm = {
    width,
    weights: Array.from({ length: components }, () => 1 / components),
    means: spreadCentres(rows, components, variance, rng),
    variances: Array.from({ length: components }, () =>
      variance.map((value, d) => Math.max(floor[d]!, value)),
    ),
  };
  for (let i = 0; i < iterations; i++) gmm = improve(gmm, rows, floor);
  return gmm;
}

/** Natural logarithm of the density at a row. */
export function logLikelihood(gmm: Gmm, row: ArrayLike<number>): number {
  return logSum(logDensities(gmm, row));
}

function improve(gmm: Gmm, rows: readonly Float32Array[], floor: number[]): Gmm {
  const { width } = gmm;
  const count = gmm.weights.length;
  const total = new Float64Array(count);
  const sums = Array.from({ length: count }, () => new Float64Array(width));
  const squares = Array.from({ length: count }, () => new Float64Array(width));
  for (const row of rows) {
    const logs = logDensities(gmm, row);
    const all = logSum(logs);
    for (let c = 0; c < count; c++) {
      const share = Math.exp(logs[c]! - all);
      if (share < 1e-12) continue;
      total[c]! += share;
      const [sum, square] = [sums[c]!, squares[c]!];
      for (let d = 0; d < width; d++) {
        const value = share * row[d]!;
        sum[d]! += value;
        square[d]! += value * row[d]!;
      }
    }
  }
  const kept = (c: number): boolean => total[c]! > 1e-6;
  return {
    width,
    weights: Array.from(total, (value) => Math.max(1e-12, value / rows.length)),
    means: gmm.means.map((mean, c) => (kept(c) ? Array.from(sums[c]!, (sum) => sum / total[c]!) : mean)),
    variances: gmm.variances.map((variance, c) =>
      kept(c)
        ? Array.from(squares[c]!, (square, d) =>
            Math.max(floor[d]!, square / total[c]! - (sums[c]![d]! / total[c]!) ** 2),
          )
        : variance,
    ),
  };
}

function logDensities({ width, weights, means, variances }: Gmm, row: ArrayLike<number>): Float64Array {
  const logs = new Float64Array(weights.length);
  for (let c = 0; c < logs.length; c++) {
    const [mean, variance] = [means[c]!, variances[c]!];
    let sum = width * Math.log(2 * Math.PI);
    for (let d = 0; d < width; d++) sum += Math.log(variance[d]!) + (row[d]! - mean[d]!) ** 2 / variance[d]!;
    logs[c] = Math.log(weights[c]!) - sum / 2;
  }
  return logs;
}

/** log Σ exp, without overflow. */
function logSum(logs: Float64Array): number {
  const highest = Math.max(...logs);
  let sum = 0;
  for (const value of logs) sum += Math.exp(value - highest);
  return highest + Math.log(sum);
}

function momentsOf(rows: readonly Float32Array[]): { variance: number[] } {
  const width = rows[0]!.length;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (const row of rows)
    for (let d = 0; d < width; d++) {
      mean[d]! += row[d]! / rows.length;
      square[d]! += row[d]! ** 2 / rows.length;
    }
  return { variance: Array.from(square, (value, d) => Math.max(0, value - mean[d]! ** 2)) };
}

/** The first at random, each next with a probability in proportion to its squared distance (by the spread of each axis) from the nearest. */
function spreadCentres(
  rows: readonly Float32Array[],
  count: number,
  variance: number[],
  rng: Rng,
): number[][] {
  const scale = variance.map((value) => 1 / Math.max(1e-12, value));
  const nearest = new Float64Array(rows.length).fill(Number.POSITIVE_INFINITY);
  const centres = [rng.pick(rows)];
  while (centres.length < count) {
    const last = centres.at(-1)!;
    let total = 0;
    rows.forEach((row, i) => {
      let distance = 0;
      for (let d = 0; d < row.length; d++) distance += scale[d]! * (row[d]! - last[d]!) ** 2;
      nearest[i] = Math.min(nearest[i]!, distance);
      total += nearest[i]!;
    });
    let place = rng.uniform() * total;
    let chosen = rows.length - 1;
    for (let i = 0; i < rows.length; i++) {
      place -= nearest[i]!;
      if (place < 0) {
        chosen = i;
        break;
      }
    }
    centres.push(rows[chosen]!);
  }
  return centres.map((row) => Array.from(row));
}

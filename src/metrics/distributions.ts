/** Tails and quantiles of the normal distribution and of Student's t. */

/** Quantile of the normal distribution for 0 < p < 1, relative error below 1.2e-9 (Acklam's rational approximation, 2003). */
export function probit(p: number): number {
  if (p > 0.5) return -probit(1 - p);
  const ratio = (up: readonly number[], down: readonly number[], t: number): number =>
    up.reduce((sum, c) => sum * t + c, 0) / down.reduce((sum, c) => sum * t + c, 0);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return ratio(
      [
        -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
        4.374664141464968, 2.938163982698783,
      ],
      [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
      q,
    );
  }
  const q = p - 0.5;
  return (
    q *
    ratio(
      [
        -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
        -3.066479806614716e1, 2.506628277459239,
      ],
      [
        -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
        -1.328068155288572e1, 1,
      ],
      q * q,
    )
  );
}

/** Probability that a standard normal number lies at least as far from 0 as `z`, on either side; to 1e-14 relative down to 1e-300. */
export function twoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  return x < 2 ? 1 - erfSeries(x) : erfcFraction(x);
}

/** erf by its Taylor series, for small x (Abramowitz & Stegun 7.1.6, whose terms all have one sign). */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc by its continued fraction (Abramowitz & Stegun 7.1.14), from the inside out. */
function erfcFraction(x: number): number {
  let below = x;
  for (let n = 120; n > 0; n--) below = x + n / 2 / below;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * below);
}

/** Share of a standard normal distribution below `z`. */
export function normalBelow(z: number): number {
  const tail = twoSided(z) / 2;
  return z < 0 ? tail : 1 - tail;
}

/** Quantile of Student's t for 0.5 ≤ p < 1, found by halving; relative error below 1e-12. @param freedom Degrees of freedom, a whole number of at least 1. */
export function studentQuantile(p: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (studentWithin(high, freedom) < 2 * p - 1) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (studentWithin(middle, freedom) < 2 * p - 1) low = middle;
    else high = middle;
  }
  return high;
}

/** Probability that Student's t lies within ±t: the finite series for whole degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4). */
export function studentWithin(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < freedom; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

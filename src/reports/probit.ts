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

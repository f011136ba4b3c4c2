/**
 * Weights of a local quadratic fit (Savitzky, Golay: "Smoothing and differentiation of data by simplified least squares procedures",
 * Analytical Chemistry 36, 1964): the parabola closest to the 2·`half` + 1 values around a place, read `at` steps from its middle. In closed
 * form by orthogonal polynomials; with u from −half to half: w(u) = 1/n + u·at/Σu² + (u² − m)(at² − m)/Σ(u² − m)², m the mean of u².
 * `half` at least 1; with 1 the fit is exact and nothing is smoothed.
 */
export function quadraticWeights(half: number, at: number): Float64Array {
  const places = Array.from({ length: 2 * half + 1 }, (_, i) => i - half);
  const sum = (pick: (u: number) => number): number => places.reduce((total, u) => total + pick(u), 0);
  const squares = sum((u) => u * u);
  const mean = squares / places.length;
  const fourth = sum((u) => (u * u - mean) ** 2);
  return Float64Array.from(
    places,
    (u) => 1 / places.length + (u * at) / squares + ((u * u - mean) * (at * at - mean)) / fourth,
  );
}

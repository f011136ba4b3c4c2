/** What a call is worth: from the rates measured on files of known truth to counts of people's files. No number here says anything of one file. */

/**
 * Exact one-sided bounds, each with 95 % confidence, of a share of which `found` of `tested` were seen, independently of each other.
 * Clopper & Pearson: The use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26, 1934.
 */
export function exactBounds(found, tested, alpha = 0.05) {
  if (!(tested > 0)) return { low: 0, high: 1 };
  // P(X >= found) rises with the share, P(X <= found) falls.
  const low = found === 0 ? 0 : solve((p) => tail(found, tested, p) < alpha);
  const high = found === tested ? 1 : solve((p) => 1 - tail(found + 1, tested, p) > alpha);
  return { low, high };
}

/** The border in (0, 1) below which `isBelow` holds. */
function solve(isBelow) {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X >= k) for X binomial with n trials of probability p. */
function tail(k, n, p) {
  let logTerm = n * Math.log1p(-p);
  let below = k > 0 ? Math.exp(logTerm) : 0;
  for (let i = 1; i < k; i++) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    below += Math.exp(logTerm);
  }
  return Math.max(0, 1 - below);
}

/**
 * Of `of` files of which a share `prevalence` is fake, how many lie above the border that `detection` and `fpr` are about. As measured, and at worst: with the lower bound of the
 * maker of fakes that is found least, and the upper bound of false alarms. `fakes` and `genuine` are counts of files; null where no fakes were tested.
 */
export function callsAmong({ detection, fpr }, prevalence, of = 1000) {
  const tested = detection.reduce((sum, row) => sum + row.tested, 0);
  if (tested === 0) return null;
  const found = detection.reduce((sum, row) => sum + row.found, 0) / tested;
  const foundAtLeast = Math.min(
    ...detection.filter((row) => row.tested > 0).map((row) => exactBounds(row.found, row.tested).low),
  );
  const fakes = of * prevalence;
  const genuine = of - fakes;
  return {
    of,
    fakes,
    genuine,
    asMeasured: { fakes: found * fakes, genuine: fpr.stated * genuine },
    atWorst: { fakes: foundAtLeast * fakes, genuine: fpr.upper * genuine },
  };
}

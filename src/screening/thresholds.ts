/** Where a score begins to mean something: drawn on genuine files alone, with what so many people can promise. */

export type Rate = {
  /** The share of genuine people above the threshold that was aimed at. */
  stated: number;
  /** Whatever the true share is, it is below this with the confidence that was asked for. */
  upper: number;
  /** People, and how many of them lie above. */
  identities: number;
  above: number;
};
export type Threshold = { value: number; rate: Rate };

/**
 * The threshold that the stated share of people exceeds, rounded down to whole people. A file is above when its score is greater. The bound is exact for the order statistic that the threshold is (Clopper &
 * Pearson, 1934; Wilks, 1941), whatever the distribution, where the score was settled before these people were seen. It needs people that are independent, which is why it counts people and not files.
 * A bundle's scores are not quite that: mean and deviation of its members (`combined`) come from the same genuine files. With one member that changes nothing, as the order of the files does not depend on them. With several
 * it does: these files have drawn the scale by which they are measured, those to come have not, so that the bound may be too small, by less the more files there are.
 * @param byPerson Scores of genuine files, by person; each stands for its largest.
 * @param alpha The probability with which the true share may lie above the bound, in (0, 1).
 * @throws RangeError without people, or for a stated share outside [0, 1).
 */
export function thresholdFor(
  byPerson: ReadonlyMap<string, readonly number[]>,
  stated: number,
  alpha = 0.05,
): Threshold {
  const people = byPerson.size;
  if (people === 0) throw new RangeError('a threshold needs genuine files');
  if (!(stated >= 0 && stated < 1)) throw new RangeError(`expected a share in [0, 1), got ${stated}`);
  const highest = [...byPerson.values()].map((scores) => Math.max(...scores)).toSorted((a, b) => b - a);
  const allowed = Math.floor(stated * people);
  const value = highest[allowed]!;
  const above = highest.filter((score) => score > value).length;
  return { value, rate: { stated, upper: upperBound(allowed, people, alpha), identities: people, above } };
}

/** The share p at which so few as `count` of `total` or fewer have the probability `alpha`: the upper end of the one-sided interval of Clopper and Pearson. */
export function upperBound(count: number, total: number, alpha = 0.05): number {
  if (count >= total) return 1;
  let [low, high] = [count / total, 1];
  for (let i = 0; i < 60; i++) {
    const p = (low + high) / 2;
    if (atMost(count, total, p) > alpha) low = p;
    else high = p;
  }
  return high;
}

/** The probability of `count` or fewer of `total`, each with probability p. */
function atMost(count: number, total: number, p: number): number {
  let [logTerm, sum] = [total * Math.log1p(-p), 0];
  for (let k = 0; k <= count; k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((total - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return sum;
}

/** How good probabilities of being fake are, not only their order. For calibrated scores (`src/learn/calibrate.ts`); every p in [0, 1]. */
import type { Measured } from '../types.ts';

type Bits = ArrayLike<number | boolean>;

/** No item costs more than −ln of this, as in scikit-learn before 1.5; since then it clips at 2.2e-16. */
const leastProbability = 1e-15;

/** Mean of −ln(probability given to the truth), nats. */
export function logLoss(probabilities: ArrayLike<number>, isFake: Bits): Measured {
  return meanOf(probabilities, isFake, (p, fake) => -Math.log(Math.max(leastProbability, fake ? p : 1 - p)));
}

/** Mean squared distance of the probability from the truth; 0.25 for always saying 0.5. */
export function brier(probabilities: ArrayLike<number>, isFake: Bits): Measured {
  return meanOf(probabilities, isFake, (p, fake) => (p - (fake ? 1 : 0)) ** 2);
}

/** A bin of a reliability diagram: mean probability given, share of fakes, how many. */
export type ReliabilityBin = { confidence: number; fakeShare: number; count: number };

/**
 * Items gathered by the probability they were given. `equal-width`: bins of [0, 1], the upper edge belonging to the bin below, empty ones left out. `equal-count`: as
 * many items in each as can be without parting items of one probability (adaptive bins).
 */
export function reliability(
  probabilities: ArrayLike<number>,
  isFake: Bits,
  { bins, by }: { bins: number; by: 'equal-width' | 'equal-count' } = { bins: 15, by: 'equal-width' },
): ReliabilityBin[] {
  checkPairs(probabilities, isFake);
  const order = Uint32Array.from({ length: probabilities.length }, (_, i) => i).sort(
    (a, b) => probabilities[a]! - probabilities[b]!,
  );
  const found = new Map<number, { given: number; fakes: number; count: number }>();
  let place = 0;
  order.forEach((i, rank) => {
    const p = probabilities[i]!;
    if (rank === 0 || p !== probabilities[order[rank - 1]!]) place = Math.floor((rank * bins) / order.length);
    const bin = by === 'equal-width' ? Math.max(0, Math.ceil(p * bins) - 1) : place;
    const own = found.get(bin) ?? { given: 0, fakes: 0, count: 0 };
    found.set(bin, { given: own.given + p, fakes: own.fakes + (isFake[i] ? 1 : 0), count: own.count + 1 });
  });
  return [...found]
    .toSorted(([a], [b]) => a - b)
    .map(([, { given, fakes, count }]) => ({ confidence: given / count, fakeShare: fakes / count, count }));
}

/** Expected calibration error (Naeini et al., AAAI 2015): the mean distance of what was said from what was so, over bins by their size. */
export function ece(
  probabilities: ArrayLike<number>,
  isFake: Bits,
  options?: Parameters<typeof reliability>[2],
): Measured {
  const bins = reliability(probabilities, isFake, options);
  if (bins.length === 0) return { value: null, reason: 'there are no items' };
  const off = bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.confidence - bin.fakeShare), 0);
  return { value: off / probabilities.length };
}

function meanOf(
  probabilities: ArrayLike<number>,
  isFake: Bits,
  cost: (p: number, fake: boolean) => number,
): Measured {
  checkPairs(probabilities, isFake);
  if (probabilities.length === 0) return { value: null, reason: 'there are no items' };
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) sum += cost(probabilities[i]!, Boolean(isFake[i]));
  return { value: sum / probabilities.length };
}

function checkPairs(probabilities: ArrayLike<number>, isFake: Bits): void {
  if (probabilities.length !== isFake.length)
    throw new Error(`${probabilities.length} probabilities, but ${isFake.length} labels`);
  for (let i = 0; i < probabilities.length; i++)
    if (!(probabilities[i]! >= 0 && probabilities[i]! <= 1))
      throw new Error(
        `probability ${i + 1} of ${probabilities.length} is ${probabilities[i]}; it must lie in [0, 1]`,
      );
}

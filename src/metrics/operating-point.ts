/** What a detector does at a threshold: `score >= threshold` is called fake. */
import type { Measured } from '../types.ts';
import { oneClass, type Ranking, totals } from './ranking.ts';

export type Rates = { falsePositiveRate: Measured; truePositiveRate: Measured };

/** Shares of real and of fake items that are called fake; null with a reason for a class without items. */
export function ratesAt(ranking: Ranking, threshold: number): Rates {
  const { fakes, reals } = totals(ranking);
  let [fakesAbove, realsAbove] = [0, 0];
  for (let k = 0; k < ranking.scores.length && ranking.scores[k]! >= threshold; k++) {
    fakesAbove += ranking.fakes[k]!;
    realsAbove += ranking.reals[k]!;
  }
  const share = (above: number, all: number, what: string): Measured =>
    all === 0 ? { value: null, reason: `there are no ${what} items` } : { value: above / all };
  return {
    falsePositiveRate: share(realsAbove, reals, 'real'),
    truePositiveRate: share(fakesAbove, fakes, 'fake'),
  };
}

/** Share of items called what they are; null with a reason where there are none. */
export function accuracyAt(ranking: Ranking, threshold: number): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes + reals === 0) return { value: null, reason: 'there are no items' };
  const { falsePositiveRate, truePositiveRate } = ratesAt(ranking, threshold);
  return {
    value:
      (fakes * (truePositiveRate.value ?? 0) + reals * (1 - (falsePositiveRate.value ?? 0))) /
      (fakes + reals),
  };
}

/** Mean of the shares of fakes and of reals called what they are. */
export function balancedAccuracyAt(ranking: Ranking, threshold: number): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('balanced accuracy', fakes, reals);
  const { falsePositiveRate, truePositiveRate } = ratesAt(ranking, threshold);
  return { value: (truePositiveRate.value! + 1 - falsePositiveRate.value!) / 2 };
}

/**
 * The threshold of the highest balanced accuracy (Youden's J, 1950), for choosing on validation: half way between the scores on its two sides, and of
 * equally good ones the highest. Infinity, nothing is called fake, where no threshold does better than none.
 */
export function bestThreshold(ranking: Ranking): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('a threshold', fakes, reals);
  let best = { advantage: 0, threshold: Number.POSITIVE_INFINITY };
  let [fakesAbove, realsAbove] = [0, 0];
  for (let k = 0; k < ranking.scores.length; k++) {
    fakesAbove += ranking.fakes[k]!;
    realsAbove += ranking.reals[k]!;
    const advantage = fakesAbove / fakes - realsAbove / reals;
    if (advantage > best.advantage) {
      const below = ranking.scores[k + 1] ?? ranking.scores[k]!;
      best = { advantage, threshold: ranking.scores[k]! / 2 + below / 2 };
    }
  }
  return { value: best.threshold };
}

/**
 * The largest share of fakes called fake where at most this share of reals is: a point of the ROC, not one between two. Null with a
 * reason where a single real item is a larger share than that.
 * @param mostFpr In (0, 1).
 */
export function tprAtFpr(ranking: Ranking, mostFpr: number): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('TPR at FPR', fakes, reals);
  if (reals * mostFpr < 1)
    return {
      value: null,
      reason: `FPR ${mostFpr} needs at least ${Math.ceil(1 / mostFpr)} real items, got ${reals}`,
    };
  let [fakesAbove, realsAbove, found] = [0, 0, 0];
  for (let k = 0; k < ranking.scores.length; k++) {
    fakesAbove += ranking.fakes[k]!;
    realsAbove += ranking.reals[k]!;
    if (realsAbove > mostFpr * reals) break;
    found = fakesAbove / fakes;
  }
  return { value: found };
}

/**
 * Area under the ROC up to this false positive rate, by straight lines between its points, standardised so that chance is 0.5 and no mistake 1
 * (McClish: Analyzing a Portion of the ROC Curve, 1989). `area` is the area itself, at most `mostFpr`.
 * @param mostFpr In (0, 1].
 */
export function partialAuc(ranking: Ranking, mostFpr: number): Measured & { area?: number } {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('partial AUC', fakes, reals);
  let area = 0;
  let [fpr, tpr] = [0, 0];
  for (let k = 0; k < ranking.scores.length && fpr < mostFpr; k++) {
    const width = ranking.reals[k]! / reals;
    const height = ranking.fakes[k]! / fakes;
    const share = width === 0 ? 1 : Math.min(1, (mostFpr - fpr) / width);
    area += share * width * (tpr + (share * height) / 2);
    fpr += width;
    tpr += height;
  }
  const least = mostFpr ** 2 / 2;
  return { value: (1 + (area - least) / (mostFpr - least)) / 2, area };
}

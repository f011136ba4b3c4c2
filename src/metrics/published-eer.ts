/**
 * The equal error rate as two published tools compute it. Of the same scores they differ from each other and from `eer` (`detection.ts`), which joins
 * the ROC's points by straight lines; a number is never given without the name of its method.
 */
import type { Measured } from '../types.ts';
import { oneClass, type Ranking, totals } from './ranking.ts';

/**
 * As the ASVspoof scripts do (2019 to 5; `compute_eer`), in our polarity: the thresholds are those at each single score and one beyond the last; where
 * misses and false alarms are nearest, their mean. Bona fide items that share a score with spoofed ones are passed before them.
 * Their scores are higher for bona fide; ours for fakes, so the sweep begins at the highest.
 */
export function asvspoofEer(ranking: Ranking): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('EER', fakes, reals);
  let best = { gap: 1, mean: 0.5 }; // nothing rejected: every fake is accepted
  let [rejectedReals, rejectedFakes] = [0, 0];
  const look = (): void => {
    const [missed, accepted] = [rejectedReals / reals, (fakes - rejectedFakes) / fakes];
    const gap = Math.abs(missed - accepted);
    if (gap < best.gap) best = { gap, mean: (missed + accepted) / 2 };
  };
  for (let k = 0; k < ranking.scores.length; k++) {
    for (let i = 0; i < ranking.reals[k]!; i++) {
      rejectedReals++;
      look();
    }
    for (let i = 0; i < ranking.fakes[k]!; i++) {
      rejectedFakes++;
      look();
    }
  }
  return { value: best.mean };
}

/**
 * As DeepfakeBench does (`get_test_metrics`): the false positive rate at the point of the ROC where it is nearest to the false negative rate, the first of equals. Its ROC is that of
 * scikit-learn's `roc_curve`, which leaves out points where both counts grow by as much as they did before.
 */
export function deepfakebenchEer(ranking: Ranking): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('EER', fakes, reals);
  const last = ranking.scores.length - 1;
  const even = (counts: Float64Array, k: number): boolean => counts[k] === counts[k + 1];
  let best = { gap: 1, falsePositiveRate: 0 };
  let [fakesAbove, realsAbove] = [0, 0];
  for (let k = 0; k <= last; k++) {
    fakesAbove += ranking.fakes[k]!;
    realsAbove += ranking.reals[k]!;
    if (k > 0 && k < last && even(ranking.fakes, k) && even(ranking.reals, k)) continue;
    const falsePositiveRate = realsAbove / reals;
    const gap = Math.abs(1 - fakesAbove / fakes - falsePositiveRate);
    if (gap < best.gap) best = { gap, falsePositiveRate };
  }
  return { value: best.falsePositiveRate };
}

/**
 * Costs of the ASVspoof challenges. Their scores are higher for bona fide; everything here takes ours, higher for fakes, so a miss is a real item called fake
 * and a false alarm a fake that passes. Where scores must be log-likelihood ratios they are ln(p(score | fake) / p(score | real)), the negative of theirs.
 */
import type { Measured } from '../types.ts';
import { oneClass, type Ranking, totals } from './ranking.ts';
import { rocCurve } from './detection.ts';

/** Prior of fakes, cost of a miss, cost of a false alarm; ASVspoof 5, track 1, by default. */
export type CostModel = { fakePrior: number; missCost: number; falseAlarmCost: number };
export const asvspoof5: CostModel = { fakePrior: 0.05, missCost: 1, falseAlarmCost: 10 };

/** How much worse a miss is than a false alarm, priors counted: 1.9 in ASVspoof 5. */
const missWeight = ({ fakePrior, missCost, falseAlarmCost }: CostModel): number =>
  (missCost * (1 - fakePrior)) / (falseAlarmCost * fakePrior);

/** The least cost over all thresholds, over that of the better of accepting all and rejecting all; in [0, 1]. */
export function minDcf(ranking: Ranking, model: CostModel = asvspoof5): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('minDCF', fakes, reals);
  const weight = missWeight(model);
  const costs = rocCurve(ranking).map(
    ({ falsePositiveRate, truePositiveRate }) => weight * falsePositiveRate + 1 - truePositiveRate,
  );
  return { value: costs.reduce((least, cost) => Math.min(least, cost)) / Math.min(1, weight) };
}

/** The same cost at the threshold that is right for log-likelihood ratios, ln(weight) in our polarity; may exceed 1. */
export function actDcf(ranking: Ranking, model: CostModel = asvspoof5): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('actDCF', fakes, reals);
  const weight = missWeight(model);
  const threshold = Math.log(weight);
  let [missed, passed] = [0, 0];
  for (let k = 0; k < ranking.scores.length; k++) {
    // A score on the threshold is accepted, as theirs: `score >= threshold` is bona fide there.
    if (ranking.scores[k]! > threshold) missed += ranking.reals[k]!;
    else passed += ranking.fakes[k]!;
  }
  return { value: ((weight * missed) / reals + passed / fakes) / Math.min(1, weight) };
}

/** C_llr in bits (Brümmer & du Preez 2006): what log-likelihood ratios lose against knowing the truth; 1 is worth nothing, above is worse than that. */
export function cllr(ranking: Ranking): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('C_llr', fakes, reals);
  let [ofReals, ofFakes] = [0, 0];
  for (let k = 0; k < ranking.scores.length; k++) {
    ofReals += ranking.reals[k]! * log2Of1PlusExp(ranking.scores[k]!);
    ofFakes += ranking.fakes[k]! * log2Of1PlusExp(-ranking.scores[k]!);
  }
  return { value: (ofReals / reals + ofFakes / fakes) / 2 };
}

/** log2(1 + e^x) without overflow. */
const log2Of1PlusExp = (x: number): number =>
  (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))) / Math.LN2;

/** Error rates of the speaker verification behind the detector: misses, false alarms by other people, fakes that pass. */
export type AsvRates = { miss: number; falseAlarm: number; fakeFalseAlarm: number };
/** As fixed in ASVspoof 5. */
export const asvspoof5Asv: AsvRates = { miss: 0.0188, falseAlarm: 0.01881, fakeFalseAlarm: 0.46071 };

/** Priors and costs of the challenges of 2019 and 2021. */
const tandem = {
  fake: 0.05,
  target: 0.95 * 0.99,
  other: 0.95 * 0.01,
  miss: 1,
  falseAlarm: 10,
  fakeFalseAlarm: 10,
};

/**
 * min t-DCF: the least cost of detector and speaker verification in tandem, over that of the verification with a detector that knows nothing.
 * `2021`: constrained by the verification (Kinnunen et al. 2020). `2019`: the legacy form, without its constant term.
 */
export function minTdcf(ranking: Ranking, asv: AsvRates, form: '2019' | '2021' = '2021'): Measured {
  const { fakes, reals } = totals(ranking);
  if (fakes === 0 || reals === 0) return oneClass('min t-DCF', fakes, reals);
  const { fake, target, other, miss, falseAlarm, fakeFalseAlarm } = tandem;
  const byVerification = target * miss * asv.miss + other * falseAlarm * asv.falseAlarm;
  const ofMisses = target * miss - byVerification;
  const ofPasses = fakeFalseAlarm * fake * asv.fakeFalseAlarm;
  if (ofMisses <= 0 || ofPasses <= 0)
    return {
      value: null,
      reason: 'min t-DCF is undefined: the speaker verification errs so much that the detector cannot matter',
    };
  const always = form === '2021' ? byVerification : 0;
  const costs = rocCurve(ranking).map(
    ({ falsePositiveRate, truePositiveRate }) =>
      always + ofMisses * falsePositiveRate + ofPasses * (1 - truePositiveRate),
  );
  return {
    value: costs.reduce((least, cost) => Math.min(least, cost)) / (always + Math.min(ofMisses, ofPasses)),
  };
}

export type ADcfModel = {
  priors: { target: number; other: number; fake: number };
  costs: { miss: number; falseAlarm: number; fakeFalseAlarm: number };
};
/** ASVspoof 5, track 2. */
export const asvspoof5ADcf: ADcfModel = {
  priors: { target: 0.9405, other: 0.0095, fake: 0.05 },
  costs: { miss: 1, falseAlarm: 10, fakeFalseAlarm: 10 },
};

/**
 * a-DCF (Shim et al. 2024) of one score per trial that says both who speaks and whether it is genuine; here, as published, higher is accepted. The least cost over
 * all thresholds, over that of the better of accepting all and rejecting all.
 */
export function aDcf(
  scores: { target: readonly number[]; other: readonly number[]; fake: readonly number[] },
  { priors, costs }: ADcfModel = asvspoof5ADcf,
): Measured {
  const counts = [scores.target.length, scores.other.length, scores.fake.length];
  if (counts.includes(0))
    return { value: null, reason: `a-DCF needs targets, others and fakes, got ${counts.join(', ')}` };
  const weights = {
    target: priors.target * costs.miss,
    other: priors.other * costs.falseAlarm,
    fake: priors.fake * costs.fakeFalseAlarm,
  };
  const trials = (['target', 'other', 'fake'] as const)
    .flatMap((kind) => scores[kind].map((score) => ({ score, kind })))
    .toSorted((a, b) => a.score - b.score);
  // All are accepted at first; as the threshold rises, target by target is missed and the others are kept out.
  let cost = weights.other + weights.fake;
  let least = cost;
  trials.forEach(({ score, kind }, i) => {
    cost += ((kind === 'target' ? 1 : -1) * weights[kind]) / scores[kind].length;
    if (score !== trials[i + 1]?.score) least = Math.min(least, cost);
  });
  return { value: least / Math.min(weights.target, weights.other + weights.fake) };
}

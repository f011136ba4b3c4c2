/** Every metric of detection that scores allow, each with its interval or the reason why it has none. */
import type { Measured } from '../types.ts';
import { actDcf, type AsvRates, asvspoof5Asv, cllr, minDcf, minTdcf } from './asv-costs.ts';
import type { ResamplingOptions } from './resampling.ts';
import { delong } from './delong.ts';
import { ap, auc, eer, eerMethod, measureScores, type ScoredItem } from './detection.ts';
import { accuracyAt, balancedAccuracyAt, partialAuc, ratesAt, tprAtFpr } from './operating-point.ts';
import { brier, ece, logLoss } from './probabilities.ts';
import { asvspoofEer, deepfakebenchEer } from './published-eer.ts';
import { nothingRanked, type Ranking, rankScores, totals } from './ranking.ts';

export type Summary = Record<string, Measured & { method?: string }>;
export type SummaryOptions = ResamplingOptions & {
  /** Items of one group may depend on each other; without, each is taken as evidence of its own. */
  grouped: boolean;
  /** Scores are ln(p(score | fake) / p(score | real)). */
  areLogLikelihoodRatios?: boolean;
  /** From here on an item is called fake. Fixed beforehand, never on these items. */
  threshold?: number;
  /** Why there is no threshold, where one was to be fixed. */
  unfixed?: string;
  /** What the scores say of being fake, item by item, by a calibration that never saw these items; else the scores themselves, where they lie in [0, 1]. */
  calibrated?: { probabilities: Float64Array; method: string };
  asv?: AsvRates;
};

/** Named in every output, in this order. False positive rates and error rates are shares. */
export function summarize(items: readonly ScoredItem[], options: SummaryOptions): Summary {
  const scores = Float64Array.from(items, ({ score }) => score);
  const isFake = Uint8Array.from(items, ({ truth }) => (truth === 'fake' ? 1 : 0));
  const ranking = rankScores(scores, isFake);
  const ranked = { ...ordered(items, ranking, options), ...ofRanking(ranking, options) };
  const { fakes, reals } = totals(ranking);
  const none = fakes > 0 && reals > 0 ? nothingRanked(ranking) : undefined;
  const ofRatios = (metric: typeof cllr): Measured =>
    options.areLogLikelihoodRatios
      ? metric(ranking)
      : { value: null, reason: 'the scores are not said to be log-likelihood ratios (--llr)' };
  return {
    ...(none ? allOf(ranked, none) : ranked),
    ...atThreshold(ranking, options),
    actDcf: ofRatios(actDcf),
    cllr: ofRatios(cllr),
    ...ofProbabilities(scores, isFake, options.calibrated),
  };
}

/** What only the order of the scores decides, without intervals. */
function ofRanking(ranking: Ranking, { asv = asvspoof5Asv }: SummaryOptions): Summary {
  const { area: partialArea, ...partial } = partialAuc(ranking, 0.1);
  return {
    eerAsvspoof: { ...asvspoofEer(ranking), method: 'asvspoof' },
    eerDeepfakebench: { ...deepfakebenchEer(ranking), method: 'deepfakebench' },
    'tprAtFpr0.1': tprAtFpr(ranking, 0.1),
    'tprAtFpr0.01': tprAtFpr(ranking, 0.01),
    'tprAtFpr0.001': tprAtFpr(ranking, 0.001),
    'partialAucFpr0.1': partialArea === undefined ? partial : { value: partialArea },
    'partialAucFpr0.1McClish': partial,
    minDcf: minDcf(ranking),
    minTdcf: minTdcf(ranking, asv),
    minTdcf2019: minTdcf(ranking, asv, '2019'),
  };
}

/** The same for every metric, each with its method. */
function allOf(metrics: Summary, measured: Measured): Summary {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { method }]) => [
      name,
      { ...measured, ...(method ? { method } : {}) },
    ]),
  );
}

function atThreshold(ranking: Ranking, { threshold, unfixed }: SummaryOptions): Summary {
  const none: Measured = {
    value: null,
    reason: unfixed ?? 'no threshold was fixed (--threshold, --validation)',
  };
  if (threshold === undefined)
    return { accuracy: none, balancedAccuracy: none, falsePositiveRate: none, truePositiveRate: none };
  return {
    accuracy: accuracyAt(ranking, threshold),
    balancedAccuracy: balancedAccuracyAt(ranking, threshold),
    ...ratesAt(ranking, threshold),
  };
}

function ofProbabilities(
  scores: Float64Array,
  isFake: Uint8Array,
  calibrated: SummaryOptions['calibrated'],
): Summary {
  const own = scores.every((score) => score >= 0 && score <= 1) ? scores : undefined;
  const probabilities = calibrated?.probabilities ?? own;
  const measured = (metric: typeof brier): Summary[string] => ({
    ...(probabilities
      ? metric(probabilities, isFake)
      : {
          value: null,
          reason: 'the scores are no probabilities: some lie outside of 0 to 1 (--calibration)',
        }),
    ...(calibrated ? { method: calibrated.method } : {}),
  });
  return { logLoss: measured(logLoss), brier: measured(brier), ece: measured(ece) };
}

/** AUC, EER and AP: by resampling groups; of independent items the AUC alone has an interval, DeLong's. */
function ordered(
  items: readonly ScoredItem[],
  ranking: Ranking,
  { grouped, ...options }: SummaryOptions,
): Summary {
  if (grouped) {
    const { auc, eer, ap } = measureScores(items, options);
    return { auc, eer, ap };
  }
  const { variance: _, ...ofAuc } = delong(ranking);
  const alone = (measured: Measured): Measured =>
    measured.value === null
      ? measured
      : {
          value: measured.value,
          low: null,
          high: null,
          reason: 'nobody says which items belong to one person (column group), so none can be resampled',
        };
  return {
    auc:
      ofAuc.value === null ? auc(ranking) : { ...ofAuc, method: 'DeLong, every item as evidence of its own' },
    eer: { ...alone(eer(ranking)), method: eerMethod },
    ap: alone(ap(ranking)),
  };
}

/** Every metric of detection that scores allow, each with its interval or the reason why it has none. */
import type { Measured } from '../types.ts';
import { actDcf, type AsvRates, asvspoof5Asv, cllr, minDcf, minTdcf } from './asv-costs.ts';
import type { ResamplingOptions } from './resampling.ts';
import { delong } from './delong.ts';
import { ap, auc, eer, eerMethod, measureScores, type ScoredItem } from './detection.ts';
import { partialAuc, tprAtFpr } from './operating-point.ts';
import { brier, ece, logLoss } from './probabilities.ts';
import { asvspoofEer, deepfakebenchEer } from './published-eer.ts';
import { rankScores } from './ranking.ts';

export type Summary = Record<string, Measured & { method?: string }>;
export type SummaryOptions = ResamplingOptions & {
  /** Items of one group may depend on each other; without, each is taken as evidence of its own. */
  grouped: boolean;
  /** Scores are ln(p(score | fake) / p(score | real)). */
  areLogLikelihoodRatios?: boolean;
  asv?: AsvRates;
};

/** Named in every output, in this order. False positive rates and error rates are shares. */
export function summarize(items: readonly ScoredItem[], options: SummaryOptions): Summary {
  const scores = Float64Array.from(items, ({ score }) => score);
  const isFake = Uint8Array.from(items, ({ truth }) => (truth === 'fake' ? 1 : 0));
  const ranking = rankScores(scores, isFake);
  const isProbability = scores.every((score) => score >= 0 && score <= 1);
  const ofProbabilities = (metric: typeof brier): Measured =>
    isProbability
      ? metric(scores, isFake)
      : { value: null, reason: 'the scores are no probabilities: some lie outside of 0 to 1' };
  const ofRatios = (metric: typeof cllr): Measured =>
    options.areLogLikelihoodRatios
      ? metric(ranking)
      : { value: null, reason: 'the scores are not said to be log-likelihood ratios (--llr)' };
  const { area: partialArea, ...partial } = partialAuc(ranking, 0.1);
  return {
    ...ordered(items, scores, isFake, options),
    eerAsvspoof: { ...asvspoofEer(ranking), method: 'asvspoof' },
    eerDeepfakebench: { ...deepfakebenchEer(ranking), method: 'deepfakebench' },
    'tprAtFpr0.1': tprAtFpr(ranking, 0.1),
    'tprAtFpr0.01': tprAtFpr(ranking, 0.01),
    'tprAtFpr0.001': tprAtFpr(ranking, 0.001),
    'partialAucFpr0.1': partialArea === undefined ? partial : { value: partialArea },
    'partialAucFpr0.1McClish': partial,
    minDcf: minDcf(ranking),
    minTdcf: minTdcf(ranking, options.asv ?? asvspoof5Asv),
    minTdcf2019: minTdcf(ranking, options.asv ?? asvspoof5Asv, '2019'),
    actDcf: ofRatios(actDcf),
    cllr: ofRatios(cllr),
    logLoss: ofProbabilities(logLoss),
    brier: ofProbabilities(brier),
    ece: ofProbabilities(ece),
  };
}

/** AUC, EER and AP: by resampling groups; of independent items the AUC alone has an interval, DeLong's. */
function ordered(
  items: readonly ScoredItem[],
  scores: Float64Array,
  isFake: Uint8Array,
  { grouped, ...options }: SummaryOptions,
): Summary {
  if (grouped) {
    const { auc, eer, ap } = measureScores(items, options);
    return { auc, eer, ap };
  }
  const ranking = rankScores(scores, isFake);
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

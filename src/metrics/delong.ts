/**
 * DeLong's variance of AUCs (DeLong, DeLong & Clarke-Pearson, Biometrics 1988; by mid-ranks as in Sun & Xu, IEEE SPL 2014). Only for items that are
 * independent of each other: with several clips of a person it claims more than there is, and `resampling.ts` is for those.
 */
import type { Measured } from '../types.ts';
import { auc } from './detection.ts';
import { twoSided } from './distributions.ts';
import { oneClass, type Ranking, rankItems, totals } from './ranking.ts';

/** Of each fake the share of reals that it scores above (ties half), of each real the share of fakes that score above it. */
type Placements = { ofFakes: Float64Array; ofReals: Float64Array; auc: number };

function placements(scores: ArrayLike<number>, isFake: ArrayLike<number | boolean>): Placements {
  const { distinct, rankOf } = rankItems(scores);
  const [fakesAt, realsAt] = [new Float64Array(distinct.length), new Float64Array(distinct.length)];
  for (let i = 0; i < rankOf.length; i++) (isFake[i] ? fakesAt : realsAt)[rankOf[i]!]!++;
  const [fakes, reals] = [sum(fakesAt), sum(realsAt)];
  // By rank, highest score first: the share of reals below, and of fakes above.
  const [realsBelow, fakesAbove] = [new Float64Array(distinct.length), new Float64Array(distinct.length)];
  let [seenFakes, seenReals] = [0, 0];
  for (let k = 0; k < distinct.length; k++) {
    seenReals += realsAt[k]!;
    realsBelow[k] = (reals - seenReals + realsAt[k]! / 2) / reals;
    fakesAbove[k] = (seenFakes + fakesAt[k]! / 2) / fakes;
    seenFakes += fakesAt[k]!;
  }
  const [ofFakes, ofReals] = [new Float64Array(fakes), new Float64Array(reals)];
  let [f, r] = [0, 0];
  for (let i = 0; i < rankOf.length; i++)
    if (isFake[i]) ofFakes[f++] = realsBelow[rankOf[i]!]!;
    else ofReals[r++] = fakesAbove[rankOf[i]!]!;
  return { ofFakes, ofReals, auc: sum(ofFakes) / fakes };
}

/** AUC with its variance and the 95 % interval of the normal distribution on the logit (within [0, 1] by construction). Null with a reason below two items of a class. */
export function delong(ranking: Ranking): Measured & { variance?: number } {
  const { fakes, reals } = totals(ranking);
  const scarce = tooFew(fakes, reals);
  if (scarce) return scarce;
  const value = auc(ranking).value!;
  if (value === 0 || value === 1)
    return {
      value,
      low: null,
      high: null,
      reason: 'the classes do not overlap, so DeLong’s variance is 0 whatever was seen',
    };
  const variance = varianceOf(ranking, fakes, reals, value);
  const [logit, error] = [
    Math.log(value / (1 - value)),
    (1.959963984540054 * Math.sqrt(variance)) / (value * (1 - value)),
  ];
  return { value, low: logistic(logit - error), high: logistic(logit + error), variance };
}

/** Of one AUC: items of one score have one placement, so a pass over the distinct scores does. */
function varianceOf(ranking: Ranking, fakes: number, reals: number, mean: number): number {
  let [fakesAbove, realsAbove, ofFakes, ofReals] = [0, 0, 0, 0];
  for (let k = 0; k < ranking.scores.length; k++) {
    const [fakesHere, realsHere] = [ranking.fakes[k]!, ranking.reals[k]!];
    ofFakes += fakesHere * ((reals - realsAbove - realsHere / 2) / reals - mean) ** 2;
    ofReals += realsHere * ((fakesAbove + fakesHere / 2) / fakes - mean) ** 2;
    fakesAbove += fakesHere;
    realsAbove += realsHere;
  }
  return ofFakes / (fakes - 1) / fakes + ofReals / (reals - 1) / reals;
}

/** Difference of the AUCs of two detectors on the same items, AUC(a) − AUC(b), with its variance, z, and two-sided p. */
export function compareDelong(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  isFake: ArrayLike<number | boolean>,
): Measured & { variance?: number; z?: number; p?: number } {
  if (a.length !== b.length) throw new Error(`pairs are needed, got ${a.length} and ${b.length} scores`);
  if (a.length !== isFake.length) throw new Error(`${a.length} scores, but ${isFake.length} labels`);
  const fakes = Array.prototype.filter.call(isFake, Boolean).length;
  const scarce = tooFew(fakes, isFake.length - fakes);
  if (scarce) return scarce;
  const [ofA, ofB] = [placements(a, isFake), placements(b, isFake)];
  const variance = covariance(ofA, ofA) + covariance(ofB, ofB) - 2 * covariance(ofA, ofB);
  const value = ofA.auc - ofB.auc;
  if (variance <= 0) return { value, variance: 0 };
  const z = value / Math.sqrt(variance);
  return { value, variance, z, p: twoSided(z) };
}

function tooFew(fakes: number, reals: number): { value: null; reason: string } | undefined {
  if (fakes === 0 || reals === 0) return oneClass('AUC', fakes, reals) as { value: null; reason: string };
  return fakes < 2 || reals < 2
    ? {
        value: null,
        reason: `DeLong’s variance needs two items of each class, got ${reals} real and ${fakes} fake`,
      }
    : undefined;
}

/** Of two AUCs over the same items. */
function covariance(a: Placements, b: Placements): number {
  const part = (x: Float64Array, y: Float64Array, [meanX, meanY]: [number, number]): number => {
    let products = 0;
    for (let i = 0; i < x.length; i++) products += (x[i]! - meanX) * (y[i]! - meanY);
    return products / (x.length - 1) / x.length;
  };
  return part(a.ofFakes, b.ofFakes, [a.auc, b.auc]) + part(a.ofReals, b.ofReals, [a.auc, b.auc]);
}

const sum = (values: Float64Array): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

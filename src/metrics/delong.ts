/**
 * DeLong's variance of AUCs (DeLong, DeLong & Clarke-Pearson, Biometrics 1988; by mid-ranks as in Sun & Xu, IEEE SPL 2014). Only for items that are
 * independent of each other: with several clips of a person it claims more than there is, and `bootstrap.ts` is for those.
 */
import type { Measured } from '../types.ts';
import { twoSided } from './distributions.ts';
import { oneClass, rankItems } from './ranking.ts';

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
export function delong(
  scores: ArrayLike<number>,
  isFake: ArrayLike<number | boolean>,
): Measured & { variance?: number } {
  const scarce = tooFew(scores, isFake);
  if (scarce) return scarce;
  const own = placements(scores, isFake);
  const variance = covariance(own, own);
  const { auc } = own;
  if (auc === 0 || auc === 1)
    return {
      value: auc,
      low: null,
      high: null,
      reason: 'the classes do not overlap, so DeLong’s variance is 0 whatever was seen',
    };
  const [logit, error] = [
    Math.log(auc / (1 - auc)),
    (1.959963984540054 * Math.sqrt(variance)) / (auc * (1 - auc)),
  ];
  return { value: auc, low: logistic(logit - error), high: logistic(logit + error), variance };
}

/** Difference of the AUCs of two detectors on the same items, AUC(a) − AUC(b), with its variance, z, and two-sided p. */
export function compareDelong(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  isFake: ArrayLike<number | boolean>,
): Measured & { variance?: number; z?: number; p?: number } {
  if (a.length !== b.length) throw new Error(`pairs are needed, got ${a.length} and ${b.length} scores`);
  const scarce = tooFew(a, isFake);
  if (scarce) return scarce;
  const [ofA, ofB] = [placements(a, isFake), placements(b, isFake)];
  const variance = covariance(ofA, ofA) + covariance(ofB, ofB) - 2 * covariance(ofA, ofB);
  const value = ofA.auc - ofB.auc;
  if (variance <= 0) return { value, variance: 0 };
  const z = value / Math.sqrt(variance);
  return { value, variance, z, p: twoSided(z) };
}

function tooFew(
  scores: ArrayLike<number>,
  isFake: ArrayLike<number | boolean>,
): { value: null; reason: string } | undefined {
  if (scores.length !== isFake.length)
    throw new Error(`${scores.length} scores, but ${isFake.length} labels`);
  let fakes = 0;
  for (let i = 0; i < isFake.length; i++) fakes += isFake[i] ? 1 : 0;
  const reals = isFake.length - fakes;
  if (fakes === 0 || reals === 0) return oneClass('AUC', fakes, reals) as { value: null; reason: string };
  if (fakes < 2 || reals < 2)
    return {
      value: null,
      reason: `DeLong’s variance needs two items of each class, got ${reals} real and ${fakes} fake`,
    };
  return undefined;
}

/** Of two AUCs over the same items; of one AUC its variance. */
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

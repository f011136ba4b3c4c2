/**
 * Logistic regression with an L2 penalty (Hastie, Tibshirani, Friedman: The Elements of Statistical Learning, 4.4), fitted
 * by Newton's method. The penalty is on standardised features; one that is constant in training gets weight 0. The two classes weigh
 * the same however many examples each has, so features that tell nothing give score 0. No randomness: same rows, same model.
 */
import { solvePositiveDefinite } from './cholesky.ts';

/** One feature row per example, all of the same length and finite, and which of them are fake. */
export type FeatureSet = { rows: number[][]; isFake: boolean[] };
/** score(row) = bias + Σ weights[j] · (row[j] − mean[j]), weights per unit of the feature; plain data. */
export type Logistic = { mean: number[]; weights: number[]; bias: number };
type Standardised = { x: Float64Array[]; isFake: boolean[]; importance: number[] };

const maxIterations = 100;
/** Largest entry of the gradient at which the fit counts as done; the objective is of the order of 1. */
const gradientTolerance = 1e-9;

/**
 * Minimises balanced log-loss + regularisation/2 · ‖weights‖². The penalty leaves the bias free.
 * @param regularisation Above 0; the larger, the smaller the weights.
 * Throws when a class is missing or rows do not fit together.
 */
export function fitLogistic({ rows, isFake }: FeatureSet, regularisation: number): Logistic {
  if (!(regularisation > 0))
    throw new RangeError(`fitLogistic: regularisation ${regularisation} is not above 0`);
  const { mean, scale } = standardisation(rows);
  const data = {
    x: rows.map((row) => standardise(row, mean, scale)),
    isFake,
    importance: importances(isFake),
  };
  let parameters: Float64Array = new Float64Array(mean.length + 1); // the last one is the bias
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const { gradient, hessian } = derivatives(data, parameters, regularisation);
    if (gradient.every((slope) => Math.abs(slope) < gradientTolerance)) {
      return { mean, weights: scale.map((unit, j) => parameters[j]! / unit), bias: parameters.at(-1)! };
    }
    parameters = descend(
      data,
      parameters,
      gradient,
      solvePositiveDefinite(hessian, gradient),
      regularisation,
    );
  }
  throw new Error(`fitLogistic: no convergence in ${maxIterations} Newton steps`);
}

/** The score of one row: the logit of being fake. */
export function logisticScore(model: Logistic, row: readonly number[]): number {
  if (row.length !== model.weights.length)
    throw new RangeError(`${row.length} features, but ${model.weights.length} weights`);
  return model.weights.reduce((sum, weight, j) => sum + weight * (row[j]! - model.mean[j]!), model.bias);
}

/** Mean over the two classes of the mean of −ln P(truth), in nats; ln 2 for a model that tells nothing. */
export function balancedLogLoss(model: Logistic, { rows, isFake }: FeatureSet): number {
  const importance = importances(isFake);
  return rows.reduce(
    (sum, row, i) =>
      sum + importance[i]! * softplus(isFake[i] ? -logisticScore(model, row) : logisticScore(model, row)),
    0,
  );
}

/** The fit whose balanced log-loss on `validation` is least, among `candidates` of the regularisation; the largest of equals. */
export function chooseLogistic(
  train: FeatureSet,
  validation: FeatureSet,
  candidates: readonly number[],
): { model: Logistic; regularisation: number; validationLoss: number } {
  const fits = candidates
    .toSorted((a, b) => b - a)
    .map((regularisation) => {
      const model = fitLogistic(train, regularisation);
      return { model, regularisation, validationLoss: balancedLogLoss(model, validation) };
    });
  return fits.reduce((best, fit) => (fit.validationLoss < best.validationLoss ? fit : best));
}

/** Σ importance · log(1 + e^∓z) + penalty, over standardised rows. */
function objective(
  { x, isFake, importance }: Standardised,
  parameters: Float64Array,
  regularisation: number,
): number {
  let sum = 0;
  for (let j = 0; j < parameters.length - 1; j++) sum += (regularisation / 2) * parameters[j]! ** 2;
  x.forEach((row, i) => {
    const z = linear(row, parameters);
    sum += importance[i]! * softplus(isFake[i] ? -z : z);
  });
  return sum;
}

function derivatives(
  { x, isFake, importance }: Standardised,
  parameters: Float64Array,
  regularisation: number,
): { gradient: Float64Array; hessian: Float64Array } {
  const size = parameters.length;
  const bias = size - 1;
  const gradient = parameters.map((value, j) => (j === bias ? 0 : regularisation * value));
  const hessian = new Float64Array(size * size);
  for (let j = 0; j < bias; j++) hessian[j * size + j] = regularisation;
  x.forEach((row, i) => {
    const probability = 1 / (1 + Math.exp(-linear(row, parameters)));
    const slope = importance[i]! * (probability - (isFake[i] ? 1 : 0));
    const curvature = importance[i]! * probability * (1 - probability);
    for (let j = 0; j < size; j++) {
      const xj = j === bias ? 1 : row[j]!;
      gradient[j]! += slope * xj;
      for (let k = 0; k <= j; k++) hessian[j * size + k]! += curvature * xj * (k === bias ? 1 : row[k]!);
    }
  });
  return { gradient, hessian };
}

/** One Newton step, halved until the objective falls enough (Armijo), so that it cannot run away from a far start. */
function descend(
  data: Standardised,
  from: Float64Array,
  gradient: Float64Array,
  newton: Float64Array,
  regularisation: number,
): Float64Array {
  const before = objective(data, from, regularisation);
  const fall = gradient.reduce((sum, slope, j) => sum + slope * newton[j]!, 0);
  for (let step = 1; step > 1e-10; step /= 2) {
    const to = from.map((value, j) => value - step * newton[j]!);
    if (objective(data, to, regularisation) <= before - 1e-4 * step * fall + Number.EPSILON) return to;
  }
  throw new Error('fitLogistic: the Newton step does not descend');
}

function standardisation(rows: number[][]): { mean: number[]; scale: number[] } {
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width || !row.every(Number.isFinite)))
    throw new RangeError('feature rows must be finite and of equal length');
  const mean = Array.from({ length: width }, (_, j) =>
    rows.reduce((sum, row) => sum + row[j]! / rows.length, 0),
  );
  const scale = mean.map((centre, j) => {
    const deviation = Math.sqrt(rows.reduce((sum, row) => sum + (row[j]! - centre) ** 2 / rows.length, 0));
    // Below this the spread is rounding of a constant; scaled up it would look like a feature.
    return deviation > 1e-9 * Math.max(1, Math.abs(centre)) ? deviation : Number.POSITIVE_INFINITY;
  });
  return { mean, scale };
}

function standardise(row: number[], mean: number[], scale: number[]): Float64Array {
  return Float64Array.from(row, (value, j) => (value - mean[j]!) / scale[j]!);
}

/** 1/(2n) for each of the n examples of a class. */
function importances(isFake: boolean[]): number[] {
  const fakes = isFake.filter(Boolean).length;
  if (fakes === 0 || fakes === isFake.length)
    throw new RangeError(`${fakes} fake of ${isFake.length} examples: both classes are needed`);
  return isFake.map((fake) => 1 / (2 * (fake ? fakes : isFake.length - fakes)));
}

function linear(row: Float64Array, parameters: Float64Array): number {
  let sum = parameters[row.length]!;
  for (let j = 0; j < row.length; j++) sum += row[j]! * parameters[j]!;
  return sum;
}

/** log(1 + e^z) without overflow. */
function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

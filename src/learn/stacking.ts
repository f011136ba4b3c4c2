/**
 * Stacking (Wolpert: Stacked Generalization, 1992): logistic regression on what several detectors say of the same clip, each calibrated
 * first to the logit of being fake (Platt: Probabilistic Outputs for Support Vector Machines, 1999).
 */
import { auc } from '../metrics/detection.ts';
import { rankScores } from '../metrics/ranking.ts';
import { balancedLogLoss, type FeatureSet, fitLogistic, type Logistic, logisticScore } from './logistic.ts';

/** One calibration for each detector, and the regression on the calibrated scores; plain data. */
export type Stack = { calibrations: Logistic[]; regression: Logistic };
export type StackChoice = { stack: Stack; regularisation: number; heldOutLoss: number | null };

/** Hardly more than what keeps perfectly told clips from infinite logits. */
const calibrationPenalty = 1e-2;
const regularisations = [1e-2, 1e-1, 1, 10];
/** Where nothing can be held out to choose by. */
const withoutChoice = 1;

/** @param set A row for each clip, a score for each detector; both classes. @throws as `fitLogistic`. */
export function fitStack(set: FeatureSet, regularisation: number): Stack {
  const calibrations = set.rows[0]!.map((_, j) =>
    calibrate({ ...set, rows: set.rows.map((row) => [row[j]!]) }),
  );
  const rows = set.rows.map((row) => calibrated(calibrations, row));
  return { calibrations, regression: fitLogistic({ ...set, rows }, regularisation) };
}

/** Higher scores mean more likely fake, as agreed; a detector that says the opposite here is taken as knowing nothing. */
function calibrate(set: FeatureSet): Logistic {
  const fit = fitLogistic(set, calibrationPenalty);
  return fit.weights[0]! > 0 ? fit : { ...fit, weights: [0], bias: 0 };
}

const calibrated = (calibrations: Logistic[], row: readonly number[]): number[] =>
  calibrations.map((calibration, j) => logisticScore(calibration, [row[j]!]));

/** The logit of being fake. */
export function stackScore({ calibrations, regression }: Stack, row: readonly number[]): number {
  return logisticScore(regression, calibrated(calibrations, row));
}

/**
 * Fits on `set` with the regularisation whose balanced log-loss is least on people held out one by one, the largest of equals; calibrations
 * are fitted anew without them. `people`: who is seen in each clip. With fewer than two people, or where leaving one out leaves one class,
 * it cannot be chosen: 1, and `heldOutLoss` is null.
 */
export function chooseStack(set: FeatureSet, people: readonly string[]): StackChoice {
  const losses = regularisations
    .toSorted((a, b) => b - a)
    .flatMap((regularisation) => {
      const loss = heldOutLoss(set, people, regularisation);
      return loss === undefined ? [] : [{ regularisation, loss }];
    });
  const best = losses.reduce<(typeof losses)[number] | undefined>(
    (least, one) => (least && least.loss <= one.loss ? least : one),
    undefined,
  );
  const regularisation = best?.regularisation ?? withoutChoice;
  return { stack: fitStack(set, regularisation), regularisation, heldOutLoss: best?.loss ?? null };
}

function heldOutLoss(set: FeatureSet, people: readonly string[], regularisation: number): number | undefined {
  const logits = new Float64Array(set.rows.length);
  for (const person of new Set(people)) {
    const rest = people.flatMap((other, i) => (other === person ? [] : [i]));
    const kinds = new Set(rest.map((i) => set.isFake[i]!));
    if (kinds.size < 2) return undefined;
    const stack = fitStack(
      { rows: rest.map((i) => set.rows[i]!), isFake: rest.map((i) => set.isFake[i]!) },
      regularisation,
    );
    for (const [i, row] of set.rows.entries()) if (people[i] === person) logits[i] = stackScore(stack, row);
  }
  const asItIs: Logistic = { mean: [0], weights: [1], bias: 0 };
  return balancedLogLoss(asItIs, { rows: [...logits].map((logit) => [logit]), isFake: set.isFake });
}

/** AUC of each detector alone, and the place of the largest, the first of equals. */
export function bestSingle({ rows, isFake }: FeatureSet): { aucs: number[]; best: number } {
  const aucs = rows[0]!.map((_, j) => {
    const { value } = auc(
      rankScores(
        rows.map((row) => row[j]!),
        isFake,
      ),
    );
    if (value === null) throw new RangeError('bestSingle: both classes are needed');
    return value;
  });
  return { aucs, best: aucs.indexOf(Math.max(...aucs)) };
}

/**
 * Stacking (Wolpert: Stacked Generalization, 1992): logistic regression on what several detectors say of the same clip, each calibrated
 * first to the logit of being fake (Platt: Probabilistic Outputs for Support Vector Machines, 1999).
 */
import { auc } from '../metrics/detection.ts';
import { rankScores } from '../metrics/ranking.ts';
import { balancedLogLoss, type FeatureSet, fitLogistic, type Logistic, logisticScore } from './logistic.ts';

/** What each detector says of a clip; null of one that it is no question for, which counts as knowing nothing: log-odds 0. */
export type Answers = (number | null)[];
/** A row for each clip, and which of them are fake. */
export type AnswerSet = { rows: Answers[]; isFake: boolean[] };
/** One calibration for each detector, and the regression on the calibrated scores; plain data. */
export type Stack = { calibrations: Logistic[]; regression: Logistic };
export type StackChoice = { stack: Stack; regularisation: number; heldOutLoss: number | null };

/** Hardly more than what keeps perfectly told clips from infinite logits. */
const calibrationPenalty = 1e-2;
const regularisations = [1e-2, 1e-1, 1, 10];
/** Where nothing can be held out to choose by. */
const withoutChoice = 1;

const knowsNothing: Logistic = { mean: [0], weights: [0], bias: 0 };

/** @param set Both classes. A calibration is fitted on the rows that its detector judged. @throws as `fitLogistic`. */
export function fitStack(set: AnswerSet, regularisation: number): Stack {
  const calibrations = set.rows[0]!.map((_, j) => calibrate(judgedBy(set, j)));
  const rows = set.rows.map((row) => calibrated(calibrations, row));
  return { calibrations, regression: fitLogistic({ ...set, rows }, regularisation) };
}

/** The rows that a detector judged, with its score alone. */
function judgedBy({ rows, isFake }: AnswerSet, j: number): FeatureSet {
  const judged = rows.flatMap((row, i) => (row[j] === null ? [] : [{ row: [row[j]!], fake: isFake[i]! }]));
  return { rows: judged.map(({ row }) => row), isFake: judged.map(({ fake }) => fake) };
}

/**
 * Higher scores mean more likely fake, as agreed; a detector that says the opposite here is taken as knowing nothing, as is one that
 * judged one class alone.
 */
function calibrate(set: FeatureSet): Logistic {
  if (new Set(set.isFake).size < 2) return knowsNothing;
  const fit = fitLogistic(set, calibrationPenalty);
  return fit.weights[0]! > 0 ? fit : knowsNothing;
}

const calibrated = (calibrations: Logistic[], row: Answers): number[] =>
  calibrations.map((calibration, j) => (row[j] === null ? 0 : logisticScore(calibration, [row[j]!])));

/** The logit of being fake. */
export function stackScore({ calibrations, regression }: Stack, row: Answers): number {
  return logisticScore(regression, calibrated(calibrations, row));
}

/**
 * Fits on `set` with the regularisation whose balanced log-loss is least on people held out one by one, the largest of equals; calibrations
 * are fitted anew without them. `people`: who is seen in each clip. With fewer than two people, or where leaving one out leaves one class,
 * it cannot be chosen: 1, and `heldOutLoss` is null.
 */
export function chooseStack(set: AnswerSet, people: readonly string[]): StackChoice {
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

function heldOutLoss(set: AnswerSet, people: readonly string[], regularisation: number): number | undefined {
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

/**
 * AUC of each detector alone over the rows that it judged, null where these are of one class, and the place of the largest, the first of
 * equals. @throws RangeError where no detector has one.
 */
export function bestSingle(set: AnswerSet): { aucs: (number | null)[]; best: number } {
  const aucs = set.rows[0]!.map((_, j) => {
    const { rows, isFake } = judgedBy(set, j);
    return auc(rankScores(rows.flat(), isFake)).value;
  });
  const known = aucs.filter((value) => value !== null);
  if (known.length === 0) throw new RangeError('bestSingle: no detector judged both classes');
  return { aucs, best: aucs.indexOf(Math.max(...known)) };
}

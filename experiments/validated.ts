/** What `masque measure` fixes on validation scores before it looks at the others: a threshold and a calibration. */
import { UserError } from '../src/errors.ts';
import { type Calibration, calibrated, fitCalibration } from '../src/learn/calibrate.ts';
import { bestThreshold } from '../src/metrics/operating-point.ts';
import { rankScores } from '../src/metrics/ranking.ts';
import type { SummaryOptions } from '../src/metrics/summary.ts';
import type { Joined } from '../src/score-files/join.ts';

export type Validation = { path: string; detectors: Joined[]; calibration?: Calibration['kind'] };
export type Fixed = Pick<SummaryOptions, 'threshold' | 'calibrated' | 'unfixed'>;

/**
 * The threshold of the highest balanced accuracy, and probabilities of the items by the calibration asked for; or why there is none: no validation scores of this detector, or only of one class, or all equal.
 * @throws UserError where the validation scores are of the same items.
 */
export function fixOn({ path, detectors, calibration }: Validation, { detector, items }: Joined): Fixed {
  const own = detectors.find((one) => one.detector === detector);
  const named = `${path}: ${detector === undefined ? '' : `${detector}: `}`;
  if (!own) return { unfixed: `${named}there are no scores of it` };
  const ids = new Set(own.items.map(({ id }) => id));
  const both = items.filter(({ id }) => ids.has(id));
  if (both.length > 0)
    throw new UserError(
      `${named}${both.length} of its items are measured too, as ${JSON.stringify(both[0]!.id)}: what is fixed on them says nothing of others`,
    );
  const scores = Float64Array.from(own.items, ({ score }) => score);
  const isFake = own.items.map(({ truth }) => truth === 'fake');
  const threshold = bestThreshold(rankScores(scores, isFake));
  if (threshold.value === null) return { unfixed: `${named}${(threshold as { reason: string }).reason}` };
  if (!calibration) return { threshold: threshold.value };
  const fit = orUserError(named, () => fitCalibration(calibration, scores, isFake));
  return {
    threshold: threshold.value,
    calibrated: {
      probabilities: Float64Array.from(items, ({ score }) => calibrated(fit, score)),
      method: `${calibration}, fitted on validation`,
    },
  };
}

function orUserError<T>(named: string, fit: () => T): T {
  try {
    return fit();
  } catch (cause) {
    if (cause instanceof RangeError) throw new UserError(`${named}${cause.message}`, { cause });
    throw cause;
  }
}

/** What perturbations do to a detector, summed up over levels and distortions. */
import type { Measured } from '../types.ts';

/** AUC of one detector per level of one distortion, mildest first; null where it is undefined. */
export type Levels = { distortion: string; aucs: (number | null)[] };
/** AUC on clean clips with its interval. */
export type Clean = { value: number; low: number | null; high: number | null };

export type RobustnessSummary = {
  /** Mean over levels, of each distortion; null where a level has none. */
  means: Record<string, Measured>;
  /** Mean of these over distortions. */
  mean: Measured;
  /** (clean − mean) / (clean − 0.5): 0 nothing lost, 1 all; null where the clean interval holds 0.5, so that there was nothing to lose. */
  relativeDrop: Measured;
  /** The lowest single level. */
  worst: Measured & { distortion?: string; level?: number };
};

export function summarizeRobustness(clean: Clean, all: readonly Levels[]): RobustnessSummary {
  const means = Object.fromEntries(
    all.map(({ distortion, aucs }) => [distortion, meanOf(aucs, 'a level has no AUC')]),
  );
  const mean = meanOf(
    Object.values(means).map(({ value }) => value),
    'a distortion has no mean',
  );
  return { means, mean, relativeDrop: dropOf(clean, mean), worst: worstOf(all) };
}

function dropOf(clean: Clean, mean: Measured): Measured {
  if (mean.value === null) return mean;
  if (clean.low === null || clean.high === null)
    return {
      value: null,
      reason: 'the AUC on clean clips has no interval, so it is not known whether there was anything to lose',
    };
  if (clean.low <= 0.5)
    return {
      value: null,
      reason:
        clean.high < 0.5
          ? 'on clean clips the AUC lies below 0.5: fakes were not found there either'
          : 'on clean clips the interval of the AUC holds 0.5: there was nothing to lose',
    };
  return { value: (clean.value - mean.value) / (clean.value - 0.5) };
}

function worstOf(all: readonly Levels[]): RobustnessSummary['worst'] {
  const single = all.flatMap(({ distortion, aucs }) =>
    aucs.flatMap((value, i) => (value === null ? [] : [{ value, distortion, level: i + 1 }])),
  );
  if (single.length === 0) return { value: null, reason: 'no level has an AUC' };
  return single.reduce((worst, one) => (one.value < worst.value ? one : worst));
}

function meanOf(values: readonly (number | null)[], reason: string): Measured {
  if (values.length === 0) return { value: null, reason: 'there are no values' };
  if (values.includes(null)) return { value: null, reason };
  return { value: values.reduce<number>((sum, value) => sum + value! / values.length, 0) };
}

/**
 * Kendall's τ_b in [-1, 1]: whether two lists of figures put the same detectors in the same order; ties are counted as in Kendall (1945). Null with a reason below two pairs or
 * where all of one list are equal.
 */
export function kendallTau(a: readonly number[], b: readonly number[]): Measured {
  if (a.length !== b.length) throw new Error(`pairs are needed, got ${a.length} and ${b.length} values`);
  if (a.length < 2) return { value: null, reason: `an order needs at least 2 values, got ${a.length}` };
  let [agree, untiedA, untiedB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++)
    for (let j = i + 1; j < a.length; j++) {
      const [signA, signB] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)];
      agree += signA * signB;
      untiedA += signA * signA;
      untiedB += signB * signB;
    }
  if (untiedA === 0 || untiedB === 0) return { value: null, reason: 'all values of one list are equal' };
  return { value: agree / Math.sqrt(untiedA * untiedB) };
}

/** What all protocols of a run found together. */
import type { Scored } from '../src/pipeline/score.ts';
import type { BaselineResult } from './baseline.ts';

/** `distorted`: scores under perturbations. */
export type RunResults = BaselineResult & { distorted: Scored[] };

/** Every score there is, the rows of `outcomes.csv`. */
export function rowsOf({ scored, validated, distorted, probed }: Omit<RunResults, 'line'>): Scored[] {
  return [...scored, ...validated, ...distorted, ...probed];
}

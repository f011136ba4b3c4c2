/** The protocol `robustness`: what the detectors of a run say of the same test clips and fakes once something has happened to them. Nothing is trained or chosen anew. */
import type { Experiment } from '../src/config.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { scoreDistorted } from '../src/pipeline/score-distorted.ts';
import type { Scored } from '../src/pipeline/score.ts';
import type { BaselineResult } from './baseline.ts';

export function robustness(
  { perturbations, trainingSeed }: Experiment,
  { line, trained, scored }: BaselineResult,
  context: RunContext,
): Promise<Scored[]> {
  const items = [...line.published, ...line.fakes.flatMap((made) => made.items)];
  const asked = trained.filter(({ probe, variantOf }) => !probe && variantOf === undefined);
  return scoreDistorted(
    items.filter(({ item }) => item.split === 'test'),
    asked,
    perturbations,
    trainingSeed ?? context.seed,
    scored,
    context,
  );
}

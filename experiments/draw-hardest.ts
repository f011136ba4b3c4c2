/** Pictures of the clips that most detectors get wrong; only these are drawn. */
import type { RunContext } from '../src/pipeline/context.ts';
import { toOutcomes } from '../src/pipeline/measure.ts';
import type { Scored } from '../src/pipeline/score.ts';
import type { Trained } from '../src/pipeline/train-detectors.ts';
import { hardestItems } from '../src/reports/hardest.ts';
import { drawItem } from '../src/reports/item.job.ts';
import type { ReportInput } from '../src/reports/report.job.ts';

/** `controls`: labels of the control generators, whose fakes are none to find. */
export async function drawHardest(
  scored: Scored[],
  controls: ReadonlySet<string>,
  context: RunContext,
): Promise<ReportInput['hardest']> {
  const ranked = [...new Set(scored.map(({ trained }) => trained))].filter(isRanked);
  const clips = new Map(
    scored.flatMap(({ entry }) => ('clip' in entry ? [[entry.item.id, entry.clip] as const] : [])),
  );
  return Promise.all(
    hardestItems(toOutcomes('', scored), ranked, controls).map(async (item) => ({
      ...item,
      pictures: await context.run(drawItem, { clip: clips.get(item.id)! }),
    })),
  );
}

/** Neither a control nor a constructed cue, nor one that was trained on less for a comparison. */
export const isRanked = ({ detector, variantOf, probe }: Trained): boolean =>
  !probe && detector.family !== 'control' && detector.constructed === undefined && variantOf === undefined;

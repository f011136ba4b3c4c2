/** Maps of where detectors look: of each one that judges frames, one fake. */
import { groupBy } from '../src/group.ts';
import { auc } from '../src/metrics/detection.ts';
import { rankScores } from '../src/metrics/ranking.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { orReason } from '../src/pipeline/items.ts';
import { toOutcomes } from '../src/pipeline/measure.ts';
import type { Scored } from '../src/pipeline/score.ts';
import type { Trained } from '../src/pipeline/train-detectors.ts';
import { drawOcclusion } from '../src/reports/occlusion.job.ts';
import type { ReportInput } from '../src/reports/report.job.ts';
import type { Clip } from '../src/types.ts';
import { isRanked } from './draw-hardest.ts';

/** `controls`: labels of the control generators. */
export async function drawLooked(
  scored: Scored[],
  controls: ReadonlySet<string>,
  context: RunContext,
): Promise<ReportInput['looked']> {
  const outcomes = toOutcomes('', scored);
  const clean = scored.filter(
    (_, i) => outcomes[i]!.perturbation === 'none' && outcomes[i]!.split === 'test',
  );
  const asked = [...new Set(clean.map(({ trained }) => trained))].filter(judgesFrames);
  const maps = asked.map(async (trained) => {
    const { detector, code, label, options, model } = trained;
    const fake = middleFake(
      clean.filter((row) => row.trained === trained),
      controls,
    );
    if (!fake) return [];
    const { clip, generator } = fake;
    const input = {
      code,
      name: detector.name,
      options,
      seed: context.seed,
      clip,
      ...(model ? { model } : {}),
    };
    const map = await orReason(context.run(drawOcclusion, input));
    return [{ detector: label, generator, id: clip.id, ...map }];
  });
  return (await Promise.all(maps)).flat();
}

/** What it says hangs on single frames: who follows a face over time cannot be asked about four of them. */
const judgesFrames = (trained: Trained): boolean =>
  isRanked(trained) &&
  trained.judges === 'video' &&
  trained.detector.needs === 'frames' &&
  trained.detector.family !== 'temporal';

/** Of the generator that it tells best, controls left out, the fake with the middle one of the scores. */
function middleFake(
  rows: readonly Scored[],
  controls: ReadonlySet<string>,
): { clip: Clip; generator: string } | undefined {
  const reals = rows.flatMap((row) => ('score' in row && row.truth === 'real' ? [row.score] : []));
  const fakes = rows.flatMap((row) => {
    const { entry } = row;
    const { generator } = entry;
    const known = 'score' in row && 'clip' in entry && row.truth === 'fake';
    return known && generator !== undefined && !controls.has(generator)
      ? [{ score: row.score, clip: entry.clip, generator }]
      : [];
  });
  const told = [...groupBy(fakes, ({ generator }) => generator).values()].map((own) => {
    const scores = own.map(({ score }) => score);
    const ranking = rankScores([...reals, ...scores], [...reals.map(() => 0), ...scores.map(() => 1)]);
    return { own, auc: auc(ranking).value ?? 0 };
  });
  const [best] = told.toSorted((a, b) => b.auc - a.auc);
  return best?.own.toSorted((a, b) => a.score - b.score)[Math.floor(best.own.length / 2)];
}

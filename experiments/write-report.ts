/** Draws the pictures of a run (a strip per test fake, the generators' sheets) and writes `report.html` into its folder. */
import type { RunContext } from '../src/pipeline/context.ts';
import type { Fakes } from '../src/pipeline/make-fakes.ts';
import type { Pool } from '../src/queue/pool.ts';
import type { RunRecord } from '../src/records/record.ts';
import { drawReport, type PictureFile } from '../src/reports/report.job.ts';
import { drawStrip } from '../src/reports/strip.job.ts';
import type { BaselineResult, Line } from './baseline.ts';

/** `outcomes.csv` must lie in `folder` already. */
export async function writeReport(
  folder: string,
  record: RunRecord,
  { line }: BaselineResult,
  context: RunContext,
  pool: Pool,
): Promise<void> {
  const strips = (await Promise.all(line.fakes.map((fakes) => drawStrips(fakes, line, context)))).flat();
  const sheets = line.fakes.flatMap(({ label, quality }) =>
    (quality?.sheets ?? []).map(({ title, picture }) => ({ generator: label, id: title, picture })),
  );
  await pool.run(drawReport, { record, strips, sheets }, folder);
}

/** One strip per fake of the test split; controls, which look like their targets, show only the first. */
async function drawStrips(
  { label, control, items, plans }: Fakes,
  { published }: Line,
  context: RunContext,
): Promise<PictureFile[]> {
  const made = items.flatMap((entry, i) =>
    'clip' in entry && entry.item.split === 'test' ? [{ clip: entry.clip, plan: plans[i]! }] : [],
  );
  const shown = control ? made.slice(0, 1) : made;
  const realOf = new Map(
    published.flatMap((entry) => ('clip' in entry ? [[entry.item.id, entry.clip]] : [])),
  );
  return Promise.all(
    shown.map(async ({ clip, plan }) => {
      const picture = await context.run(drawStrip, {
        // The encode that the fake has had too, so that the difference shows the fake and not the codec.
        target: realOf.get(plan.target.id) ?? plan.target,
        fake: clip,
        ...(plan.driver ? { driver: plan.driver } : {}),
      });
      return { generator: label, id: clip.id, picture };
    }),
  );
}

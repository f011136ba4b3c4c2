/** The strips that a report shows: fakes to look at and listen to. */
import type { RunContext } from '../src/pipeline/context.ts';
import type { LineItem } from '../src/pipeline/items.ts';
import type { MadeFakes } from '../src/pipeline/make-fakes.ts';
import { personOf } from '../src/pairs.ts';
import type { ReportInput } from '../src/reports/report.job.ts';
import type { Clip, Labels } from '../src/types.ts';
import { drawStrip } from '../src/reports/strip.job.ts';

/** A report stays a file that opens quickly: at most so many fakes of a generator are shown, of all generators together not many more than so many, evenly spread over the people. */
const mostStrips = 16;
const mostOfAll = 72;

/** A strip for fakes of the test split; of controls, which look like their targets, only the first. `makers`: how many generators are no controls. */
export async function drawStrips(
  { label, control, items, plans }: MadeFakes,
  published: LineItem[],
  makers: number,
  context: RunContext,
): Promise<ReportInput['strips']> {
  const made = items.flatMap((entry, i) =>
    'clip' in entry && entry.clip.media.video && entry.item.split === 'test'
      ? [{ clip: entry.clip, plan: plans[i]! }]
      : [],
  );
  const most = Math.min(mostStrips, Math.ceil(mostOfAll / Math.max(1, makers)));
  const shown = spread(made, control ? 1 : most);
  const realOf = new Map(
    published.flatMap((entry) => ('clip' in entry ? [[entry.item.id, entry.clip]] : [])),
  );
  return Promise.all(
    shown.map(async ({ clip, plan: { target, driver, driving, face, labels } }) => ({
      generator: label,
      id: clip.id,
      target: target.id,
      ...(driver ? { driver: driver.id } : {}),
      ...(driving ? { driving } : {}),
      ...(face ? { face: personOf(face) } : {}),
      ...forged(driver, labels),
      of: made.length,
      strip: await context.run(drawStrip, {
        // The encode that the fake has had too, so that the error shows the fake and not the codec.
        target: realOf.get(target.id) ?? target,
        fake: clip,
        ...(driver ? { driver } : {}),
        ...forged(driver, labels),
      }),
    })),
  );
}

/** Says so of a sound that was made by a machine and not by a driver. */
const forged = (driver: Clip | undefined, { audio }: Labels): { forged?: true } =>
  !driver && audio === 'fake' ? { forged: true } : {};

/** At most `count` of the values, evenly spaced. */
function spread<T>(values: readonly T[], count: number): T[] {
  const place = (i: number): number => Math.floor((i * count) / values.length);
  return values.length <= count ? [...values] : values.filter((_, i) => i === 0 || place(i) > place(i - 1));
}

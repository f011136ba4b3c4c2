/** Draws the pictures of a run (a strip per test fake, the generators' sheets) and writes `report.html` into its folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atomicWrite } from '../src/files.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import type { Fakes } from '../src/pipeline/make-fakes.ts';
import type { OutcomeRow } from '../src/records/outcomes.ts';
import type { RunRecord } from '../src/records/record.ts';
import { buildReport, type ReportPicture } from '../src/reports/report.ts';
import { drawStrip } from '../src/reports/strip.job.ts';
import type { FileRef } from '../src/types.ts';
import type { BaselineResult, Line } from './baseline.ts';

export async function writeReport(
  folder: string,
  record: RunRecord,
  outcomes: OutcomeRow[],
  { line }: BaselineResult,
  context: RunContext,
): Promise<void> {
  const strips = (await Promise.all(line.fakes.map((fakes) => drawStrips(fakes, line, context)))).flat();
  const sheets = (await Promise.all(line.fakes.map(readSheets))).flat();
  await atomicWrite(join(folder, 'report.html'), buildReport(record, outcomes, { strips, sheets }));
}

/** One strip per fake of the test split; controls, which look like their targets, show only the first. */
async function drawStrips(
  { label, control, items, plans }: Fakes,
  { reals }: Line,
  context: RunContext,
): Promise<ReportPicture[]> {
  const made = items.flatMap((entry, i) =>
    'clip' in entry && entry.item.split === 'test' ? [{ clip: entry.clip, plan: plans[i]! }] : [],
  );
  const shown = control ? made.slice(0, 1) : made;
  const published = new Map(reals.flatMap((entry) => ('clip' in entry ? [[entry.item.id, entry.clip]] : [])));
  return Promise.all(
    shown.map(async ({ clip, plan }) => {
      const picture = await context.run(drawStrip, {
        // The encode that the fake has had too, so that the difference shows the fake and not the codec.
        target: published.get(plan.target.id) ?? plan.target,
        fake: clip,
        ...(plan.driver ? { driver: plan.driver } : {}),
      });
      return { generator: label, id: clip.id, image: await toDataUri(picture) };
    }),
  );
}

async function readSheets({ label, quality }: Fakes): Promise<ReportPicture[]> {
  return Promise.all(
    (quality?.sheets ?? []).map(async ({ title, picture }) => ({
      generator: label,
      id: title,
      image: await toDataUri(picture),
    })),
  );
}

async function toDataUri({ path }: FileRef): Promise<string> {
  const bytes = await readFile(path);
  const kind = bytes[0] === 0x89 ? 'png' : 'jpeg';
  return `data:image/${kind};base64,${bytes.toString('base64')}`;
}

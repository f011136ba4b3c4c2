/** Has `report.html` written into the run's folder. */
import type { Pool } from '../src/queue/pool.ts';
import type { RunRecord } from '../src/records/record.ts';
import { drawReport } from '../src/reports/report.job.ts';
import type { BaselineResult } from './baseline.ts';

/** `outcomes.csv` must lie in `folder` already. */
export async function writeReport(
  folder: string,
  record: RunRecord,
  { line, strips, hardest, looked }: BaselineResult,
  pool: Pool,
): Promise<void> {
  const sheets = line.fakes.flatMap(({ label, quality }) =>
    (quality?.sheets ?? []).map(({ title, picture }) => ({ generator: label, title, picture })),
  );
  await pool.run(drawReport, { record, strips, sheets, hardest, looked }, folder);
}

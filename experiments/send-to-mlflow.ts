/** Copies a finished run with the networks it trained to an MLflow server, where `MLFLOW_TRACKING_URI` names one, and the outbox to it (`masque sync`). */
import { join, relative } from 'node:path';
import { withoutFolders } from '../src/errors.ts';
import type { Sending } from '../src/records/mlflow.ts';
import { countPending } from '../src/records/mlflow/outbox.ts';
import type { Model } from '../src/types.ts';
import type { BaselineResult } from './baseline.ts';
import { catalog } from './catalog.ts';
import { resultsOption } from './commands/options.ts';

/** After a run a server that gives no good answer is waited for so long, ms. */
const silenceMs = 4_000;
/** And it is sent for so long at most: this, or a hundredth of the run's own time where that is more. The rest is for `masque sync`. */
const sendingMs = 5_000;

export const outboxOf = (results: string): string => join(results, 'outbox');

/**
 * Puts the run into the outbox and sends what it can. Returns the lines to end the run with. Nothing is thrown and nothing of the run is changed,
 * whatever the server does. `seconds` that the run took.
 */
export async function sendToMlflow(
  results: string,
  folder: string,
  { line, trained }: BaselineResult,
  seconds: number,
): Promise<string[]> {
  if (!process.env['MLFLOW_TRACKING_URI']?.trim()) return [];
  const { fillOutbox, sendOutbox } = await import('../src/records/mlflow.ts'); // axios takes a tenth of a second to load
  const files = (networks: { label: string; model?: Model }[], showsPeople: boolean) =>
    networks.flatMap(({ label, model }) => (model ? [{ label, files: model.files, showsPeople }] : []));
  const fakes = line.fakes.filter(({ name }) => !catalog.generators[name]!.bring);
  const learned = trained.filter(({ detector }) => !detector.bring);
  try {
    // A timer takes whole milliseconds alone.
    const limit = AbortSignal.timeout(Math.max(sendingMs, Math.ceil((seconds * 1000) / 100)));
    const outbox = outboxOf(results);
    const first = await fillOutbox(outbox, folder, [...files(fakes, true), ...files(learned, false)]);
    const patience = { firstMs: silenceMs, thenMs: silenceMs };
    const more = { attemptMs: silenceMs, limit, ...(first === undefined ? {} : { first }) };
    return await tell(results, await sendOutbox(outbox, { patience, ...more }), first);
  } catch (error) {
    return [
      `warning: MLflow: ${withoutFolders((error as Error).message)}. The run itself is complete; mend that and run the same command again to send it, or unset MLFLOW_TRACKING_URI`,
    ];
  }
}

/** What became of the outbox: where the run named `first` is now, and what is pending, with the reason. */
async function tell(results: string, sendings: readonly Sending[], first?: string): Promise<string[]> {
  const own = sendings.find(({ entry }) => entry === first);
  const pending = await countPending(outboxOf(results));
  const trouble = sendings.flatMap((sending) => ('trouble' in sending ? [sending.trouble] : []))[0];
  return [
    ...(own && 'page' in own ? [`MLflow: ${[own.page, ...own.remarks].join('; ')}`] : []),
    ...(pending > 0 ? [pendingLine(results, pending, trouble)] : []),
  ];
}

/** What is still to be sent and how, `results` being the folder with the outbox. */
export function pendingLine(results: string, pending: number, trouble?: string): string {
  const folder = relative('.', results);
  const where = folder === resultsOption.default ? '' : ` -- --results ${folder || '.'}`;
  return `mlflow: pending ${pending}; run "npm run sync${where}"${trouble === undefined ? '' : ` (${trouble})`}`;
}

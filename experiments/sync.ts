/** `masque sync`: sends to MLflow what has not arrived. */
import { relative } from 'node:path';
import { exitCodes, UserError } from '../src/errors.ts';
import { sendOutbox } from '../src/records/mlflow.ts';
import { countPending, entriesOf, sweepOutbox } from '../src/records/mlflow/outbox.ts';
import { outboxOf, pendingLine } from './send-to-mlflow.ts';

/** Whoever calls this wants it sent: a server that never answered is asked for some seconds, one that has answered may be busy or start again. */
const patience = { firstMs: 6_000, thenMs: 30_000 };

/** Returns the exit code: 0 when everything has arrived, 4 when something is still pending or went wrong. @throws UserError where no server is named. */
export async function sync({ results, json }: { results: string; json: boolean }): Promise<number> {
  const outbox = outboxOf(results);
  await sweepOutbox(outbox);
  const [waiting, before] = [await entriesOf(outbox), await countPending(outbox)];
  const server = process.env['MLFLOW_TRACKING_URI']?.trim();
  if (before > 0 && !server)
    throw new UserError(
      `mlflow: pending ${before}, and no server is named. Set MLFLOW_TRACKING_URI, for instance to http://127.0.0.1:5000`,
    );
  const runs = waiting.length > 0 ? await sendOutbox(outbox, { patience }) : [];
  const pending = await countPending(outbox);
  const sent = Math.max(0, before - pending);
  if (json) process.stdout.write(`${JSON.stringify({ sent, pending, runs })}\n`);
  else {
    for (const run of runs)
      say(
        'page' in run ? [`MLflow: ${run.page}`, ...run.remarks].join('; ') : `${run.entry}: ${run.trouble}`,
      );
    if (pending > 0) say(pendingLine(results, pending));
    else
      say(runs.length > 0 ? `mlflow: sent ${sent}` : `mlflow: nothing pending in ${relative('.', outbox)}`);
  }
  const troubled = runs.some((run) => 'trouble' in run);
  return pending > 0 || troubled ? exitCodes.environment : exitCodes.done;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * A finished run, copied to an MLflow server: one experiment per configuration name, the run as parent, a child per detector ×
 * generator (`mlflow/runs.ts`), files as artifacts. The run folder is the truth; nothing is ever read back, and a server that
 * is missing, slow or unwilling costs one line of warning. Sending again continues what was left half sent and doubles nothing:
 * runs are searched by their identity before they are made, times come from the record, tags and artifacts overwrite.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ModelFiles, uploadFiles } from './mlflow/files.ts';
import { openServer, type Server } from './mlflow/server.ts';
import { toTrackedRuns } from './mlflow/runs.ts';
import {
  createRun,
  findOrCreateExperiment,
  findRuns,
  finishRun,
  hasTag,
  logRun,
  tagRun,
} from './mlflow/tracking.ts';
import { parseRecord } from './record.ts';

type Environment = Record<string, string | undefined>;

/** However slow the server is, a run does not wait longer for it than this. */
const allInMs = 120_000;

/**
 * Copies the run in `folder` to the server of `environment`; does nothing where `MLFLOW_TRACKING_URI` is not set. Never throws:
 * `say` gets one line, the address of the run or what was in the way and what to do.
 */
export async function sendRun(
  folder: string,
  models: readonly ModelFiles[],
  say: (line: string) => void,
  environment: Environment = process.env,
): Promise<void> {
  let where = '';
  try {
    const server = openServer(environment, AbortSignal.timeout(allInMs));
    if (!server) return;
    where = ` at ${server.address}`;
    say(`MLflow: ${await send(server, folder, models, environment['MLFLOW_EXPERIMENT_NAME'])}`);
  } catch (error) {
    say(
      `warning: MLflow${where}: ${(error as Error).message}. The run itself is complete; mend that and run the same command again to send it, or unset MLFLOW_TRACKING_URI`,
    );
  }
}

/** Whether a server answers, and which; undefined where none is asked for. @throws Error to be shown when it does not answer. */
export async function askServer(
  environment: Environment = process.env,
): Promise<{ address: string; version: string } | undefined> {
  const server = openServer(environment);
  if (!server) return undefined;
  await server.call('POST', 'experiments/search', { max_results: 1 }, z.object({}));
  return { address: server.address, version: await server.version() };
}

async function send(
  server: Server,
  folder: string,
  models: readonly ModelFiles[],
  experimentName: string | undefined,
): Promise<string> {
  const text = await readFile(join(folder, 'record.json'), 'utf8');
  const record = parseRecord(text, join(folder, 'record.json'));
  const sent = { key: 'masque.sent', value: createHash('sha256').update(text).digest('hex') };
  const { configuration, parent, children } = toTrackedRuns(record);
  const experiment = await findOrCreateExperiment(server, experimentName || configuration);
  const known = await findRuns(server, experiment, parent.identity);
  const main = known.find(hasTag('masque.row', 'none')) ?? (await createRun(server, experiment, parent));
  const page = `${server.address}/#/experiments/${experiment}/runs/${main.info.run_id}`;
  if (hasTag(sent.key, sent.value)(main)) return `this run is there already, ${page}`;

  await logRun(server, main, parent);
  for (const child of children) {
    const row = child.identity.find(({ key }) => key === 'masque.row')!;
    const under = { key: 'mlflow.parentRunId', value: main.info.run_id };
    const nested = { ...child, identity: [...child.identity, under] };
    const made = known.find(hasTag(row.key, row.value)) ?? (await createRun(server, experiment, nested));
    await logRun(server, made, nested);
    await finishRun(server, made, nested);
  }
  const remarks = await uploadFiles(server, main.info.artifact_uri, folder, models, record.data.shareable);
  await finishRun(server, main, parent);
  await tagRun(server, main, sent);
  return [page, ...remarks].join('; ');
}

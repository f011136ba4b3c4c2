/**
 * A finished run, copied to an MLflow server: one experiment per configuration name, the run as parent, a child per detector ×
 * generator (`mlflow/runs.ts`), data sets, files as artifacts. The run folder is the truth. The copy is made in two steps: what is to be sent is written
 * down beside the results (`mlflow/outbox.ts`), without asking the server anything; from there it is sent (`mlflow/send.ts`), now or later, until all of it has
 * arrived. Nothing is there twice: runs are searched by their identity before they are made, times come from the record, and points whose answer was lost are
 * looked up before they are sent again.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Batch, batchesOf } from './mlflow/batches.ts';
import { datasetsOf } from './mlflow/datasets.ts';
import { filesOf, type ModelFiles } from './mlflow/files.ts';
import { artifactName, checkExperimentName } from './mlflow/names.ts';
import {
  claim,
  type Content,
  entriesOf,
  type Item,
  putEntry,
  release,
  sweepOutbox,
} from './mlflow/outbox.ts';
import { type Patience, patient } from './mlflow/patience.ts';
import { toTrackedRuns, type TrackedRun } from './mlflow/runs.ts';
import { sendEntry, sentMark } from './mlflow/send.ts';
import { addressOf, openServer, type Refusal } from './mlflow/server.ts';
import { parseRecord } from './record.ts';
import { readSystemLoad } from './system-load.ts';
import { readTestClips } from './test-clips.ts';

type Environment = Record<string, string | undefined>;

/**
 * Writes what MLflow shall have of the run in `folder` into the outbox, and returns the name it has there; undefined where `MLFLOW_TRACKING_URI` is not set.
 * @throws UserError where a variable of the environment is not right, and what `fs` throws.
 */
export async function fillOutbox(
  outbox: string,
  folder: string,
  models: readonly ModelFiles[],
  environment: Environment = process.env,
): Promise<string | undefined> {
  const server = addressOf(environment);
  if (server === undefined) return undefined;
  const text = await readFile(join(folder, 'record.json'), 'utf8');
  const record = parseRecord(text, join(folder, 'record.json'));
  const sha256 = createHash('sha256').update(text).digest('hex');
  const { configuration, parent, children } = toTrackedRuns(record, await readSystemLoad(folder));
  const { files, remarks } = filesOf(folder, models, record.data.shareable);
  const datasets = datasetsOf(record, await readTestClips(folder).catch(() => []));

  const rows = [parent, ...children];
  const long = rows.flatMap((run) =>
    run.long.length > 0 ? [[rowName(run), entriesToObject(run.long)]] : [],
  );
  const texts = long.length > 0 ? [{ to: 'long-values.json', content: { text: jsonOf(long) } }] : [];
  const end: Batch = { params: [], tags: [sentMark(sha256)], metrics: [] };
  const items: { item: Item; content?: Content }[] = [
    ...batchItems(parent, batchesOf(parent), false),
    { item: { kind: 'inputs', datasets } },
    ...children.flatMap((child) => batchItems(child, batchesOf(child), true)),
    ...[...files, ...texts].map(({ to, content }) => ({ item: { kind: 'file' as const, to }, content })),
    ...batchItems(parent, [end], true),
  ];
  const name = `${artifactName(record.id)}-${sha256.slice(0, 8)}`;
  const chosen = environment['MLFLOW_EXPERIMENT_NAME']?.trim();
  const plan = {
    run: record.id,
    server,
    experiment: chosen ? checkExperimentName(chosen) : artifactName(configuration),
    identity: parent.identity.filter(({ key }) => key !== 'masque.row'),
    rows: rows.map((run) => {
      const { name: title, identity, startMs, endMs } = run;
      return { row: rowName(run), name: title, identity, startMs, endMs };
    }),
    remarks,
  };
  await putEntry(outbox, name, plan, items);
  return name;
}

const rowName = ({ identity }: TrackedRun): string => identity.find(({ key }) => key === 'masque.row')!.value;

function batchItems(run: TrackedRun, batches: readonly Batch[], ends: boolean): { item: Item }[] {
  return batches.map((batch, i) => ({
    item: { kind: 'batch', row: rowName(run), ...batch, last: ends && i === batches.length - 1 },
  }));
}

const entriesToObject = (entries: TrackedRun['long']): Record<string, string> =>
  Object.fromEntries(entries.map(({ key, value }) => [key, value]));
const jsonOf = (rows: unknown[][]): string => `${JSON.stringify(Object.fromEntries(rows), undefined, 1)}\n`;

/** What became of one run of the outbox. `away`: no good answer came; it may another time. */
export type Sending = { entry: string } & (
  | { page: string; remarks: string[] }
  | { trouble: string; away: boolean }
);

/**
 * Sends what lies in the outbox, the entry named `first` before the others, and returns what became of each that was tried: where the server gives no good answer,
 * the rest is not. `limit` ends it. Nothing is thrown because of a server. @throws UserError when the address is none.
 */
export async function sendOutbox(
  outbox: string,
  {
    patience,
    attemptMs,
    limit,
    first,
  }: { patience: Patience; attemptMs?: number; limit?: AbortSignal; first?: string },
  environment: Environment = process.env,
): Promise<Sending[]> {
  const more = { ...(attemptMs === undefined ? {} : { attemptMs }), ...(limit ? { limit } : {}) };
  const server = openServer(environment, more);
  if (!server) return [];
  const patiently = patient(patience, limit);
  await sweepOutbox(outbox);
  const entries = await entriesOf(outbox);
  const ordered = entries.toSorted((a, b) => Number(b.name === first) - Number(a.name === first));
  const sendings: Sending[] = [];
  for (const waiting of ordered) {
    const entry = waiting.name;
    const own = await claim(outbox, waiting);
    if (!own) {
      sendings.push({ entry, trouble: 'another process is sending it', away: false });
      continue;
    }
    try {
      sendings.push({ entry, ...(await sendEntry(server, patiently, own.folder)) });
    } catch (error) {
      const { message, again = false } = error as Refusal;
      const away = again || (limit?.aborted ?? false);
      sendings.push({ entry, trouble: `${server.address}: ${message}`, away });
      if (away) break;
    } finally {
      await release(outbox, own);
    }
  }
  return sendings;
}

/** Whether a server answers, and which; undefined where none is asked for. @throws Error to be shown when it does not answer. */
export async function askServer(
  environment: Environment = process.env,
): Promise<{ address: string; version: string } | undefined> {
  const server = openServer(environment, { attemptMs: 5_000 });
  if (!server) return undefined;
  await server.call('POST', 'experiments/search', { max_results: 1 }, z.object({}));
  return { address: server.address, version: await server.version() };
}

/**
 * A finished run, copied to an MLflow server: one experiment per configuration name, the run as parent, a child per detector ×
 * generator (`mlflow/runs.ts`), files as artifacts. The run folder is the truth; nothing is ever read back, and a server that
 * is missing, slow or unwilling costs one line of warning. Sending again continues what was left half sent and doubles nothing:
 * runs are searched by their identity before they are made, times come from the record, tags and artifacts overwrite.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type ModelFiles, uploadFiles } from './mlflow/files.ts';
import { openServer, type Refusal, type Server } from './mlflow/server.ts';
import { type Entry, type Metric, toTrackedRuns, type TrackedRun } from './mlflow/runs.ts';
import { parseRecord } from './record.ts';

type Environment = Record<string, string | undefined>;

/** However slow the server is, a run does not wait longer for it than this. */
const allInMs = 120_000;
/** MLflow takes 100 parameters, 100 tags, 1000 entries and 10⁶ characters at a time; each kind gets its part of the characters. */
const maxPartLength = 300_000;

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
  const { parent, children } = toTrackedRuns(record);
  const experiment = await findOrCreateExperiment(
    server,
    experimentName || String(record.config['name'] ?? record.id),
  );
  const known = await findRuns(server, experiment, parent.identity);
  const main = known.find(hasTag('masque.row', 'none')) ?? (await createRun(server, experiment, parent));
  const page = `${server.address}/#/experiments/${experiment}/runs/${main.info.run_id}`;
  if (hasTag(sent.key, sent.value)(main)) return `this run is there already, ${page}`;

  await log(server, main.info.run_id, parent);
  for (const child of children) {
    const nested = withParent(child, main.info.run_id);
    const row = child.identity.find(({ key }) => key === 'masque.row')!;
    const made = known.find(hasTag(row.key, row.value)) ?? (await createRun(server, experiment, nested));
    await log(server, made.info.run_id, nested);
    await finish(server, made.info.run_id, nested);
  }
  const remarks = await uploadFiles(server, main.info.artifact_uri, folder, models, record.data.shareable);
  await finish(server, main.info.run_id, parent);
  await log(server, main.info.run_id, { params: [], tags: [sent], metrics: [] });
  return [page, ...remarks].join('; ');
}

const experimentShape = z.object({ experiment_id: z.string(), lifecycle_stage: z.string() });
const runShape = z.object({
  info: z.object({ run_id: z.string(), artifact_uri: z.string() }),
  data: z.object({
    tags: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
  }),
});
type StoredRun = z.infer<typeof runShape>;

async function findOrCreateExperiment(server: Server, name: string): Promise<string> {
  const find = () =>
    server.call(
      'GET',
      'experiments/get-by-name',
      { experiment_name: name },
      z.object({ experiment: experimentShape }),
    );
  const found = await find().catch((error: Refusal) => {
    if (error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw error;
  });
  if (!found) {
    const made = z.object({ experiment_id: z.string() });
    // Without this MLflow 3 asks each visitor whether the experiment is about language models.
    const tags = [{ key: 'mlflow.experimentKind', value: 'custom_model_development' }];
    return (await server.call('POST', 'experiments/create', { name, tags }, made)).experiment_id;
  }
  if (found.experiment.lifecycle_stage !== 'active')
    throw new Error(
      `its experiment "${name}" was deleted; restore it ("mlflow experiments restore") or set MLFLOW_EXPERIMENT_NAME`,
    );
  return found.experiment.experiment_id;
}

/** Everything that was sent of this run before, deleted runs apart. */
async function findRuns(server: Server, experiment: string, identity: Entry[]): Promise<StoredRun[]> {
  const filter = identity
    .filter(({ key }) => key !== 'masque.row')
    .map(({ key, value }) => `tags.\`${key}\` = '${value}'`)
    .join(' AND ');
  const shape = z.object({ runs: z.array(runShape).default([]) });
  const asked = { experiment_ids: [experiment], filter, max_results: 10_000 };
  return (await server.call('POST', 'runs/search', asked, shape)).runs;
}

async function createRun(server: Server, experiment: string, run: TrackedRun): Promise<StoredRun> {
  const user = userName();
  const tags = [...run.identity, ...(user ? [{ key: 'mlflow.user', value: user }] : [])];
  const asked = { experiment_id: experiment, run_name: run.name, start_time: run.startMs, tags };
  return (await server.call('POST', 'runs/create', asked, z.object({ run: runShape }))).run;
}

/** As MLflow's own client says it. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function withParent(child: TrackedRun, id: string): TrackedRun {
  return { ...child, identity: [...child.identity, { key: 'mlflow.parentRunId', value: id }] };
}

function hasTag(key: string, value: string): (run: StoredRun) => boolean {
  return ({ data }) => data.tags.some((tag) => tag.key === key && tag.value === value);
}

/** Parameters, tags and metrics together, in as few requests as MLflow takes them in. */
async function log(
  server: Server,
  id: string,
  run: Pick<TrackedRun, 'params' | 'tags' | 'metrics'>,
): Promise<void> {
  const [params, tags, metrics] = [
    batches(run.params, 100),
    batches(run.tags, 100),
    batches(run.metrics, 800),
  ];
  for (let i = 0; i < Math.max(params.length, tags.length, metrics.length); i++) {
    const content = { run_id: id, params: params[i] ?? [], tags: tags[i] ?? [], metrics: metrics[i] ?? [] };
    await server.call('POST', 'runs/log-batch', content, z.object({}));
  }
}

async function finish(server: Server, id: string, { endMs }: TrackedRun): Promise<void> {
  const asked = { run_id: id, status: 'FINISHED', end_time: endMs };
  await server.call('POST', 'runs/update', asked, z.object({}));
}

/** In order, at most `count` entries and `maxPartLength` characters in each. */
function batches<T>(entries: T[], count: number): T[][] {
  const all: T[][] = [];
  let room = 0;
  for (const entry of entries) {
    const length = JSON.stringify(entry).length + 1;
    if (all.length === 0 || all.at(-1)!.length === count || length > room) {
      all.push([]);
      room = maxPartLength;
    }
    all.at(-1)!.push(entry);
    room -= length;
  }
  return all;
}

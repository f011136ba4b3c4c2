/** The few things that are asked of MLflow's tracking API. Each can be asked again: what is there already is not sent twice. */
import { userInfo } from 'node:os';
import { z } from 'zod';
import type { Batch } from './batches.ts';
import type { DatasetInput } from './datasets.ts';
import type { Row } from './outbox.ts';
import type { Patiently } from './patience.ts';
import type { Entry, Metric } from './runs.ts';
import type { Refusal, Server } from './server.ts';

/** Protobuf's JSON has whole numbers of 64 bits as texts. */
const number = z.union([z.number(), z.string()]).transform(Number);
const point = z.object({ key: z.string(), value: number, timestamp: number, step: number.default(0) });
const runShape = z.object({
  info: z.object({ run_id: z.string(), artifact_uri: z.string() }),
  data: z
    .object({
      tags: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
      params: z.array(z.object({ key: z.string() })).default([]),
      /** The last point of each. */
      metrics: z.array(point).default([]),
    })
    .prefault({}),
  inputs: z
    .object({
      dataset_inputs: z
        .array(z.object({ dataset: z.object({ name: z.string(), digest: z.string() }) }))
        .default([]),
    })
    .prefault({}),
});
/** A run as the server holds it. */
export type StoredRun = z.infer<typeof runShape>;

const nothing = z.object({});

/** The id of an experiment. @throws Error to be shown, when it was deleted. */
export async function findOrCreateExperiment(server: Server, name: string): Promise<string> {
  const known = z.object({
    experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string() }),
  });
  const found = await server
    .call('GET', 'experiments/get-by-name', { experiment_name: name }, known)
    .catch((error: Refusal) => {
      if (error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
      throw error;
    });
  if (!found) {
    const shape = z.object({ experiment_id: z.string() });
    const made = await server.call('POST', 'experiments/create', { name }, shape).catch((error: Refusal) => {
      // Somebody was quicker; it is found the next time.
      throw error.code === 'RESOURCE_ALREADY_EXISTS' ? Object.assign(error, { again: true }) : error;
    });
    return made.experiment_id;
  }
  if (found.experiment.lifecycle_stage !== 'active')
    throw new Error(
      `its experiment "${name}" was deleted; restore it ("mlflow experiments restore") or set MLFLOW_EXPERIMENT_NAME`,
    );
  return found.experiment.experiment_id;
}

/** Everything that was sent of a run before, deleted runs apart. */
export async function findRuns(server: Server, experiment: string, identity: Entry[]): Promise<StoredRun[]> {
  const filter = identity.map(({ key, value }) => `tags.\`${key}\` = '${value}'`).join(' AND ');
  const shape = z.object({ runs: z.array(runShape).default([]), next_page_token: z.string().default('') });
  const runs: StoredRun[] = [];
  for (let page = ''; ; ) {
    const next = page === '' ? {} : { page_token: page };
    const asked = { experiment_ids: [experiment], filter, max_results: 1000, ...next };
    const found = await server.call('POST', 'runs/search', asked, shape);
    runs.push(...found.runs);
    page = found.next_page_token;
    if (page === '') return runs;
  }
}

export async function getRun(server: Server, id: string): Promise<StoredRun> {
  return (await server.call('GET', 'runs/get', { run_id: id }, z.object({ run: runShape }))).run;
}

/** `parent`: id of the run that it lies under. */
export async function createRun(
  server: Server,
  experiment: string,
  { name, startMs, identity }: Row,
  parent?: string,
): Promise<StoredRun> {
  const user = userName();
  const tags = [
    ...identity,
    ...(user ? [{ key: 'mlflow.user', value: user }] : []),
    ...(parent ? [{ key: 'mlflow.parentRunId', value: parent }] : []),
  ];
  const asked = { experiment_id: experiment, run_name: name, start_time: startMs, tags };
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

export const tagOf = ({ data }: StoredRun, key: string): string | undefined =>
  data.tags.find((tag) => tag.key === key)?.value;

export async function deleteRun(server: Server, { info }: StoredRun): Promise<void> {
  const asked = server.call('POST', 'runs/delete', { run_id: info.run_id }, nothing);
  await asked.catch((error: Refusal) => {
    if (error.code !== 'RESOURCE_DOES_NOT_EXIST') throw error; // gone already
  });
}

export async function logBatch(server: Server, id: string, { params, tags, metrics }: Batch): Promise<void> {
  if (params.length + tags.length + metrics.length === 0) return;
  await server.call('POST', 'runs/log-batch', { run_id: id, params, tags, metrics }, nothing);
}

/** What of a batch is not in `held`: points by key, step, time and value. Tags overwrite, and are sent again. */
export async function missingOf(
  server: Server,
  patiently: Patiently,
  { params, tags, metrics }: Batch,
  held: StoredRun,
): Promise<Batch> {
  const knownParams = new Set(held.data.params.map(({ key }) => key));
  const last = new Map(held.data.metrics.map((each) => [each.key, each]));
  const missing: Metric[] = [];
  for (const [key, points] of seriesOf(metrics)) {
    const there = last.get(key);
    if (!there) missing.push(...points);
    else if (points.length > 1 || idOf(points[0]!) !== idOf(there)) {
      const history = await patiently(() => historyOf(server, held.info.run_id, key));
      const known = new Set(history.map(idOf));
      missing.push(...points.filter((each) => !known.has(idOf(each))));
    }
  }
  return { params: params.filter(({ key }) => !knownParams.has(key)), tags, metrics: missing };
}

function seriesOf(metrics: readonly Metric[]): Map<string, Metric[]> {
  const series = new Map<string, Metric[]>();
  for (const each of metrics) {
    const known = series.get(each.key);
    if (known) known.push(each);
    else series.set(each.key, [each]);
  }
  return series;
}

const idOf = ({ key, step, timestamp, value }: Metric): string =>
  JSON.stringify([key, step, timestamp, value]);

async function historyOf(server: Server, run: string, key: string): Promise<Metric[]> {
  const shape = z.object({ metrics: z.array(point).default([]), next_page_token: z.string().default('') });
  const points: Metric[] = [];
  for (let page = ''; ; ) {
    const next = page === '' ? {} : { page_token: page };
    const asked = { run_id: run, metric_key: key, ...next };
    const found = await server.call('GET', 'metrics/get-history', asked, shape);
    points.push(...found.metrics);
    page = found.next_page_token;
    if (page === '') return points;
  }
}

/** Says what data sets a run was given, those that `held` knows of apart. */
export async function logInputs(
  server: Server,
  id: string,
  datasets: readonly DatasetInput[],
  held?: StoredRun,
): Promise<void> {
  const known = held?.inputs.dataset_inputs.map(({ dataset }) => `${dataset.name} ${dataset.digest}`) ?? [];
  const missing = datasets.filter(({ dataset }) => !known.includes(`${dataset.name} ${dataset.digest}`));
  if (missing.length > 0)
    await server.call('POST', 'runs/log-inputs', { run_id: id, datasets: missing }, nothing);
}

export async function finishRun(server: Server, id: string, endMs: number): Promise<void> {
  await server.call('POST', 'runs/update', { run_id: id, status: 'FINISHED', end_time: endMs }, nothing);
}

/** The size of a file among a run's artifacts; undefined where there is none. */
export async function sizeOfArtifact(server: Server, id: string, path: string): Promise<number | undefined> {
  const folder = path.split('/').slice(0, -1).join('/');
  const shape = z.object({
    files: z.array(z.object({ path: z.string(), file_size: number.optional() })).default([]),
  });
  const asked = { run_id: id, ...(folder === '' ? {} : { path: folder }) };
  const { files } = await server.call('GET', 'artifacts/list', asked, shape);
  return files.find((file) => file.path === path)?.file_size;
}

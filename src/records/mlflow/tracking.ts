/** The few things that are asked of MLflow's tracking API. */
import { userInfo } from 'node:os';
import { z } from 'zod';
import type { Entry, TrackedRun } from './runs.ts';
import type { Refusal, Server } from './server.ts';

/** MLflow takes 100 parameters, 100 tags, 1000 entries and 10⁶ characters at a time; each kind gets its part. */
const most = { params: 100, tags: 100, metrics: 800, characters: 300_000 };

const runShape = z.object({
  info: z.object({ run_id: z.string(), artifact_uri: z.string() }),
  data: z.object({
    tags: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
    params: z.array(z.object({ key: z.string() })).default([]),
    /** The last point of each. */
    metrics: z.array(z.object({ key: z.string(), step: z.coerce.number().default(0) })).default([]),
  }),
});
/** A run as the server holds it. */
export type StoredRun = z.infer<typeof runShape>;

/** The id of an experiment. @throws Error to be shown, when it was deleted. */
export async function findOrCreateExperiment(server: Server, name: string): Promise<string> {
  const find = () =>
    server.call(
      'GET',
      'experiments/get-by-name',
      { experiment_name: name },
      z.object({ experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string() }) }),
    );
  const found = await find().catch((error: Refusal) => {
    if (error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw error;
  });
  if (!found) {
    const made = z.object({ experiment_id: z.string() });
    return (await server.call('POST', 'experiments/create', { name }, made)).experiment_id;
  }
  if (found.experiment.lifecycle_stage !== 'active')
    throw new Error(
      `its experiment "${name}" was deleted; restore it ("mlflow experiments restore") or set MLFLOW_EXPERIMENT_NAME`,
    );
  return found.experiment.experiment_id;
}

/** Everything that was sent of this run before, deleted runs apart. */
export async function findRuns(server: Server, experiment: string, identity: Entry[]): Promise<StoredRun[]> {
  const filter = identity
    .filter(({ key }) => key !== 'masque.row')
    .map(({ key, value }) => `tags.\`${key}\` = '${value}'`)
    .join(' AND ');
  const shape = z.object({ runs: z.array(runShape).default([]) });
  const asked = { experiment_ids: [experiment], filter, max_results: 10_000 };
  return (await server.call('POST', 'runs/search', asked, shape)).runs;
}

export async function createRun(server: Server, experiment: string, run: TrackedRun): Promise<StoredRun> {
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

export function hasTag(key: string, value: string): (run: StoredRun) => boolean {
  return ({ data }) => data.tags.some((tag) => tag.key === key && tag.value === value);
}

/**
 * Sends what the server does not hold yet, parameters, tags and metrics together, in as few requests as it takes them in. Points
 * of a series arrive in the order of their steps, so that the last one tells which are there; tags are written again.
 */
export async function logRun(server: Server, { info, data }: StoredRun, run: TrackedRun): Promise<void> {
  const knownParams = new Set(data.params.map(({ key }) => key));
  const lastSteps = new Map(data.metrics.map(({ key, step }) => [key, step]));
  const params = batches(
    run.params.filter(({ key }) => !knownParams.has(key)),
    most.params,
  );
  const tags = batches([...run.identity, ...run.tags], most.tags);
  const metrics = batches(
    run.metrics.filter(({ key, step }) => step > (lastSteps.get(key) ?? -Infinity)),
    most.metrics,
  );
  for (let i = 0; i < Math.max(params.length, tags.length, metrics.length); i++) {
    const content = { params: params[i] ?? [], tags: tags[i] ?? [], metrics: metrics[i] ?? [] };
    await server.call('POST', 'runs/log-batch', { run_id: info.run_id, ...content }, z.object({}));
  }
}

export async function tagRun(server: Server, { info }: StoredRun, tag: Entry): Promise<void> {
  await server.call('POST', 'runs/set-tag', { run_id: info.run_id, ...tag }, z.object({}));
}

export async function finishRun(server: Server, { info }: StoredRun, { endMs }: TrackedRun): Promise<void> {
  const asked = { run_id: info.run_id, status: 'FINISHED', end_time: endMs };
  await server.call('POST', 'runs/update', asked, z.object({}));
}

/** In order, within what one request may hold. */
function batches<T>(entries: T[], count: number): T[][] {
  const all: T[][] = [];
  let room = 0;
  for (const entry of entries) {
    const length = JSON.stringify(entry).length + 1;
    if (all.length === 0 || all.at(-1)!.length === count || length > room) {
      all.push([]);
      room = most.characters;
    }
    all.at(-1)!.push(entry);
    room -= length;
  }
  return all;
}

/**
 * A tracking server in memory that is stricter than MLflow's: it enforces the limits (`mlflow/utils/validation.py`, 3.17), and keeps every point it is sent,
 * also one that it has. What it refuses is counted.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Entry = { key: string; value: string };
type Metric = { key: string; value: number; timestamp: number; step: number };
type StoredRun = {
  experiment: string;
  name: string;
  status: string;
  startMs: number;
  endMs?: number;
  deleted: boolean;
  tags: Map<string, string>;
  params: Map<string, string>;
  metrics: Metric[];
  datasets: { name: string; digest: string }[];
  files: Map<string, Buffer>;
};

const limits = {
  params: 100,
  tags: 100,
  metrics: 1000,
  all: 1000,
  bytes: 1e6,
  key: 250,
  param: 6000,
  tag: 5000,
  name: 500,
};

class Refused extends Error {
  readonly code: string;
  constructor(message: string, code = 'INVALID_PARAMETER_VALUE') {
    super(message);
    this.code = code;
  }
}
function require(holds: boolean, message: string): void {
  if (!holds) throw new Refused(message);
}

/** Starts one. `refused`: what it did not take, with the reason. `strange`: requests with a name that could be taken for a path. */
export async function startStub() {
  const experiments = new Map<string, string>();
  const runs = new Map<string, StoredRun>();
  const refused: string[] = [];
  const strange: string[] = [];
  let requests = 0;

  const find = (id: unknown): StoredRun => {
    const run = runs.get(String(id));
    if (!run || run.deleted) throw new Refused(`no run ${String(id)}`, 'RESOURCE_DOES_NOT_EXIST');
    return run;
  };
  const endpoints: Record<string, (asked: Record<string, unknown>) => object> = {
    'experiments/search': () => ({}),
    'experiments/get-by-name': ({ experiment_name: name }) => {
      const id = experiments.get(String(name));
      if (id === undefined) throw new Refused('no such experiment', 'RESOURCE_DOES_NOT_EXIST');
      return { experiment: { experiment_id: id, name, lifecycle_stage: 'active' } };
    },
    'experiments/create': ({ name }) => {
      require(String(name).length <= limits.name, 'name of an experiment');
      if (experiments.has(String(name))) throw new Refused('there is one', 'RESOURCE_ALREADY_EXISTS');
      experiments.set(String(name), String(experiments.size + 1));
      return { experiment_id: experiments.get(String(name))! };
    },
    'runs/create': ({ experiment_id, run_name, start_time, tags }) => {
      const id = createHash('sha256').update(`run ${runs.size}`).digest('hex').slice(0, 32);
      const run: StoredRun = {
        experiment: String(experiment_id),
        name: String(run_name),
        status: 'RUNNING',
        startMs: Number(start_time),
        deleted: false,
        tags: new Map(),
        params: new Map(),
        metrics: [],
        datasets: [],
        files: new Map(),
      };
      setTags(run, tags as Entry[]);
      runs.set(id, run);
      return { run: toJson(id, run) };
    },
    'runs/get': ({ run_id }) => ({ run: toJson(String(run_id), find(run_id)) }),
    'runs/update': ({ run_id, status, end_time }) => {
      Object.assign(find(run_id), { status, endMs: Number(end_time) });
      return {};
    },
    'runs/delete': ({ run_id }) => {
      find(run_id).deleted = true;
      return {};
    },
    'runs/search': ({ experiment_ids, filter }) => {
      const wanted = [...String(filter).matchAll(/tags\.`([^`]+)` = '([^']*)'/g)];
      const found = [...runs].filter(
        ([, run]) =>
          !run.deleted &&
          (experiment_ids as string[]).includes(run.experiment) &&
          wanted.every(([, key, value]) => run.tags.get(key!) === value),
      );
      return { runs: found.map(([id, run]) => toJson(id, run)) };
    },
    'runs/log-batch': ({ run_id, params = [], tags = [], metrics = [] }) => {
      logBatch(find(run_id), params as Entry[], tags as Entry[], metrics as Metric[]);
      return {};
    },
    'runs/log-inputs': ({ run_id, datasets }) => {
      for (const { dataset } of datasets as { dataset: { name: string; digest: string } }[]) {
        require(dataset.digest.length <= 36 && dataset.name.length <= 500, 'data set');
        find(run_id).datasets.push(dataset);
      }
      return {};
    },
    'metrics/get-history': ({ run_id, metric_key, page_token }) => {
      // In pages, as a server may.
      const all = find(run_id).metrics.filter(({ key }) => key === metric_key);
      const from = Number(page_token ?? 0);
      const next = from + 500 < all.length ? { next_page_token: String(from + 500) } : {};
      return { metrics: all.slice(from, from + 500), ...next };
    },
    'artifacts/list': ({ run_id, path = '' }) => {
      const below = path === '' ? '' : `${String(path)}/`;
      const found = new Map<string, object>();
      for (const [name, { length }] of find(run_id).files) {
        if (!name.startsWith(below)) continue;
        const [first, ...rest] = name.slice(below.length).split('/');
        const is_dir = rest.length > 0;
        const listed = `${below}${first}`;
        found.set(listed, { path: listed, is_dir, ...(is_dir ? {} : { file_size: length }) });
      }
      return { files: [...found.values()] };
    },
  };

  const serve = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    requests++;
    const answer = (status: number, content: object): void =>
      void reply.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
    try {
      const url = new URL(request.url!, 'http://stub');
      if (/\.\.|%2e/i.test(request.url!)) strange.push(request.url!);
      const body = await bodyOf(request);
      const upload = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/([0-9a-f]{32})\/(.+)$/.exec(url.pathname);
      if (upload && request.method === 'PUT') {
        const names = upload[2]!.split('/');
        require(names.every((name) => /^[A-Za-z0-9._-]{1,100}$/.test(name)), `artifact ${upload[2]}`);
        find(upload[1]).files.set(upload[2]!, body);
        return void reply.end();
      }
      if (upload) return void reply.end(find(upload[1]).files.get(upload[2]!));
      const endpoint = endpoints[url.pathname.replace('/api/2.0/mlflow/', '')];
      if (!endpoint) return answer(404, {});
      require(body.length <= limits.bytes, `${body.length} bytes`);
      const asked =
        request.method === 'GET'
          ? Object.fromEntries(url.searchParams)
          : (JSON.parse(String(body)) as Record<string, unknown>);
      answer(200, endpoint(asked));
    } catch (error) {
      const code = error instanceof Refused ? error.code : 'INTERNAL_ERROR';
      const asked = code === 'RESOURCE_DOES_NOT_EXIST' && request.url!.includes('get-by-name');
      if (!asked) refused.push(`${request.url}: ${(error as Error).message}`);
      answer(asked ? 404 : 400, { error_code: code, message: (error as Error).message });
    }
  };
  const server = createServer((request, reply) => void serve(request, reply));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    strange,
    count: () => requests,
    stop() {
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function logBatch(run: StoredRun, params: Entry[], tags: Entry[], metrics: Metric[]): void {
  require(params.length <= limits.params &&
    tags.length <= limits.tags &&
    metrics.length <= limits.metrics, 'too many');
  require(params.length + tags.length + metrics.length <= limits.all, 'too many together');
  for (const { key, value } of params) {
    requireKey(key);
    require(typeof value === 'string' && value.length <= limits.param, `parameter ${key}`);
    require((run.params.get(key) ?? value) === value, `parameter ${key} changed`);
  }
  for (const { key, value, timestamp, step } of metrics) {
    requireKey(key);
    require([value, timestamp, step].every(Number.isFinite) && Number.isInteger(step), `metric ${key}`);
  }
  for (const { key, value } of params) run.params.set(key, value);
  run.metrics.push(...metrics);
  setTags(run, tags);
}

function setTags(run: StoredRun, tags: Entry[]): void {
  for (const { key, value } of tags) {
    requireKey(key);
    require(typeof value === 'string' && value.length <= limits.tag, `tag ${key}`);
    run.tags.set(key, value);
  }
}

/** Names are read as paths. */
function requireKey(key: string): void {
  const normal = key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  require(key.length <= limits.key && normal && /^[/\w.\- ]+$/.test(key), `key ${key}`);
}

function toJson(id: string, run: StoredRun): object {
  const last = new Map<string, Metric>();
  for (const each of run.metrics)
    if (each.step >= (last.get(each.key)?.step ?? Number.NEGATIVE_INFINITY)) last.set(each.key, each);
  const entries = (map: Map<string, string>): Entry[] => [...map].map(([key, value]) => ({ key, value }));
  const { name, status, startMs, endMs } = run;
  const times = { start_time: startMs, ...(endMs === undefined ? {} : { end_time: endMs }) };
  return {
    info: { run_id: id, run_name: name, status, ...times, artifact_uri: `mlflow-artifacts:/${id}` },
    data: { tags: entries(run.tags), params: entries(run.params), metrics: [...last.values()] },
    inputs: { dataset_inputs: run.datasets.map((dataset) => ({ dataset })) },
  };
}

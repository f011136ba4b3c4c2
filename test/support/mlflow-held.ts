/** What the outbox says a server shall hold, and what it holds, in one shape. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { itemsOf, readItem, readPlan } from '../../src/records/mlflow/outbox.ts';

/** Points as `key step timestamp value`, sorted, each as often as it is there. */
export type Held = {
  params: Record<string, string>;
  /** Those of masque; the server adds its own. */
  tags: Record<string, string>;
  points: string[];
  datasets: string[];
  files: Record<string, string>;
  status: string;
};
type Point = { key: string; step?: number; timestamp: number; value: number };
type Run = {
  info: { run_id: string; status: string; artifact_uri: string };
  data: { tags?: Entry[]; params?: Entry[]; metrics?: Point[] };
  inputs?: { dataset_inputs?: { dataset: { name: string; digest: string } }[] };
};
type Entry = { key: string; value: string };

const told = ({ key, step = 0, timestamp, value }: Point): string =>
  [key, Number(step), Number(timestamp), Number(value)].join(' | ');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** By row, read from the files of the outbox before they are sent. */
export async function expectedIn(folder: string): Promise<{ experiment: string; rows: Map<string, Held> }> {
  const plan = await readPlan(folder);
  const rows = new Map(
    plan.rows.map(({ row, identity }): [string, Held] => {
      const tags = Object.fromEntries(identity.map(({ key, value }) => [key, value]));
      return [row, { params: {}, tags, points: [], datasets: [], files: {}, status: 'FINISHED' }];
    }),
  );
  const parent = rows.get('none')!;
  for (const path of await itemsOf(folder)) {
    const item = await readItem(path);
    if (item.kind === 'file') parent.files[item.to] = sha256(readFileSync(item.content));
    else if (item.kind === 'inputs')
      parent.datasets.push(...item.datasets.map(({ dataset }) => `${dataset.name} ${dataset.digest}`));
    else {
      const held = rows.get(item.row)!;
      for (const { key, value } of item.params) held.params[key] = value;
      for (const { key, value } of item.tags) held.tags[key] = value;
      held.points.push(...item.metrics.map(told));
    }
  }
  for (const held of rows.values()) held.points.sort();
  return { experiment: plan.experiment, rows };
}

/** By row, asked of the server. @throws when a row is there twice. */
export async function heldBy(address: string, experiment: string): Promise<Map<string, Held>> {
  const { ask, download } = asker(address);
  const name = encodeURIComponent(experiment);
  const found = await ask<{ experiment: { experiment_id: string } }>(
    `experiments/get-by-name?experiment_name=${name}`,
  );
  const search = { experiment_ids: [found.experiment.experiment_id], max_results: 1000 };
  const { runs = [] } = await ask<{ runs?: Run[] }>('runs/search', search);
  const rows = new Map<string, Held>();
  for (const { info, data, inputs } of runs) {
    const tags = toRecord(data.tags);
    const row = tags['masque.row']!;
    if (rows.has(row)) throw new Error(`row ${row} is there twice`);
    const points: string[] = [];
    for (const { key } of data.metrics ?? [])
      points.push(...(await historyOf(info.run_id, key, ask)).map(told));
    const files: Record<string, string> = {};
    if (row === 'none')
      for (const path of await filesBelow(info.run_id, '', ask))
        files[path] = sha256(
          await download(`${info.artifact_uri.replace(/^mlflow-artifacts:\/+/, '')}/${path}`),
        );
    rows.set(row, {
      params: toRecord(data.params),
      tags,
      points: points.toSorted(),
      datasets: (inputs?.dataset_inputs ?? []).map(({ dataset }) => `${dataset.name} ${dataset.digest}`),
      files,
      status: info.status,
    });
  }
  return rows;
}

/** What of a run is missing at a server, what is there more often than once, and what else is not as it should be. */
export function differences(
  expected: ReadonlyMap<string, Held>,
  held: ReadonlyMap<string, Held>,
): { missing: string[]; duplicate: string[]; other: string[] } {
  const result = { missing: [] as string[], duplicate: [] as string[], other: [] as string[] };
  for (const [row, wanted] of expected) {
    const there = held.get(row);
    if (!there) {
      result.missing.push(`row ${row}`);
      continue;
    }
    for (const kind of ['points', 'datasets'] as const) {
      const [known, whole] = [new Set(there[kind]), new Set(wanted[kind])];
      result.missing.push(...[...whole].filter((each) => !known.has(each)));
      result.duplicate.push(...there[kind].filter((each, i) => there[kind].indexOf(each) !== i));
      result.other.push(...[...known].filter((each) => !whole.has(each)));
    }
    for (const kind of ['params', 'tags', 'files'] as const)
      for (const [key, value] of Object.entries(wanted[kind]))
        if (there[kind][key] !== value)
          (there[kind][key] === undefined ? result.missing : result.other).push(`${row} ${kind} ${key}`);
    if (there.status !== wanted.status) result.other.push(`${row} is ${there.status}`);
  }
  return result;
}

const toRecord = (entries: Entry[] = []): Record<string, string> =>
  Object.fromEntries(entries.map(({ key, value }) => [key, value]));

type Ask = <T>(endpoint: string, content?: object) => Promise<T>;

function asker(address: string): { ask: Ask; download(path: string): Promise<Uint8Array> } {
  return {
    async ask<T>(endpoint: string, content?: object) {
      const headers = { 'Content-Type': 'application/json' };
      const init = content && { method: 'POST', headers, body: JSON.stringify(content) };
      const reply = await fetch(`${address}/api/2.0/mlflow/${endpoint}`, init);
      if (reply.status !== 200) throw new Error(`${endpoint}: ${reply.status} ${await reply.text()}`);
      return (await reply.json()) as T;
    },
    async download(path) {
      const reply = await fetch(`${address}/api/2.0/mlflow-artifacts/artifacts/${path}`);
      return new Uint8Array(await reply.arrayBuffer());
    },
  };
}

async function historyOf(run: string, key: string, ask: Ask): Promise<Point[]> {
  const points: Point[] = [];
  for (let page = ''; ; ) {
    const query = `run_id=${run}&metric_key=${encodeURIComponent(key)}${page && `&page_token=${page}`}`;
    const found = await ask<{ metrics?: Point[]; next_page_token?: string }>(`metrics/get-history?${query}`);
    points.push(...(found.metrics ?? []));
    page = found.next_page_token ?? '';
    if (page === '') return points;
  }
}

async function filesBelow(run: string, folder: string, ask: Ask): Promise<string[]> {
  const query = `run_id=${run}${folder && `&path=${encodeURIComponent(folder)}`}`;
  const { files = [] } = await ask<{ files?: { path: string; is_dir?: boolean }[] }>(
    `artifacts/list?${query}`,
  );
  const all = files.map(async ({ path, is_dir }) => (is_dir ? filesBelow(run, path, ask) : [path]));
  return (await Promise.all(all)).flat();
}

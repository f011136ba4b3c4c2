/** Runs on MLflow's own server: every number of the record is found there, and sending again doubles nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askServer, fillOutbox, sendOutbox } from '../../src/records/mlflow.ts';
import { writeOutcomes } from '../../src/records/outcomes.ts';
import { writeRecord } from '../../src/records/record.ts';
import { madeUpRecordings, madeUpRun } from '../reports/made-up-run.ts';
import { expectedPlace, few, makeRun, numbersIn } from '../support/mlflow-runs.ts';
import { startMlflow } from '../support/mlflow-server.ts';
import { findPython } from '../support/python.ts';

const mlflow = findPython('mlflow', 'mlflow');

type Series = { value: number; step: number; timestamp: number }[];
type Run = {
  info: {
    run_id: string;
    run_name: string;
    status: string;
    start_time: number;
    end_time: number;
    artifact_uri: string;
  };
  data: Partial<Record<'metrics' | 'params' | 'tags', { key: string; value: string | number }[]>>;
};

describe.skipIf(!mlflow)('an MLflow server with its SQL store', () => {
  const root = mkdtempSync(join(tmpdir(), 'masque-mlflow-'));
  let server: Awaited<ReturnType<typeof startMlflow>>;
  beforeAll(async () => {
    server = await startMlflow(mlflow!, root);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const send = async (
    folder: string,
    models: Parameters<typeof fillOutbox>[2] = [],
    more = {},
  ): Promise<string> => {
    const environment = { MLFLOW_TRACKING_URI: server.address, ...more };
    const outbox = join(root, 'outbox');
    rmSync(outbox, { recursive: true, force: true });
    await fillOutbox(outbox, folder, models, environment);
    const patience = { firstMs: 60_000, thenMs: 60_000 };
    const sendings = await sendOutbox(outbox, { patience, attemptMs: 60_000 }, environment);
    expect(sendings).toHaveLength(1);
    const [sending] = sendings;
    return 'page' in sending! ? [sending.page, ...sending.remarks].join('; ') : sending!.trouble;
  };
  const ask = async <T>(endpoint: string, content?: object): Promise<T> => {
    const init = content && {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(content),
    };
    const reply = await fetch(`${server.address}/api/2.0/mlflow/${endpoint}`, init);
    expect(reply.status).toBe(200);
    return (await reply.json()) as T;
  };
  const runsOf = async (experiment: string): Promise<Run[]> => {
    const found = await ask<{ experiment: { experiment_id: string } }>(
      `experiments/get-by-name?experiment_name=${experiment}`,
    );
    const asked = { experiment_ids: [found.experiment.experiment_id], max_results: 1000 };
    return (await ask<{ runs?: Run[] }>('runs/search', asked)).runs ?? [];
  };
  const tag = (run: Run, key: string) => run.data.tags?.find((each) => each.key === key)?.value;
  const history = (run: Run, key: string): Promise<{ metrics?: Series }> =>
    ask(
      `metrics/get-history?run_id=${run.info.run_id}&metric_key=${encodeURIComponent(key)}&max_results=25000`,
    );
  const artifact = (run: Run, path: string): Promise<Response> =>
    fetch(
      `${server.address}/api/2.0/mlflow-artifacts/artifacts/${run.info.artifact_uri.replace(/^mlflow-artifacts:\/+/, '')}/${path}`,
    );

  /** Everything the server tells of the numbers of a run: `key step` → value, a parameter as `param key`. */
  const numbersOf = async (run: Run): Promise<Map<string, number>> => {
    const numbers = new Map<string, number>();
    for (const { key, value } of run.data.params ?? []) {
      if (!/^[[\d-]/.test(String(value))) continue;
      const listed: unknown = JSON.parse(String(value));
      [listed].flat().forEach((one, i) => numbers.set(`param ${key} ${i}`, Number(one)));
    }
    const keys = (run.data.metrics ?? []).map(({ key }) => key);
    const series = await Promise.all(keys.map(async (key) => [key, await history(run, key)] as const));
    for (const [key, { metrics }] of series)
      for (const { value, step } of metrics ?? []) {
        expect(numbers.has(`${key} ${step}`)).toBe(false);
        numbers.set(`${key} ${step}`, value);
      }
    return numbers;
  };

  test('every number of the record is found by the API, to the last bit', async () => {
    const { folder, record } = await makeRun(root, 'numbers');
    expect(await send(folder)).toContain(`${server.address}/#/experiments/`);
    const runs = await runsOf('numbers');
    const parent = runs.find((run) => tag(run, 'mlflow.parentRunId') === undefined)!;
    const children = runs.filter((run) => tag(run, 'mlflow.parentRunId') === parent.info.run_id);
    expect(children).toHaveLength(record.results.length + record.probes.length);
    expect(runs).toHaveLength(children.length + 1);
    const found = new Map<string, Map<string, number>>([['', await numbersOf(parent)]]);
    for (const child of children) found.set(String(tag(child, 'masque.row')), await numbersOf(child));

    // Read from the file, as plain JSON: nothing here knows how the keys are made but `expectedPlace` below.
    const json: unknown = JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8'));
    const missing: string[] = [];
    let count = 0;
    for (const { path, value } of numbersIn(json, [])) {
      const { run, place, isStep } = expectedPlace(path, json);
      count++;
      const there = found.get(run)?.get(place);
      if (isStep ? there === undefined : !Object.is(there, value))
        missing.push(`${path.join('.')} = ${value}: "${place}" of run "${run}" is ${there}`);
    }
    expect(missing).toEqual([]);
    expect(count).toBeGreaterThan(900);
  });

  test('names, parameters, tags and times read as a researcher expects', async () => {
    const { folder, record } = await makeRun(root, 'names', few('names'));
    await send(folder);
    const runs = await runsOf('names');
    const start = Date.parse(record.startedAt);
    for (const { info } of runs)
      expect(info).toMatchObject({
        status: 'FINISHED',
        start_time: start,
        end_time: start + record.seconds * 1000,
      });
    expect(runs.map(({ info }) => info.run_name)).toEqual(
      expect.arrayContaining([
        `${record.id}, seed 1`,
        'seed 1: meso-inception@cpu-128 × puppetry@cpu-96',
        'seed 1: background-only@cpu-64~recomposite × recomposite',
      ]),
    );
    const parent = runs.find(({ info }) => info.run_name === `${record.id}, seed 1`)!;
    expect(Object.fromEntries(parent.data.tags!.map(({ key, value }) => [key, value]))).toMatchObject({
      'code/commit': '607ff21a',
      'code/dirty': 'false',
      'mlflow.source.git.commit': '607ff21a',
      'data/kind': 'synthetic',
      'detectors/spectrum/family': 'spatial',
      'generators/puppetry at cpu-96/quality/lip-aperture  correlation/reason':
        'an interval needs at least 3 source identities, got 2',
      seed: '1',
    });
    const child = runs.find(({ info }) => info.run_name.startsWith('seed 1: meso-inception@cpu-128 ×'))!;
    expect(Object.fromEntries(child.data.params!.map(({ key, value }) => [key, value]))).toMatchObject({
      detector: 'meso-inception@cpu-128',
      trainedOn: 'puppetry@cpu-96',
      'dataset/identities/test': '8',
      seed: '1',
    });
    const losses = (await history(child, 'detector/losses')).metrics!;
    expect(losses.map(({ step }) => step).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, i) => i * 50),
    );
  });

  test('undefined metrics are tags with their reason, and recorded faces stay at home', async () => {
    const { record, outcomes } = madeUpRecordings('recordings-0a44');
    const { folder } = await makeRun(root, 'recordings', {
      ...record,
      config: { ...record.config, name: 'recordings' },
    });
    await writeOutcomes(folder, outcomes);
    const net = join(root, 'network.onnx');
    writeFileSync(net, 'weights');
    const files = { network: { path: net, sha256: '' } };
    const models = [
      { label: 'puppetry@cpu-96', files, showsPeople: true },
      { label: 'spectrum~recomposite', files, showsPeople: false },
    ];
    expect(await send(folder, models)).toContain('without report.html and generators');
    const runs = await runsOf('recordings');
    const child = runs.find(({ info }) => info.run_name.startsWith('seed 1: random'))!;
    expect(tag(child, 'auc/reason')).toBe('AUC needs both classes, got 8 real and 0 fake');
    expect(child.data.metrics!.map(({ key }) => key)).not.toContain('auc');
    const parent = runs.find(({ info }) => info.run_name === `${record.id}, seed 1`)!;
    const status = async (path: string) => (await artifact(parent, path)).status;
    expect(await status('outcomes.csv')).toBe(200);
    expect(await status('models/spectrum_on_recomposite/network.onnx')).toBe(200);
    expect(await status('report.html')).not.toBe(200);
    expect(await status('models/puppetry_at_cpu-96/network.onnx')).not.toBe(200);
  });

  test('files arrive byte for byte', async () => {
    const { folder, record } = await makeRun(root, 'files', few('files'));
    const net = join(root, 'big.onnx');
    writeFileSync(net, Buffer.alloc(9_000_001, 'weights'));
    await send(folder, [
      { label: 'puppetry@cpu-96', files: { renderer: { path: net, sha256: '' } }, showsPeople: true },
    ]);
    const parent = (await runsOf('files')).find(({ info }) => info.run_name === `${record.id}, seed 1`)!;
    for (const name of ['record.json', 'config.yaml', 'outcomes.csv', 'failures.csv', 'report.html'])
      expect(await (await artifact(parent, name)).text()).toBe(readFileSync(join(folder, name), 'utf8'));
    const stored = Buffer.from(
      await (await artifact(parent, 'models/puppetry_at_cpu-96/renderer.onnx')).arrayBuffer(),
    );
    expect(stored.equals(readFileSync(net))).toBe(true);
  });

  test('sent again, and after half of it was lost, the server holds the same', async () => {
    const { folder } = await makeRun(root, 'again', few('again'));
    const first = await send(folder);
    const state = async () => {
      const runs = (await runsOf('again')).toSorted((a, b) => (a.info.run_id < b.info.run_id ? -1 : 1));
      const numbers = await Promise.all(runs.map(async (run) => [...(await numbersOf(run))]));
      return { runs, numbers };
    };
    const before = await state();
    expect(await send(folder)).toContain('it was there already');
    expect(await state()).toEqual(before);

    // As if the process had been killed on the way: the parent not marked as sent, a child never made.
    const parent = before.runs.find((run) => tag(run, 'masque.sent') !== undefined)!;
    const child = before.runs.find((run) => tag(run, 'masque.row') === 'results/1')!;
    await ask('runs/delete-tag', { run_id: parent.info.run_id, key: 'masque.sent' });
    await ask('runs/delete', { run_id: child.info.run_id });
    expect(await send(folder)).toBe(first);
    const after = await state();
    expect(after.runs).toHaveLength(before.runs.length);
    const comparable = ({ runs }: typeof before) =>
      runs.map(({ info, data }) => [
        info.run_name,
        data.params,
        [...(data.metrics ?? [])].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      ]);
    expect(new Set(comparable(after).map((run) => JSON.stringify(run)))).toEqual(
      new Set(comparable(before).map((run) => JSON.stringify(run))),
    );

    // The same results under another state of the code are the same run; other results are another one.
    const { record } = await makeRun(root, 'again', few('again'));
    await writeRecord(folder, { ...record, code: { ...record.code, commit: 'abc', dirty: true } });
    expect(await send(folder)).toBe(first);
    expect(
      tag((await runsOf('again')).find((run) => run.info.run_id === parent.info.run_id)!, 'code/commit'),
    ).toBe('abc');
    await writeRecord(folder, { ...record, seconds: record.seconds + 1 });
    expect(await send(folder)).not.toBe(first);
    expect((await runsOf('again')).filter((run) => tag(run, 'masque.row') === 'none')).toHaveLength(2);
  });

  test('more than one batch, long texts, odd names', async () => {
    const { record } = madeUpRun('limits-1');
    const losses = Array.from({ length: 2500 }, (_, i): [number, number] => [i, 1 / (i + 3)]);
    const odd = Object.fromEntries(
      Array.from({ length: 150 }, (_, i) => [`../a b/${'ä'.repeat(i)}😀`, `${i} ${'x'.repeat(9000)}`]),
    );
    const folder = (
      await makeRun(root, 'limits', {
        ...record,
        config: { ...record.config, name: 'limits', odd },
        generators: [{ ...record.generators[0]!, info: { losses, odd } }],
        results: record.results.slice(0, 1),
        probes: [],
      })
    ).folder;
    expect(await send(folder)).toContain('/runs/');
    const runs = await runsOf('limits');
    const parent = runs.find(({ info }) => info.run_name === `${record.id}, seed 1`)!;
    const stored = (await history(parent, 'generators/puppetry at cpu-96/losses')).metrics!;
    expect(stored.toSorted((a, b) => a.step - b.step).map(({ step, value }) => [step, value])).toEqual(
      losses,
    );
    expect(parent.data.params!.filter(({ key }) => key.startsWith('odd/'))).toHaveLength(150);
    expect(parent.data.tags!.filter(({ key }) => key.includes('/odd/'))).toHaveLength(150);
  });

  test('an experiment of another name, a deleted one, and what doctor asks', async () => {
    const { folder } = await makeRun(root, 'named', few('named'));
    await send(folder, [], { MLFLOW_EXPERIMENT_NAME: 'by-hand' });
    expect((await runsOf('by-hand')).length).toBe(4);
    const { experiment } = await ask<{ experiment: { experiment_id: string } }>(
      'experiments/get-by-name?experiment_name=by-hand',
    );
    await ask('experiments/delete', { experiment_id: experiment.experiment_id });
    expect(await send(folder, [], { MLFLOW_EXPERIMENT_NAME: 'by-hand' })).toContain(
      'its experiment "by-hand" was deleted; restore it',
    );
    expect(await askServer({ MLFLOW_TRACKING_URI: `${server.address}/` })).toMatchObject({
      address: server.address,
      version: expect.stringMatching(/^3\./),
    });
    expect(await askServer({})).toBeUndefined();
  });

  test('a host name that the server does not accept is told with the remedy', async () => {
    const { folder } = await makeRun(root, 'host', few('host'));
    // As when a name server knows the machine by a name that MLflow was not told of.
    const renamed = createServer(({ method, url, headers }, reply) => {
      const options = { method, headers: { ...headers, host: 'tracking.example:5000' } };
      request(`${server.address}${url}`, options, (answer) => {
        reply.writeHead(answer.statusCode!);
        answer.pipe(reply);
      }).end();
    });
    await new Promise<void>((listening) => renamed.listen(0, '127.0.0.1', listening));
    const { port } = renamed.address() as AddressInfo;
    const said = await send(folder, [], { MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}` });
    renamed.close();
    expect(said).toMatch(/^http:.*: it does not accept the host name .* --allowed-hosts "127\.0\.0\.1:\d+"/);
  });
});

/** The outbox before a server that fails in every way: in the end all is there, once, and within the limits. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fillOutbox, sendOutbox } from '../../src/records/mlflow.ts';
import { countPending, type Entry, entriesOf, readPlan, type Row } from '../../src/records/mlflow/outbox.ts';
import { patient } from '../../src/records/mlflow/patience.ts';
import { ownTag } from '../../src/process-tag.ts';
import { createRng } from '../../src/random.ts';
import { writeSystemLoad } from '../../src/records/system-load.ts';
import { madeUpRun } from '../reports/made-up-run.ts';
import { type Fault, faults, startFaults } from '../support/faults.ts';
import { differences, expectedIn, heldBy } from '../support/mlflow-held.ts';
import { few, makeRun } from '../support/mlflow-runs.ts';
import { freePort } from '../support/free-port.ts';
import { startMlflow } from '../support/mlflow-server.ts';
import { startStub } from '../support/mlflow-stub.ts';
import { findPython } from '../support/python.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
if (!night) process.stderr.write('50 kills and 200 faults are for npm run test:night; here 3 and 20\n');
const project = resolve(import.meta.dirname, '../..');
const root = mkdtempSync(join(tmpdir(), 'masque-outbox-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Long enough for every fault to pass. */
const patience = { firstMs: 20_000, thenMs: 20_000 };
const samples = Array.from({ length: 30 }, (_, i) => ({
  timestamp: 1_795_000_000_000 + 10_000 * i,
  values: { cpu_utilization_percentage: 10 + i / 8, main_memory_usage_megabytes: 90 + i },
}));

/** An outbox that holds one run, and what a server shall have of it. */
async function filled(name: string, server: string, made = few(name)) {
  const results = join(root, name);
  const outbox = join(results, 'outbox');
  const { folder } = await makeRun(results, name, made);
  await writeSystemLoad(folder, samples);
  const network = join(results, 'net.onnx');
  writeFileSync(network, Buffer.alloc(1_500_000, name));
  const files = { network: { path: network, sha256: '' } };
  const models = [{ label: 'meso-inception@cpu-128', files, showsPeople: false }];
  const environment = { MLFLOW_TRACKING_URI: server };
  await fillOutbox(outbox, folder, models, environment);
  const [entry] = await entriesOf(outbox);
  const { experiment, rows } = await expectedIn(entry!.folder);
  return { results, outbox, folder, models, entry: entry!.folder, experiment, rows, environment };
}

const nothing = { missing: [], duplicate: [], other: [] };

describe('a strict server in memory', () => {
  test('everything arrives: numbers, parameters, tags, data sets, files, and the load of the machine', async () => {
    const stub = await startStub();
    const { outbox, environment, experiment, rows } = await filled('whole', stub.address);
    const pending = await countPending(outbox);
    expect(pending).toBeGreaterThan(8);
    expect(await sendOutbox(outbox, { patience }, environment)).toMatchObject([{ remarks: [] }]);
    expect(await countPending(outbox)).toBe(0);
    expect(readdirSync(outbox)).toEqual([]);
    const held = await heldBy(stub.address, experiment);
    expect(differences(rows, held)).toEqual(nothing);
    expect([...held.keys()].toSorted()).toEqual([...rows.keys()].toSorted());
    const parent = held.get('none')!;
    expect(parent.points.filter((each) => each.startsWith('system/'))).toHaveLength(60);
    expect(Object.keys(parent.files)).toContain('models/meso-inception_at_cpu-128/network.onnx');
    expect(parent.datasets).toHaveLength(1);
    expect([stub.refused, stub.strange]).toEqual([[], []]);
    await stub.stop();
  });

  test.concurrent.each(faults)('every kind of request meets %s the first time', async (fault) => {
    const stub = await startStub();
    const seen = new Set<string>();
    const proxy = await startFaults(stub.address, (_, { method, url }) => {
      const kind = method === 'PUT' ? method : url.split('?')[0]!;
      // That one asks for a second's patience, so only two kinds meet it.
      if (seen.has(kind) || (fault === 429 && !/create$|batch$/.test(kind))) return undefined;
      seen.add(kind);
      return fault;
    });
    const { outbox, environment, experiment, rows } = await filled(`fault-${fault}`, proxy.address);
    expect(await sendOutbox(outbox, { patience }, environment)).toMatchObject([{ page: expect.any(String) }]);
    expect(differences(rows, await heldBy(stub.address, experiment))).toEqual(nothing);
    expect([stub.refused, stub.strange]).toEqual([[], []]);
    await Promise.all([proxy.stop(), stub.stop()]);
  });

  test('faults at random, sent over and over', async () => {
    const stub = await startStub();
    const rng = createRng(7, 'faults');
    const quick = faults.filter((fault) => fault !== 429);
    let count = 0;
    const proxy = await startFaults(stub.address, () => {
      if (rng.uniform() > 0.4) return undefined;
      count++;
      return rng.pick(quick);
    });
    for (let round = 0; count < (night ? 200 : 20); round++) {
      const { outbox, environment, experiment, rows } = await filled(`random-${round}`, proxy.address);
      for (let i = 0; i < 500 && (await countPending(outbox)) > 0; i++)
        await sendOutbox(outbox, { patience: { firstMs: 0, thenMs: 300 } }, environment);
      expect(await countPending(outbox)).toBe(0);
      expect(differences(rows, await heldBy(stub.address, experiment))).toEqual(nothing);
    }
    expect([stub.refused, stub.strange]).toEqual([[], []]);
    await Promise.all([proxy.stop(), stub.stop()]);
  }, 1_800_000);

  test('a run that was made when nobody waited any more is no second one', async () => {
    const stub = await startStub();
    let creates = 0;
    let late: Promise<unknown> | undefined;
    const { outbox, environment, experiment, rows, entry } = await filled('late', 'http://127.0.0.1:9');
    const [{ identity: tags }] = (await readPlan(entry)).rows as [Row];
    const make = (): Promise<unknown> =>
      fetch(`${stub.address}/api/2.0/mlflow/runs/create`, {
        method: 'POST',
        body: JSON.stringify({ experiment_id: '1', run_name: 'late', start_time: 1, tags }),
      });
    // The first question to make the run is not answered in time, and done when the second has been.
    const proxy = await startFaults(stub.address, (_, { url }) => {
      if (url.endsWith('runs/create') && creates++ === 0) return 'silent';
      if (url.endsWith('log-batch')) late ??= make();
      return undefined;
    });
    const here = { ...environment, MLFLOW_TRACKING_URI: proxy.address };
    await sendOutbox(outbox, { patience, attemptMs: 1000 }, here);
    await late;
    expect(differences(rows, await heldBy(stub.address, experiment))).toEqual(nothing);

    // The same after the process has ended.
    await fillOutbox(outbox, join(root, 'late', 'runs', 'late-7d1f'), [], environment);
    await make();
    await expect(heldBy(stub.address, experiment)).rejects.toThrow('twice');
    await sendOutbox(outbox, { patience }, here);
    expect(differences(rows, await heldBy(stub.address, experiment))).toEqual(nothing);
    await Promise.all([proxy.stop(), stub.stop()]);
  });

  test('the limits: many metrics, long and strange names and values', async () => {
    const stub = await startStub();
    const { record } = madeUpRun('odd-1');
    const losses = Array.from({ length: 3100 }, (_, i): [number, number] => [i, 1 / (i + 3)]);
    const odd = Object.fromEntries(
      Array.from({ length: 250 }, (_, i) => [
        `../a..b/%2e%2e/${'ä'.repeat(i)}😀..`,
        `${i} ${'字'.repeat(9000)}`,
      ]),
    );
    const made = {
      ...record,
      config: { ...record.config, name: 'odd', odd },
      generators: [{ ...record.generators[0]!, label: '../../x@y', info: { losses, odd } }],
      results: record.results.slice(0, 1).map((row) => ({ ...row, generator: '../..\n/etc' })),
      probes: [],
    };
    const { outbox, environment, rows, folder } = await filled('odd', stub.address, made);
    rmSync(outbox, { recursive: true });
    const network = join(root, 'odd.onnx');
    writeFileSync(network, 'weights');
    const files = { '../../../net': { path: network, sha256: '' } };
    const names = ['../../x@y', '..', '', 'a..b', `${'n'.repeat(300)}`, 'x/%2e%2e/y', 'ü', '.hidden'];
    await fillOutbox(
      outbox,
      folder,
      names.map((label) => ({ label, files, showsPeople: false })),
      environment,
    );
    expect(rows.get('none')!.points.length).toBeGreaterThan(3100);
    await sendOutbox(outbox, { patience }, environment);
    expect([stub.refused, stub.strange]).toEqual([[], []]);
    const held = await heldBy(stub.address, 'odd');
    expect(differences(rows, held)).toMatchObject({
      missing: ['none files models/meso-inception_at_cpu-128/network.onnx'],
      duplicate: [],
    });
    const parent = held.get('none')!;
    expect(Object.keys(parent.files).filter((path) => path.startsWith('models/'))).toHaveLength(names.length);
    expect(Object.keys(parent.files)).toContain('long-values.json');
    await stub.stop();
  });

  test('a part that went to one server does not go to another', async () => {
    const [one, other] = [await startStub(), await startStub()];
    const proxy = await startFaults(one.address, (count) => (count > 6 ? 'deaf' : undefined));
    const { outbox, environment, entry } = await filled('moved', proxy.address);
    const elsewhere = { MLFLOW_TRACKING_URI: other.address };
    const brief = { patience: { firstMs: 0, thenMs: 0 } };
    const all = await countPending(outbox);
    await sendOutbox(outbox, brief, environment);
    expect(await countPending(outbox)).toBeLessThan(all);
    expect(await sendOutbox(outbox, brief, elsewhere)).toMatchObject([
      {
        trouble: expect.stringContaining(
          `has been sent to ${proxy.address}; set MLFLOW_TRACKING_URI to that, or remove ${entry} and run`,
        ),
      },
    ]);
    expect(existsSync(entry)).toBe(true);
    expect(other.count()).toBe(0);
    await Promise.all([proxy.stop(), one.stop(), other.stop()]);
  });

  test('files go as they were when the run ended, whatever happens to them after', async () => {
    const stub = await startStub();
    const { outbox, environment, experiment, rows, folder, results } = await filled('moved-on', stub.address);
    rmSync(folder, { recursive: true });
    rmSync(join(results, 'net.onnx'));
    await sendOutbox(outbox, { patience }, environment);
    expect(differences(rows, await heldBy(stub.address, experiment))).toEqual(nothing);
    await stub.stop();
  });

  test('one run that is refused keeps no other from arriving', async () => {
    const stub = await startStub();
    const { outbox, environment } = await filled('first', stub.address);
    const { folder } = await makeRun(join(root, 'first'), 'second', few('second'));
    await fillOutbox(outbox, folder, [], environment);
    const [first] = await entriesOf(outbox);
    const damaged = join(first!.folder, '000000.json');
    writeFileSync(damaged, readFileSync(damaged, 'utf8').slice(0, -9));
    const sendings = await sendOutbox(outbox, { patience }, environment);
    expect(sendings).toMatchObject([
      {
        trouble: expect.stringContaining(`${damaged} is damaged; remove ${first!.folder} and run`),
        away: false,
      },
      { page: expect.any(String) },
    ]);
    await stub.stop();
  });
});

test("one process at a time sends a run, and what is left of dead ones stands in nobody's way", async () => {
  const stub = await startStub();
  const { outbox, entry, environment } = await filled('owned', stub.address);
  const dead = `${process.pid}-00000000-${ownTag().slice(-8)}`; // of this number, but begun at another time
  const torn = join(outbox, `.torn-0123.${dead}`);
  mkdirSync(torn);
  const [{ name }] = (await entriesOf(outbox)) as [Entry];
  const elsewhere = `${entry}.99-00000000-00000000`; // a process of another machine, which may live
  renameSync(entry, elsewhere);
  expect(await sendOutbox(outbox, { patience }, environment)).toEqual([
    { entry: name, trouble: 'another process is sending it', away: false },
  ]);
  expect(stub.count()).toBe(0);
  expect(existsSync(torn)).toBe(false);
  renameSync(elsewhere, `${entry}.${dead}`);
  expect(await sendOutbox(outbox, { patience }, environment)).toMatchObject([{ entry: name, remarks: [] }]);
  expect(readdirSync(outbox)).toEqual([]);
  await stub.stop();
});

test('nothing that identifies the user lies in the outbox, and nobody else can read it', async () => {
  const { entry } = await filled('secret', 'http://ann:sesame-7391@127.0.0.1:9');
  const files = readdirSync(entry).filter((name) => name.endsWith('.json'));
  for (const name of files) {
    expect(readFileSync(join(entry, name), 'utf8')).not.toContain('sesame');
    expect(statSync(join(entry, name)).mode & 0o077).toBe(0);
  }
});

test('what passes is asked again, longer each time, and what does not is not', async () => {
  const passing = (more = {}) => Object.assign(new Error('passing'), { again: true, ...more });
  const attempts = async (error: Error, most: number): Promise<number> => {
    let count = 0;
    const patiently = patient({ firstMs: most, thenMs: most });
    await patiently(async () => {
      count++;
      throw error;
    }).catch(() => {});
    return count;
  };
  expect(await attempts(passing(), 0)).toBe(1);
  expect(await attempts(passing(), 1700)).toBe(3); // after 250 and 500 ms; the next would be at 1750
  expect(await attempts(passing({ absent: true }), 900)).toBe(1);
  expect(await attempts(passing({ afterMs: 1000 }), 900)).toBe(1);
  expect(await attempts(new Error('no'), 900)).toBe(1);
});

type Ended = { code: number | null; signal: string | null; stdout: string; stderr: string };

/** `masque sync`, and the process to end it with. */
function startSync(results: string, address: string, ...more: string[]) {
  const command = ['experiments/masque.mjs', 'sync', '--results', results, ...more];
  const env = { ...process.env, MLFLOW_TRACKING_URI: address, MLFLOW_TRACKING_TOKEN: 'sesame-7391' };
  const child = spawn(process.execPath, command, { cwd: project, env });
  const ended = new Promise<Ended>((settle) => {
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => void (stdout += String(text)));
    child.stderr.on('data', (text) => void (stderr += String(text)));
    child.on('close', (code, signal) => settle({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

/**
 * Kills `masque sync` at some request, before it reaches the server or after it was done there, until little is left; then lets it end. Returns how often it
 * was killed.
 */
async function killOften(address: string, name: string, most: number): Promise<number> {
  let kill: (() => Fault | undefined) | undefined;
  const proxy = await startFaults(address, () => kill?.());
  const { results, outbox, experiment, rows } = await filled(name, proxy.address);
  const rng = createRng(3, 'kills', name);
  let died = 0;
  while (died < most && (await countPending(outbox)) > 1) {
    const { child, ended } = startSync(results, proxy.address);
    // The first two requests find the experiment and its runs; then each sends something.
    let left = rng.int(5);
    const done = rng.uniform() < 0.5;
    kill = () => {
      if (left-- > 0) return undefined;
      setTimeout(() => child.kill('SIGKILL'), done ? 100 : 0);
      return done ? 'lost' : 'silent';
    };
    died += Number((await ended).signal === 'SIGKILL');
  }
  kill = undefined;
  const { code, stdout } = await startSync(results, proxy.address, '--json').ended;
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { pending: 0 }]);
  expect(differences(rows, await heldBy(address, experiment))).toEqual(nothing);
  await proxy.stop();
  return died;
}

/** Kills at least so often, in as many runs as that takes. */
async function killAll(address: string, name: string, kills: number): Promise<void> {
  let died = 0;
  for (let round = 0; died < kills; round++)
    died += await killOften(address, `${name}-${round}`, Math.min(kills - died, 10));
  process.stderr.write(`${name}: killed ${died} times; 0 missing, 0 twice\n`);
}

test(
  'SIGKILL while it syncs: in the end the server holds what lay in the outbox, once',
  async () => {
    const stub = await startStub();
    await killAll(stub.address, 'killed', night ? 50 : 3);
    expect([stub.refused, stub.strange]).toEqual([[], []]);
    await stub.stop();
  },
  night ? 1_800_000 : 180_000,
);

test('the command: exit codes, what is pending, no secrets', async () => {
  const stub = await startStub();
  const away = `http://127.0.0.1:${await freePort()}`;
  const { results, outbox } = await filled('command', stub.address);
  const pending = await countPending(outbox);
  const refused = await startSync(results, away).ended;
  expect(refused.code).toBe(4);
  expect(refused.stdout).toContain(
    `mlflow: pending ${pending}; run "npm run sync -- --results ${relative('.', results)}"`,
  );
  expect(refused.stdout).toContain(`${away}: nothing answers there (ECONNREFUSED)`);
  const nowhere = await startSync(results, '').ended;
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('Set MLFLOW_TRACKING_URI')]);
  const sent = await startSync(results, stub.address, '--json').ended;
  expect(sent.code).toBe(0);
  expect(JSON.parse(sent.stdout)).toMatchObject({ sent: pending, pending: 0, runs: [{ remarks: [] }] });
  const again = await startSync(results, '').ended;
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('mlflow: nothing pending')]);
  for (const { stdout, stderr } of [refused, nowhere, sent, again])
    expect(stdout + stderr).not.toContain('sesame');
  await stub.stop();
});

const mlflow = findPython('mlflow', 'mlflow');

/** By day the real server is asked in `mlflow.test.ts`. */
describe.runIf(night && mlflow)('an MLflow server with its SQL store', () => {
  test('lost answers, faults and SIGKILL: it holds what lay in the outbox, once', async () => {
    const server = await startMlflow(mlflow!, root);
    const rng = createRng(9, 'faults');
    const proxy = await startFaults(server.address, () =>
      rng.uniform() < 0.3 ? rng.pick(faults) : undefined,
    );
    const { outbox, environment, experiment, rows } = await filled('real', proxy.address);
    // On a busy machine a server with its faults may need more than one sending.
    for (let i = 0; i < 50 && (await countPending(outbox)) > 0; i++)
      await sendOutbox(outbox, { patience }, environment);
    expect(differences(rows, await heldBy(server.address, experiment))).toEqual(nothing);
    await killAll(server.address, 'real-killed', 50);
    await Promise.all([proxy.stop(), server.stop()]);
  }, 1_800_000);
});

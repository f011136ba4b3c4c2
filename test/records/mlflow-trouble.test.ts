/** A tracking server that is not there, hangs, refuses or talks nonsense: one line, soon, without secrets, and nothing else. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askServer, fillOutbox, sendOutbox } from '../../src/records/mlflow.ts';
import { openServer } from '../../src/records/mlflow/server.ts';
import { writeRecord } from '../../src/records/record.ts';
import { madeUpRun } from '../reports/made-up-run.ts';
import { freePort } from '../support/free-port.ts';

const root = mkdtempSync(join(tmpdir(), 'masque-mlflow-trouble-'));
const folder = join(root, 'run');
const open: Server[] = [];
beforeAll(async () => {
  mkdirSync(folder);
  await writeRecord(folder, madeUpRun().record);
});
afterAll(() => {
  for (const server of open) server.closeAllConnections();
  rmSync(root, { recursive: true, force: true });
});

/** A server that answers like this; its address, and what it was asked. */
async function serve(listener: RequestListener): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, reply) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    listener(request, reply);
  });
  open.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const secrets = { MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'sesame-7391' };
let outboxes = 0;
async function send(environment: Record<string, string>, attemptMs = 10_000): Promise<string> {
  const outbox = join(root, `outbox-${outboxes++}`);
  const here = { ...secrets, ...environment };
  const said = await fillOutbox(outbox, folder, [], here)
    .then(() => sendOutbox(outbox, { patience: { firstMs: 0, thenMs: 0 }, attemptMs }, here))
    .then(
      ([sending]) => (sending && 'trouble' in sending ? sending.trouble : ''),
      (error: Error) => error.message,
    );
  expect(said).not.toBe('');
  expect(said).not.toContain('\n');
  expect(said).not.toMatch(/sesame|YW5uOnNlc2FtZ/); // the password, and the same in base64
  expect(said).not.toContain('\u001b'); // what could steer a terminal
  return said;
}
const answer =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, reply) =>
    void reply.writeHead(status, headers).end(body);

test('a server that is not there', async () => {
  const address = `http://127.0.0.1:${await freePort()}`;
  expect(await send({ MLFLOW_TRACKING_URI: address })).toContain(
    `${address}: nothing answers there (ECONNREFUSED)`,
  );
});

test('one that takes the question and never answers, and one that never ends its answer', async () => {
  const silent = await serve(() => {});
  const dripping = await serve((_, reply) => {
    reply.writeHead(200, { 'Content-Type': 'application/json' });
    const drip = setInterval(() => reply.write(' '), 100);
    reply.on('close', () => clearInterval(drip));
  });
  for (const { address } of [silent, dripping])
    expect(await send({ MLFLOW_TRACKING_URI: address }, 1000)).toContain('no answer within 1 s');
  expect(silent.asked).toHaveLength(1);
});

test('one that repeats what it was asked with', async () => {
  const { address } = await serve((request, reply) => {
    const message = `${secrets.MLFLOW_TRACKING_PASSWORD} ${request.headers.authorization} is wrong`;
    reply.writeHead(400).end(JSON.stringify({ error_code: 'BAD', message }));
  });
  expect(await send({ MLFLOW_TRACKING_URI: address })).toContain('it answered 400: … Basic … is wrong');
});

test('one that is slow beyond all patience', async () => {
  const { address } = await serve(() => {});
  const server = openServer({ MLFLOW_TRACKING_URI: address }, { limit: AbortSignal.timeout(300) })!;
  await expect(server.version()).rejects.toThrow('it is too slow');
});

test.each([
  [
    500,
    '{"error_code":"INTERNAL_ERROR","message":"database is locked\\u001b[31m"}',
    'it answered 500: database is locked',
  ],
  [503, '<html>try later</html>', 'it answered 503: <html>try later</html>'],
  [
    401,
    'You are not authenticated.',
    'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN',
  ],
  [403, 'Invalid Host header - possible DNS rebinding attack detected', 'start it with --allowed-hosts'],
  [
    403,
    '{"error_code":"PERMISSION_DENIED","message":"Permission denied"}',
    'it refuses (403): Permission denied',
  ],
  [404, 'no such page', 'what answers there has no MLflow API'],
  [302, '', 'it redirects (302)'],
  [200, '<html>Welcome to nginx</html>', 'what answers there is no MLflow server'],
  [200, '{"experiment":{"experiment_id":7}}', 'what answers there is no MLflow server'],
])('one that answers %i %j', async (status, body, expected) => {
  const { address, asked } = await serve(answer(status, body, { Location: 'http://127.0.0.1:1/elsewhere' }));
  expect(await send({ MLFLOW_TRACKING_URI: address })).toContain(expected);
  expect(asked).toHaveLength(1);
});

test('one that breaks the connection in the middle of an answer', async () => {
  const { address } = await serve((_, reply) => {
    reply.writeHead(200, { 'Content-Length': '100' });
    reply.write('{"experi', () => reply.destroy());
  });
  expect(await send({ MLFLOW_TRACKING_URI: address })).toContain('the connection failed');
});

test('credentials go into the header as with MLflow itself, and into nothing else', async () => {
  const { address, asked } = await serve(answer(500, ''));
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const inside = address.replace('http://', 'http://bob:s%40lt-sesame@');
  await send({ MLFLOW_TRACKING_URI: address });
  await send({ MLFLOW_TRACKING_URI: address, MLFLOW_TRACKING_USERNAME: '', MLFLOW_TRACKING_TOKEN: 'sesame' });
  await send({ MLFLOW_TRACKING_URI: inside, MLFLOW_TRACKING_USERNAME: '' });
  expect(asked.map((line) => line.split(' ').slice(2).join(' '))).toEqual([
    basic('ann:sesame-7391'),
    'Bearer sesame',
    basic('bob:s@lt-sesame'),
  ]);
  expect(asked.join()).not.toContain('bob');
});

test.each(['sqlite:///mlflow.db', 'postgresql://ann:sesame@db/mlflow', 'databricks', './mlruns', 'http://'])(
  '%s is no address of a tracking server',
  async (uri) => {
    const said = await send({ MLFLOW_TRACKING_URI: uri });
    expect(said).toContain('masque sends to a tracking server, at http:// or https://');
    expect(said).not.toContain('db');
    await expect(askServer({ MLFLOW_TRACKING_URI: uri })).rejects.toThrow('http://');
  },
);

test.each(['../up', 'a%2E%2Eb', `${'n'.repeat(501)}`, 'line\nbreak'])(
  'an experiment is not named %j',
  async (name) => {
    const said = await send({ MLFLOW_TRACKING_URI: 'http://127.0.0.1:9', MLFLOW_EXPERIMENT_NAME: name });
    expect(said).toContain('MLFLOW_EXPERIMENT_NAME is longer than 500 characters, or holds');
  },
);

test('without MLFLOW_TRACKING_URI nothing is kept', async () => {
  for (const uri of [undefined, '', '  ']) {
    const environment = { MLFLOW_TRACKING_URI: uri };
    expect(await fillOutbox(join(root, 'none'), folder, [], environment)).toBeUndefined();
    expect(
      await sendOutbox(join(root, 'none'), { patience: { firstMs: 0, thenMs: 0 } }, environment),
    ).toEqual([]);
  }
  expect(readdirSync(root)).not.toContain('none');
});

test('an experiment with a server that hangs ends as one without: same exit code, same folder', async () => {
  const project = resolve(import.meta.dirname, '../..');
  const clips = join(root, 'clips');
  mkdirSync(clips);
  for (const name of ['clip.mp4', 'clip.webm']) cpSync(join(project, 'test/golden', name), join(clips, name));
  const config = join(root, 'tiny.yaml');
  writeFileSync(
    config,
    `name: tiny\ndataset: { name: folder, path: ${clips}, licence: CC-BY-4.0 }\ndetectors:\n  - name: random\n`,
  );
  const run = (results: string, uri: string) =>
    new Promise<{ code: number; stderr: string; files: Map<string, string> }>((settle) => {
      const command = ['experiments/masque.mjs', 'experiment', config, '--results', join(root, results)];
      const env = { ...process.env, MLFLOW_TRACKING_URI: uri, ...secrets };
      execFile(process.execPath, command, { cwd: project, env }, (error, _, stderr) => {
        const runs = join(root, results, 'runs');
        const found = readdirSync(runs, { recursive: true, withFileTypes: true }).filter((entry) =>
          entry.isFile(),
        );
        const files = found.map(
          ({ name, parentPath }) => [name, readFileSync(join(parentPath, name), 'utf8')] as const,
        );
        settle({ code: Number(error?.code ?? 0), stderr, files: new Map(files) });
      });
    });
  const { address } = await serve(() => {});
  const without = await run('without', '');
  const hanging = await run('hanging', address);
  expect([without.code, hanging.code]).toEqual([0, 0]);
  const last = hanging.stderr.trimEnd().split('\n').at(-1);
  expect(last).toMatch(
    /^mlflow: pending \d+; run "npm run sync -- --results .*" \(http:.*: (no answer within 4 s|it is too slow)\)$/,
  );
  expect(hanging.stderr.match(/^mlflow:|MLflow/gm)).toHaveLength(1);
  expect(readdirSync(join(root, 'hanging', 'outbox'))).toHaveLength(1);
  expect(without.stderr).not.toMatch(/^mlflow:|MLflow/m);
  expect(readdirSync(join(root, 'without'))).not.toContain('outbox');
  expect(hanging.stderr).not.toContain('sesame');
  expect([...hanging.files.keys()]).toEqual([...without.files.keys()]);
  // Times and memory are those of each run; everything else is equal.
  const ownOfEachRun = ['startedAt', 'seconds', 'peakMemory', 'mainThread'];
  const results = ({ files }: typeof without): unknown => {
    const record = Object.entries(JSON.parse(files.get('record.json')!) as Record<string, unknown>);
    const rest = record.filter(([name]) => !ownOfEachRun.includes(name));
    return [rest, files.get('outcomes.csv'), files.get('config.yaml'), files.get('failures.csv')];
  };
  expect(results(hanging)).toEqual(results(without));
});

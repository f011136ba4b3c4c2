/** The commands: keys are made, listed and revoked; the service starts with what it needs, tells its address and the first key's way, and ends in good order. */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';

const project = resolve(import.meta.dirname, '../..');
const root = mkdtempSync(join(tmpdir(), 'masque-serve-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function masque(args: string[], env: NodeJS.ProcessEnv = process.env) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((settle) => {
    execFile(
      process.execPath,
      ['experiments/masque.mjs', ...args],
      { cwd: project, env },
      (error, stdout, stderr) => settle({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const key = 'the first key, of more than 32 characters';

/** The service over memory. */
function begin(folder: string, webhook = '', firstKey: string | null = key) {
  const env = { ...process.env, MASQUE_WEBHOOK_SECRET: 'a secret of at least 32 characters, 7391' };
  if (firstKey === null) delete (env as NodeJS.ProcessEnv)['MASQUE_API_KEY'];
  else Object.assign(env, { MASQUE_API_KEY: firstKey });
  const child = fork(join(project, 'test/support/serve-memory.mjs'), [folder, webhook], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let told = '';
  child.stderr!.on('data', (chunk: Buffer) => (told += chunk.toString()));
  return {
    child,
    told: () => told,
    ended: new Promise<number | null>((end) => child.on('close', (code) => end(code))),
  };
}

/** The same; resolves when it listens. */
async function started(...how: Parameters<typeof begin>) {
  const { told, ...more } = begin(...how);
  await expect.poll(told, { timeout: 120_000 }).toMatch(/listening at \S+\n/);
  return { ...more, told, address: /listening at (\S+)/.exec(told())![1]! };
}

test('keys are shown once, listed without, and revoked', async () => {
  const folder = join(root, 'keys');
  const added = await masque(['keys', 'add', 'Ann Example', '--role', 'reviewer', '--folder', folder]);
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mk_[\w-]{43}\n$/) as string });
  const file = join(folder, 'access', 'keys.json');
  expect(readFileSync(file, 'utf8')).not.toContain(added.stdout.trim());
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const listed = await masque(['keys', 'list', '--folder', folder]);
  expect(listed.stdout).toMatch(/^[0-9a-f]{12} {2}reviewer .* Ann Example\n$/);
  const [id] = listed.stdout.split(' ');
  expect(await masque(['keys', 'revoke', id!, '--folder', folder])).toMatchObject({ code: 0 });
  expect(readFileSync(file, 'utf8')).toMatch(/"revokedAt": "\d{4}-/);
  expect(await masque(['keys', 'revoke', 'none', '--folder', folder])).toMatchObject({
    code: 2,
    stderr: 'there is no key "none"\n',
  });
});

test('without a sandbox nothing is served, unless that is said', async () => {
  const env = { ...process.env, PATH: '/nonexistent' };
  const refused = await masque(['serve', '--port', '0', '--folder', join(root, 'bare')], env);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('--without-sandbox');
  expect(refused.stderr.trim()).not.toContain('\n');
});

test('it tells its address and how to get a key, serves, and ends at SIGTERM when what came has been answered', async () => {
  const { child, address, told, ended } = await started(join(root, 'served'), '', null);
  await expect.poll(told).toContain('npm run -s keys -- add');
  const folder = join(root, 'served');
  const added = await masque(['keys', 'add', 'ann', '--folder', folder]);
  const client = createClient({ baseUrl: address, apiKey: added.stdout.trim() });
  const { requestId } = await client.upload({ content: new Blob(['F']), name: 'x.mp4' });
  expect(await client.waitFor(requestId)).toMatchObject({ status: 'MANIPULATED' });
  const large = client.upload({ content: new Blob(['x'.repeat(20_000_000)]), name: 'x.mp4' });
  // Once it has begun to come; a signal before that would find nobody who asks.
  let isOver = false;
  void large.catch(() => {}).then(() => (isOver = true));
  const hasBegun = (): boolean => isOver || readdirSync(join(folder, 'incoming')).length > 0;
  await expect.poll(hasBegun, { interval: 1 }).toBe(true);
  child.kill('SIGTERM');
  const code = await ended;
  expect(await large.catch((error: { code: string }) => error.code)).toEqual(
    expect.toSatisfy(
      (answer: unknown) => answer === 'unreachable' || answer === 'busy' || typeof answer === 'object',
    ),
  );
  expect(code).toBe(0);
  expect(told()).toContain('SIGTERM');
  expect(told()).not.toContain(added.stdout.trim());
});

test('where its start fails it ends', async () => {
  const folder = join(root, 'blocked');
  mkdirSync(folder);
  writeFileSync(join(folder, 'webhooks'), 'no folder');
  const { ended, told } = begin(folder, 'http://127.0.0.1:1/');
  expect(await ended).toBe(1);
  expect(told()).toContain('EEXIST');
});

test('what happens is told to webhooks, and a short first key is refused', async () => {
  const got: string[] = [];
  const receiver = createServer((request, reply) => {
    got.push(String(request.headers['x-masque-event-id']));
    reply.end();
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const { child, address, ended } = await started(join(root, 'hooked'), hook);
  const client = createClient({ baseUrl: address, apiKey: key });
  await client.waitFor((await client.upload({ content: new Blob(['F']), name: 'x.mp4' })).requestId, {
    everyMs: 10,
  });
  await expect.poll(() => got.length).toBe(1);
  for (const list of ['runs', 'leaderboard']) {
    const asked = await fetch(`${address}/v1/${list}`, { headers: { 'X-API-KEY': key } });
    expect(await asked.json()).toEqual([]);
  }
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  receiver.close();
  const refused = await masque(['serve', '--without-sandbox', '--folder', join(root, 'short')], {
    ...process.env,
    MASQUE_API_KEY: 'sesame',
  });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('32 characters') as string });
});

/** The client against the running door: the ordinary way, every refusal with its code, and a time-out that fires. */
import { copyFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type Media, type ScreeningError } from '../../src/client/client.ts';
import { type Door, openDoor } from '../support/screening-http.ts';

let door: Door;
beforeAll(async () => void (door = await openDoor({ memory: { automatic: false, capacity: 4 } })));
afterAll(() => door.end());

const as = (who: keyof Door['keys']) => createClient({ baseUrl: door.address, apiKey: door.keys[who] });
const errorOf = (promise: Promise<unknown>): Promise<ScreeningError> =>
  promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: ScreeningError) => error,
  );

test('a file goes in, is waited for, and its finding comes back by role', async () => {
  const { requestId, status } = await as('ann').upload({ content: new Blob(['F']), name: 'clip.mp4' });
  expect(status).toBe('QUEUED');
  const waiting = as('ann').waitFor(requestId, { everyMs: 5 });
  setTimeout(() => door.service.analyse(), 30);
  expect(await waiting).toMatchObject({ status: 'MANIPULATED', action: 'quarantine' });
  expect(await waiting).not.toHaveProperty('score');
  const full = (await as('rita').result(requestId)) as Media;
  expect(full.score).toBe(0.97);
  const { quarantineId } = full;
  const why = { basis: 'admission', reason: 'they said so', opinionBefore: 'fake', seen: 1 } as const;
  expect(new TextDecoder().decode(await as('rita').content(quarantineId!))).toBe('F');
  expect(await as('ada').hold(quarantineId!, true)).toMatchObject({ legalHold: true });
  expect(await as('rita').opinion(quarantineId!, 'fake')).toMatchObject({ state: 'held', opinion: 'fake' });
  expect(await errorOf(as('rita').opinion(quarantineId!, 'real'))).toMatchObject({ code: 'conflict' });
  expect(await as('rita').confirm(quarantineId!, why)).toMatchObject({ state: 'confirmed' });
  expect(await errorOf(as('rolf').release(quarantineId!, why))).toMatchObject({
    code: 'conflict',
    status: 409,
  });
  expect(await as('rita').quarantined(quarantineId!)).toMatchObject({ kept: true });
  expect((await as('rita').quarantine({ state: 'confirmed' })).totalItems).toBe(1);
  expect((await as('rita').list({ status: 'MANIPULATED', size: 1 })).items).toHaveLength(1);
  expect((await as('rita').history(quarantineId!, { size: 1 })).items).toHaveLength(1);
  expect(await as('ann').health()).toMatchObject({ status: 'ok' });
});

test.each(['CLIP.MP4', 'photo.JpG', 'no extension', 'ünïcode 脸.wav'])(
  'a file called %s is sent',
  async (name) => {
    const path = join(door.folder, name);
    copyFileSync('test/golden/photo.jpg', path);
    const { requestId } = await as('ann').upload(path);
    door.service.analyse();
    expect(await as('ann').waitFor(requestId)).toMatchObject({ name });
  },
);

test('each refusal has its code', async () => {
  const stranger = createClient({ baseUrl: door.address, apiKey: 'mk_no' });
  expect(await errorOf(stranger.list())).toMatchObject({
    code: 'unauthorized',
    status: 401,
    requestId: expect.any(String) as string,
  });
  expect(await errorOf(as('ann').quarantine())).toMatchObject({ code: 'forbidden' });
  expect(await errorOf(as('ann').result('nothing'))).toMatchObject({ code: 'not_found' });
  expect(await errorOf(as('ann').result('../../health'))).toMatchObject({ code: 'invalid_request' });
  expect(await errorOf(as('ann').list({ size: 1000 }))).toMatchObject({ code: 'invalid_request' });
  expect(await errorOf(as('ann').upload({ content: new Blob([]), name: 'x' }))).toMatchObject({
    code: 'invalid_request',
  });
  const nobody = createClient({ baseUrl: 'http://127.0.0.1:1', apiKey: '' });
  expect(await errorOf(nobody.health())).toMatchObject({ code: 'unreachable' });
});

test('a full queue is told with the time to wait', async () => {
  const one = { content: new Blob(['x']), name: 'x' };
  for (let i = 0; i < 4; i++) await as('ben').upload(one);
  expect(await errorOf(as('ben').upload(one))).toMatchObject({
    code: 'busy',
    status: 503,
    retryAfterSeconds: 7,
  });
});

test('waiting ends at its time-out, while the file waits and also where the service hangs or drips', async () => {
  const [item] = (await as('ben').list({ status: 'QUEUED' })).items;
  const timeout = { code: 'timeout' };
  expect(await errorOf(as('ben').waitFor(item!.requestId, { timeoutMs: 60, everyMs: 5 }))).toMatchObject(
    timeout,
  );
  expect(
    await errorOf(as('ben').waitFor(item!.requestId, { timeoutMs: 60, everyMs: 600_000 })),
  ).toMatchObject(timeout);
  const silent = createServer((request, reply) => {
    if (request.url!.includes('drip')) setInterval(() => reply.write(' '), 5).unref();
  });
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const client = createClient({ baseUrl, apiKey: '' });
  for (const id of ['hang', 'drip'])
    expect(await errorOf(client.waitFor(id, { timeoutMs: 60 }))).toMatchObject(timeout);
  silent.closeAllConnections();
  silent.close();
});

test('what is no answer of this service is told as such', async () => {
  const other = createServer((request, reply) => {
    if (request.url!.includes('away')) reply.writeHead(302, { Location: `${door.address}/health` }).end();
    else reply.writeHead(request.url!.includes('502') ? 502 : 200).end('<html>');
  });
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const client = createClient({
    baseUrl: `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
    apiKey: 'k',
  });
  expect(await errorOf(client.result('page'))).toMatchObject({ code: 'not_understood', status: 200 });
  expect(await errorOf(client.result('502'))).toMatchObject({ code: 'not_understood', status: 502 });
  expect(await errorOf(client.result('away'))).toMatchObject({ code: 'unreachable' });
  other.closeAllConnections();
  other.close();
});

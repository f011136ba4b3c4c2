/** Webhooks arrive signed, once where nothing goes wrong, after back-off where something does, and after a restart; nothing follows a redirect. */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkWebhook, isSigned, openWebhooks, signatureOf } from '../../src/screening/http/webhooks.ts';
import type { Event } from '../../src/screening/types.ts';
import { mountDisk } from '../support/full-disk.ts';

const root = mkdtempSync(join(tmpdir(), 'masque-webhooks-'));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
  rmSync(root, { recursive: true, force: true });
});

type Got = { id: string; body: string; signature: string; event: string; requestId: string };
const secret = 'a secret of at least 32 characters, 7391';
const patience = { firstMs: 5, mostMs: 40, attempts: 6, answerMs: 10_000 };
const event = (requestId: string): Event => ({
  id: randomUUID(),
  event: 'verdict',
  requestId,
  sha256: 'a'.repeat(64),
  status: 'MANIPULATED',
  action: 'quarantine',
  quarantineId: 'q-1',
  at: '2026-11-27T00:00:00.000Z',
});

/** A receiver that keeps what it is sent; `answer` may do worse than 204. */
async function receiver(answer: RequestListener = (_, reply) => void reply.writeHead(204).end()) {
  const got: Got[] = [];
  const server = createServer((request, reply) => {
    void bodyOf(request).then((body) => {
      const { id, event, requestId } = JSON.parse(body) as Got;
      got.push({ id, body, event, requestId, signature: String(request.headers['x-masque-signature']) });
      answer(request, reply);
    });
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

let folders = 0;
const folder = (): string => join(root, `outbox-${folders++}`);

test('an event arrives once, signed over time and body, with an id and no name', async () => {
  const { got, url } = await receiver();
  const webhooks = await openWebhooks(folder(), [{ url, secret }], () => {}, patience);
  webhooks.tell(event('one'));
  webhooks.tell(event('two'));
  await expect.poll(() => webhooks.waiting()).toBe(0);
  expect(got.map(({ requestId }) => requestId)).toEqual(['one', 'two']);
  const [{ body, signature, id }] = got as [Got];
  const now = new Date().getTime() / 1000;
  expect(isSigned(body, signature, secret, now)).toBe(true);
  expect(isSigned(body.replace('one', 'two'), signature, secret, now)).toBe(false);
  expect(isSigned(body, signature, `${secret}.`, now)).toBe(false);
  expect(isSigned(body, signature, secret, now + 3600)).toBe(false);
  expect(isSigned(body, 't=1,v1=', secret, now)).toBe(false);
  expect(Object.keys(JSON.parse(body) as object).toSorted()).toEqual([
    'action',
    'at',
    'event',
    'id',
    'quarantineId',
    'requestId',
    'sha256',
    'status',
  ]);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  await webhooks.close();
});

test('the signature is HMAC-SHA256 of time, dot and body', () => {
  // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
  expect(signatureOf('{}', 'key', 1_700_000_000)).toBe(
    't=1700000000,v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae',
  );
});

test('a receiver that fails, hangs or drops the answer is asked again, and the id tells doubles', async () => {
  const faults = [500, 'hang', 'drop', 429];
  const { got, url } = await receiver((_, reply) => {
    const fault = faults.shift();
    if (fault === 'drop') reply.destroy();
    else if (fault !== 'hang') reply.writeHead(typeof fault === 'number' ? fault : 200).end();
  });
  const log: string[] = [];
  const webhooks = await openWebhooks(folder(), [{ url, secret }], (line) => void log.push(line), {
    ...patience,
    answerMs: 500,
    attempts: 20,
  });
  webhooks.tell(event('one'));
  await expect.poll(() => webhooks.waiting()).toBe(0);
  expect(got.length).toBeGreaterThanOrEqual(5);
  expect(new Set(got.map(({ id }) => id)).size).toBe(1);
  expect(log.map((line) => (JSON.parse(line) as { trouble: string }).trouble)).toEqual(
    expect.arrayContaining([
      'answered 500',
      'TimeoutError',
      expect.stringMatching(/SOCKET|RESET/),
      'answered 429',
    ]),
  );
  expect(log.join('')).not.toContain(secret);
  await webhooks.close();
});

test('a redirect is not followed, and what never arrives is given up', async () => {
  const elsewhere = await receiver();
  const { got, url } = await receiver(
    (_, reply) => void reply.writeHead(307, { Location: elsewhere.url }).end(),
  );
  const log: string[] = [];
  const webhooks = await openWebhooks(folder(), [{ url, secret }], (line) => void log.push(line), patience);
  webhooks.tell(event('one'));
  await expect.poll(() => webhooks.waiting()).toBe(0);
  expect(got).toHaveLength(patience.attempts);
  expect(elsewhere.got).toEqual([]);
  expect(JSON.parse(log.at(-1)!)).toMatchObject({ trouble: 'answered 307', givenUp: true });
  await webhooks.close();
});

test('one receiver that is away does not keep the others waiting', async () => {
  const { got, url } = await receiver();
  const away = 'http://127.0.0.1:1/hook';
  const targets = [away, url].map((one) => ({ url: one, secret }));
  const webhooks = await openWebhooks(folder(), targets, () => {}, { ...patience, attempts: 1000 });
  for (const id of ['one', 'two', 'three']) webhooks.tell(event(id));
  // What the receiver has may not be noted yet.
  await expect.poll(() => webhooks.waiting()).toBe(3);
  expect(got).toHaveLength(3);
  await webhooks.close();
});

test('what has not arrived is sent after a restart, what has is not, and a torn line does no harm', async () => {
  const here = folder();
  let up = false;
  const { got, url } = await receiver((_, reply) => void reply.writeHead(up ? 200 : 503).end());
  const well = await receiver();
  const targets = [url, well.url].map((one) => ({ url: one, secret }));
  // Refused once, it waits longer than this test: nothing is on its way when it is closed, which could come late.
  const refused: string[] = [];
  const patient = { ...patience, firstMs: 60_000, mostMs: 60_000 };
  const first = await openWebhooks(here, targets, (line) => void refused.push(line), patient);
  first.tell(event('one'));
  first.tell(event('two'));
  // What the receiver has may not be noted yet; what is noted is not sent again.
  await expect.poll(() => first.waiting()).toBe(2);
  expect(well.got).toHaveLength(2);
  await expect.poll(() => refused.length).toBe(1);
  expect(got).toHaveLength(1);
  await first.close();
  appendFileSync(join(here, 'outbox.jsonl'), '{"id":"torn","bo');
  up = true;
  got.length = 0;
  const second = await openWebhooks(here, targets, () => {}, patience);
  await expect.poll(() => second.waiting()).toBe(0);
  expect(got.map(({ requestId }) => requestId).toSorted()).toEqual(['one', 'two']);
  expect(well.got).toHaveLength(2);
  await second.close();
  const third = await openWebhooks(here, targets, () => {}, patience);
  expect(third.waiting()).toBe(0);
  await third.close();
  expect(readFileSync(join(here, 'outbox.jsonl'), 'utf8')).toBe('');
});

test('killed after it was told, a service loses no event', async () => {
  const here = folder();
  const { got, url } = await receiver();
  // It tells ten events to a receiver that is away, and is killed at once.
  const child = fork(join(import.meta.dirname, '../support/tell-webhooks.mjs'), [
    here,
    url,
    secret,
    JSON.stringify(event('killed')),
  ]);
  await new Promise((resolve) => child.on('exit', resolve));
  const arrived = got.length;
  const webhooks = await openWebhooks(here, [{ url, secret }], () => {}, patience);
  await expect.poll(() => webhooks.waiting()).toBe(0);
  expect(new Set(got.map(({ id }) => id)).size).toBe(10);
  expect(got.length).toBeLessThanOrEqual(10 + arrived);
  await webhooks.close();
});

const trial = mountDisk(root, 64);
trial?.unmount();
test.skipIf(!trial)(
  'on a full disk an event is refused and nothing torn is left; what was taken stays',
  async () => {
    const disk = mountDisk(root, 64)!;
    const targets = [{ url: 'http://127.0.0.1:1/hook', secret }];
    const patient = { ...patience, firstMs: 60_000, mostMs: 60_000 };
    const webhooks = await openWebhooks(disk.path, targets, () => {}, patient);
    const taken: string[] = [];
    const tell = (name: string): void => {
      webhooks.tell(event(name));
      taken.push(name);
    };
    expect(() => {
      for (let i = 0; i < 1000; i++) tell(`${i}`);
    }).toThrow(/ENOSPC/);
    expect(taken.length).toBeGreaterThan(10);
    expect(webhooks.waiting()).toBe(taken.length);
    disk.enlarge();
    tell('with room');
    await webhooks.close();
    const lines = readFileSync(join(disk.path, 'outbox.jsonl'), 'utf8').trimEnd().split('\n');
    const names = lines.map((line) => JSON.parse((JSON.parse(line) as { body: string }).body) as Event);
    expect(names.map(({ requestId }) => requestId)).toEqual(taken);
    disk.unmount();
  },
);

test.each(['file:///etc/passwd', 'ftp://host/', 'javascript:1', 'http://user:pass@host/', 'host', ''])(
  'events are not sent to %j',
  (url) => {
    expect(() => checkWebhook({ url, secret })).toThrow('expected an http or https address');
  },
);

test('a short secret signs nothing', () => {
  expect(() => checkWebhook({ url: 'https://host/', secret: 'sesame' })).toThrow('32 characters');
});

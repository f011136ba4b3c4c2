/** A bucket whose connection breaks, which no service does when it is asked to: a server that ends its answers midway. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openStore } from '../../src/queue/store/open.ts';
import type { Store } from '../../src/queue/store/store.ts';
import { temporary } from '../support/queue.ts';

const content = 'x'.repeat(100_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const environment = { ...process.env };
let server: Server;
afterEach(() => {
  process.env = { ...environment };
  server.closeAllConnections();
  server.close();
});

/** It breaks so many of its answers. */
async function storeThatBreaks(times: number): Promise<{ store: Store; asked(): number }> {
  let asked = 0;
  server = createServer(({ url }, response) => {
    if (url!.endsWith('store.json')) return response.writeHead(404).end();
    const whole = ++asked > times;
    response.writeHead(200, { 'content-length': content.length });
    response.write(whole ? content : content.slice(0, 50_000), () => {
      if (whole) response.end();
      else response.destroy();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((there) => server.once('listening', there));
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  return { store: await openStore('s3://bucket', () => {}), asked: () => asked };
}

test('what breaks midway is asked for again', async () => {
  const { store, asked } = await storeThatBreaks(1);
  const path = join(temporary('files'), 'to.txt');
  expect(await store.getFile(sha256, path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe(content);
  expect(asked()).toBe(2);
});

test('the same of a text', async () => {
  const { store, asked } = await storeThatBreaks(1);
  expect(await store.read('said/one.json')).toBe(content);
  expect(asked()).toBe(2);
});

test('where it breaks each time: exit 4, with the store, and nothing half written', async () => {
  const { store } = await storeThatBreaks(Infinity);
  const folder = temporary('files');
  await expect(store.getFile(sha256, join(folder, 'to.txt'))).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(/^store s3:\/\/bucket: the connection failed \(/),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('a place that cannot be written is no fault of the connection, and asked for once', async () => {
  const { store, asked } = await storeThatBreaks(0);
  const path = join(temporary('files'), 'none', 'to.txt');
  await expect(store.getFile(sha256, path)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' });
  expect(asked()).toBe(1);
});

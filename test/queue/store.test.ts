/** One contract for every store: what is whole, who is first, what is damaged. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { openStore } from '../../src/queue/store/open.ts';
import { spread, type Store } from '../../src/queue/store/store.ts';
import { findPython } from '../support/python.ts';
import { temporary } from '../support/queue.ts';
import { startS3 } from '../support/s3-server.ts';

type Place = { address: string; damage(sha256: string): Promise<void> | void };

const folder = temporary('store');
const moto = findPython('s3', 'moto_server');
const s3 = moto ? await startS3(moto) : undefined;
afterAll(() => s3?.stop());

const places: Record<string, Place> = {
  'a folder': {
    address: folder,
    damage: (sha256) => writeFileSync(join(folder, spread('files', sha256)), 'something else'),
  },
  ...(s3 ? { 'an S3-compatible bucket': s3 } : {}),
};

describe.each(Object.entries(places))('%s', (_, { address, damage }) => {
  const notes: string[] = [];
  const opened = openStore(address, (message) => notes.push(message));
  const withFile = async (text: string): Promise<{ store: Store; sha256: string; to: string }> => {
    const own = temporary('files');
    const from = join(own, 'from.txt');
    writeFileSync(from, text);
    const sha256 = createHash('sha256').update(text).digest('hex');
    const store = await opened;
    await store.putFile(from, sha256);
    return { store, sha256, to: join(own, 'to.txt') };
  };

  test('what is written is read, replaced and removed', async () => {
    const store = await opened;
    expect(await store.read('said/one.json')).toBeUndefined();
    await store.write('said/one.json', '{"ü":1}');
    await store.write('said/one.json', '{"ü":2}');
    expect(await store.read('said/one.json')).toBe('{"ü":2}');
    await store.remove('said/one.json');
    await store.remove('said/one.json');
    expect(await store.read('said/one.json')).toBeUndefined();
  });

  test('of many who create the same, one is the first, and what it wrote stays', async () => {
    const store = await opened;
    const texts = Array.from({ length: 20 }, (_, i) => `{"from":${i}}`);
    const first = await Promise.all(texts.map((text) => store.create('results/aa/raced.json', text)));
    expect(first.filter(Boolean)).toHaveLength(1);
    expect(await store.read('results/aa/raced.json')).toBe(texts[first.indexOf(true)]);
  });

  test('a file comes back by its hash, and may be put again', async () => {
    const { store, sha256, to } = await withFile('content');
    await store.putFile(to.replace('to.txt', 'from.txt'), sha256);
    expect(await store.getFile(sha256, to)).toBe(true);
    expect(readFileSync(to, 'utf8')).toBe('content');
    expect(await store.getFile('0'.repeat(64), `${to}2`)).toBe(false);
    expect(existsSync(`${to}2`)).toBe(false);
  });

  test('a damaged file counts as none, with a note, and may be put anew', async () => {
    const { store, sha256, to } = await withFile('precious');
    await damage(sha256);
    notes.length = 0;
    expect(await store.getFile(sha256, to)).toBe(false);
    expect(existsSync(to)).toBe(false);
    expect(notes).toEqual([expect.stringContaining('not what its hash says')]);
    writeFileSync(to, 'precious');
    await store.putFile(to, sha256);
    expect(await store.getFile(sha256, `${to}2`)).toBe(true);
  });

  test('nothing half written stays behind', async () => {
    await opened;
    if (address === folder) expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });
});

test('what somebody began a day ago and never ended is removed, and nothing younger', async () => {
  const old = temporary('store');
  await openStore(old, () => {});
  writeFileSync(join(old, 'tmp', 'begun'), '');
  await openStore(old, () => {});
  expect(readdirSync(join(old, 'tmp'))).toEqual(['begun']);
  vi.useFakeTimers({ now: new Date('2100-01-01'), toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  await openStore(old, () => {});
  expect(readdirSync(join(old, 'tmp'))).toEqual([]);
});

test('what is no store is refused with its address', async () => {
  const file = join(temporary('files'), 'file');
  writeFileSync(file, '');
  const refused = async (address: string): Promise<unknown> =>
    openStore(address, () => {}).catch((error: unknown) => error);
  expect(await refused(file)).toMatchObject({ exitCode: 4, message: expect.stringContaining(file) });
  expect(await refused('s3://')).toBeInstanceOf(UserError);
  for (const address of ['ftp://there/x', 'S3://bucket/prefix', 'gs:/bucket'])
    expect(await refused(address)).toMatchObject({ exitCode: 2, message: expect.stringContaining(address) });
  expect(await refused('https://me:hidden@there/x')).toMatchObject({
    message: expect.not.stringContaining('hidden'),
  });
  if (!s3) return;
  const other = (await refused('s3://there-is-none/here')) as Store;
  await expect(other.create('a', 'b')).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('no such bucket'),
  });
});

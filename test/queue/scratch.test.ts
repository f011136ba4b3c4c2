/** The room that files of jobs may take on a machine, which several workers may share. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ownTag } from '../../src/process-tag.ts';
import { openScratch } from '../../src/queue/scratch.ts';
import { openStore } from '../../src/queue/store/open.ts';
import { temporary } from '../support/queue.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, rename: vi.fn<typeof real.rename>(real.rename) };
});

const sha256 = createHash('sha256').update('content').digest('hex');

test('a worker that makes room leaves what another uses, and removes what is old or half brought by one that is gone', async () => {
  const [root, there] = [temporary('scratch'), temporary('files')];
  const store = await openStore(temporary('store'), () => {});
  writeFileSync(join(there, 'clip.mp4'), 'content');
  await store.putFile(join(there, 'clip.mp4'), sha256);
  const [one, other] = [openScratch(root, store), openScratch(root, store)];
  const path = await one.bring({ path: '/elsewhere/clip.mp4', sha256 }, []);
  utimesSync(dirname(path), 0, 0);
  const files = join(root, 'files');
  for (const [name, usedSeconds] of [
    ['large', 1],
    [`half-${ownTag().replace(/^\d+-[0-9a-f]{8}/, '4194305-00000000')}`, 2],
  ] as const) {
    mkdirSync(join(files, name));
    writeFileSync(join(files, name, 'clip.mp4'), '');
    // Nothing but its size: no room is taken.
    truncateSync(join(files, name, 'clip.mp4'), 21e9);
    utimesSync(join(files, name), usedSeconds, usedSeconds);
  }
  await other.release([]);
  expect(readdirSync(files)).toEqual([dirname(path).split('/').at(-1)]);
  expect(existsSync(path)).toBe(true);
  await one.release([path]);
  expect(readdirSync(join(root, 'used'))).toEqual([]);
});

/** Two workers of a machine, and a file that the first has brought, with so much beside it that the second will make room. */
async function twoWorkers() {
  const [root, there] = [temporary('scratch'), temporary('files')];
  const store = await openStore(temporary('store'), () => {});
  writeFileSync(join(there, 'clip.mp4'), 'content');
  await store.putFile(join(there, 'clip.mp4'), sha256);
  const [one, other] = [openScratch(root, store), openScratch(root, store)];
  const bring = (): Promise<string> => one.bring({ path: '/elsewhere/clip.mp4', sha256 }, []);
  const path = await bring();
  await one.release([path]);
  const large = join(dirname(path), 'large');
  writeFileSync(large, '');
  truncateSync(large, 21e9);
  const left = (): string[] => readdirSync(join(root, 'files'));
  return { one, other, bring, path, large, folder: basename(dirname(path)), left };
}

test('a folder that a worker has found stays, though another had begun to remove it', async () => {
  const { one, other, bring, path, large, folder, left } = await twoWorkers();
  const { rename } = fs;
  vi.mocked(rename).mockImplementationOnce(async (from, to) => {
    expect(await bring()).toBe(path);
    return rename(from, to);
  });
  await other.release([]);
  expect(left()).toEqual([folder]);
  expect(existsSync(large)).toBe(true);
  await one.release([path]);
  await other.release([]);
  expect(left()).toEqual([]);
});

test('a folder that a worker has brought anew while it was taken away is the only one', async () => {
  const { other, bring, path, large, folder, left } = await twoWorkers();
  const { rename } = fs;
  vi.mocked(rename).mockImplementationOnce(async (from, to) => {
    await rename(from, to);
    expect(await bring()).toBe(path);
  });
  await other.release([]);
  expect(left()).toEqual([folder]);
  expect([existsSync(path), existsSync(large)]).toEqual([true, false]);
});

/** The room that files of jobs may take on a machine, which several workers may share. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ownTag } from '../../src/process-tag.ts';
import { openScratch } from '../../src/queue/scratch.ts';
import { openStore } from '../../src/queue/store/open.ts';
import { temporary } from '../support/queue.ts';

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

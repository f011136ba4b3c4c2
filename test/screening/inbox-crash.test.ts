/** A watcher that is killed: each file is in one folder with its sidecar, or in the inbox to be taken up again; in the end all are judged, none twice. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inboxFailPoints } from '../../src/fail-point.ts';
import { createRng } from '../../src/random.ts';
import { compiledPath, useCompiled } from '../support/compiled.ts';
import { keptIn, sha256 } from '../support/inboxes.ts';
import { attached, mailOf } from '../support/mails.ts';

const toyInbox = 'test/support/toy-inbox.ts';
useCompiled(toyInbox);
const night = process.env['MASQUE_TESTS'] === 'night';
const top = mkdtempSync(join(tmpdir(), 'masque-inbox-crash-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const png = readFileSync(resolve(import.meta.dirname, '../golden/photo.png'));

/** Some photos and mails, all different. */
function fill(inbox: string, count: number): Set<string> {
  const hashes = new Set<string>();
  for (let i = 0; i < count; i++) {
    const photo = Buffer.concat([png, Buffer.from(`${i}${'-MSUN'[i % 5]}`)]);
    const content =
      i % 3 === 0 ? Buffer.from(mailOf([attached('a.png', photo), attached('b.png', png)])) : photo;
    writeFileSync(join(inbox, `${i}.${i % 3 === 0 ? 'eml' : 'png'}`), content);
    hashes.add(sha256(content));
  }
  return hashes;
}

function start(inbox: string, failPoint?: string) {
  const child = spawn(process.execPath, [compiledPath(toyInbox), inbox, '--once'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(failPoint === undefined ? {} : { FAILPOINT: failPoint }) },
  });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => void (told += chunk.toString()));
  return {
    child,
    ended: new Promise<{ code: number | null; signal: NodeJS.Signals | null; told: string }>((settle) =>
      child.on('close', (code, signal) => settle({ code, signal, told })),
    ),
  };
}

/** What must hold at any moment: every file once, and beside each that has left the inbox its sidecar. */
function requireWhole(inbox: string, hashes: Set<string>): void {
  const { files, waiting } = keptIn(inbox);
  for (const file of files)
    expect(file.sidecar, `${file.folder}/${file.name}`).toMatchObject({ sha256: file.sha256 });
  const all = [
    ...files.map((file) => file.sha256),
    ...waiting.map((name) => sha256(readFileSync(join(inbox, name)))),
  ];
  expect(all.toSorted()).toEqual([...hashes].toSorted());
}

async function requireDone(inbox: string, hashes: Set<string>): Promise<void> {
  expect(await start(inbox).ended).toMatchObject({ code: 0 });
  requireWhole(inbox, hashes);
  expect(keptIn(inbox)).toMatchObject({ alone: [], waiting: [] });
  expect(readdirSync(join(inbox, '.masque', 'moving'))).toEqual([]);
  const strays = readdirSync(inbox, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.tmp$|lock$|work\/./.test(path),
  );
  expect(strays).toEqual([]);
}

const points = inboxFailPoints.filter((point) => point !== 'inbox-copied');
test.each(points)('killed at %s, the first and a later time', async (point) => {
  const inbox = mkdtempSync(join(top, 'inbox-'));
  const hashes = fill(inbox, 4);
  for (const turn of [1, 2]) {
    expect(await start(inbox, `${point}:${turn}`).ended).toMatchObject({ signal: 'SIGKILL' });
    requireWhole(inbox, hashes);
  }
  await requireDone(inbox, hashes);
});

const kills = night ? 300 : 4;
test(`${kills} kills at random times, up to five of one inbox`, { timeout: 3600_000 }, async () => {
  const rng = createRng(1, 'inbox-kills');
  let [hits, inboxes] = [0, 0];
  for (; hits < kills; inboxes++) {
    const inbox = mkdtempSync(join(top, 'inbox-'));
    const hashes = fill(inbox, 12);
    for (let i = 0; i < 1 + (inboxes % 5) && hits < kills; i++) {
      const { child, ended } = start(inbox);
      // Once it has begun: before, there is nothing to be interrupted.
      await expect
        .poll(() => existsSync(join(inbox, '.masque')), { interval: 1, timeout: 60_000 })
        .toBe(true);
      const timer = setTimeout(() => child.kill('SIGKILL'), rng.uniform(0, 150));
      const { signal } = await ended;
      clearTimeout(timer);
      requireWhole(inbox, hashes);
      if (signal !== 'SIGKILL') break;
      hits++;
    }
    await requireDone(inbox, hashes);
    rmSync(inbox, { recursive: true });
  }
  console.log(`${inboxes} inboxes, ${hits} kills`);
});

test('two at one inbox: the second says who watches', async () => {
  const inbox = mkdtempSync(join(top, 'inbox-'));
  writeFileSync(join(inbox, '.hidden.png'), png); // never taken, so the first goes on
  const first = start(inbox);
  await expect.poll(() => existsSync(join(inbox, '.masque', 'lock')), { timeout: 60_000 }).toBe(true);
  const second = await start(inbox).ended;
  expect(second.code).toBe(2);
  expect(second.told).toMatch(/lock: locked by pid \d+ since 2/);
  first.child.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(existsSync(join(inbox, '.masque', 'lock'))).toBe(false);
});

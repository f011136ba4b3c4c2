/** A run over Redis as its users start it: an experiment that asks, a worker that computes, and how both end. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endWithUs, temporary, until } from '../support/queue.ts';
import { freePort } from '../support/free-port.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = temporary('command-line');
const config = join(folder, 'tiny.yaml');
const store = join(folder, 'store');

beforeAll(() => {
  const clips = join(folder, 'clips');
  mkdirSync(clips);
  copyFileSync(join(root, 'test/golden/clip.mp4'), join(clips, 'a.mp4'));
  copyFileSync(join(root, 'test/golden/clip.mov'), join(clips, 'b.mov'));
  writeFileSync(join(clips, 'labels.csv'), 'file,identity,label\na.mp4,a,real\nb.mov,b,real\n');
  writeFileSync(
    config,
    `name: tiny
dataset: { name: folder, path: '${clips}', csv: labels.csv, licence: CC0-1.0 }
generators: []
detectors: [{ name: random }]
`,
  );
});

/** `ended`: its exit code. */
function masque(url: string, ...command: string[]) {
  const child = endWithUs(
    spawn(process.execPath, [join(root, 'experiments/masque.mjs'), ...command], {
      env: { ...process.env, REDIS_URL: url },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => void (told += String(part)));
  const ended = new Promise<number | null>((gone) => child.on('close', gone));
  return { child, ended, told: () => told };
}
const experiment = (url: string, results: string, where = store) =>
  masque(
    url,
    'experiment',
    config,
    '--engine',
    'bullmq',
    '--results',
    join(folder, results),
    '--store',
    where,
  );
const worker = (url: string) =>
  masque(url, 'worker', '--store', store, '--workers', '1', '--scratch', join(folder, 'scratch'));

test('without Redis both are refused, and leave no store', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`;
  for (const command of [experiment(url, 'refused'), worker(url)]) {
    expect(await command.ended).toBe(4);
    expect(command.told()).toContain('it does not answer');
  }
  expect([store, join(folder, 'scratch')].filter(existsSync)).toEqual([]);
});

describe.runIf(hasRedis())('with Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis(temporary('redis'));
  });
  afterAll(() => redis.stop());

  test('the experiment ends after its report, the worker on Ctrl-C, and neither says that Redis is away', async () => {
    const [asks, computes] = [experiment(redis.url, 'results'), worker(redis.url)];
    expect(await asks.ended).toBe(0);
    expect(asks.told()).toContain('report: ');
    computes.child.kill('SIGINT');
    expect(await computes.ended).toBe(130);
    for (const { told } of [asks, computes]) expect(told()).not.toContain('is away');
  });

  test('Ctrl-C ends an experiment that waits for workers', async () => {
    const waits = experiment(redis.url, 'interrupted', join(folder, 'empty'));
    await until(() => waits.told().includes('no worker is there'), 120_000);
    waits.child.kill('SIGINT');
    expect(await waits.ended).toBe(130);
  });
});

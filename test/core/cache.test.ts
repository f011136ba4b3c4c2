/** The cache gives back what was computed, and nothing that was computed from something else or has been damaged. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openCache } from '../../src/pipeline/cache.ts';
import { createContext, type RunContext } from '../../src/pipeline/context.ts';
import { canonicalJson, jobKey } from '../../src/pipeline/key.ts';
import type { Progress } from '../../src/pipeline/progress.ts';
import { createPool } from '../../src/queue/pool.ts';
import { double, misbehave } from '../support/toy.job.ts';

const pool = createPool(2);
afterAll(() => pool.close());
const silent: Progress = {
  begin: () => ({ started: () => {}, progress: () => {}, end: () => {} }),
  note: () => {},
  stop: () => {},
};

let root: string;
let warnings: string[];
let context: RunContext;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'masque-cache-'));
  warnings = [];
  context = fresh();
});
const fresh = (tools: Record<string, string> = {}): RunContext =>
  createContext({
    seed: 1,
    cache: openCache(root, (message) => warnings.push(message)),
    pool,
    tools,
    progress: silent,
  });

test('a second run computes nothing and gives the same output and file', async () => {
  const first = await context.run(double, { value: 21 });
  const again = fresh();
  expect(await again.run(double, { value: 21 })).toEqual(first);
  expect(again.counts).toEqual({ cached: 1, computed: 0, failed: 0 });
  expect(readFileSync(first.file.path, 'utf8')).toBe('42');
  expect(first.file.path.startsWith(root)).toBe(true);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
});

test('asked for again, while under way or later, a job counts once', async () => {
  const [a, b] = await Promise.all([context.run(double, { value: 1 }), context.run(double, { value: 1 })]);
  expect(a).toEqual(b);
  await context.run(double, { value: 1 });
  expect(context.counts).toEqual({ cached: 0, computed: 1, failed: 0 });
});

test('a changed input, tool or file content is another key; a moved file is not', () => {
  const file = { path: 'a/b.mp4', sha256: 'f00' };
  const key = jobKey(double, { value: 1, from: file }, { ffmpeg: '5' });
  expect(jobKey(double, { from: { ...file, path: 'elsewhere.mp4' }, value: 1 }, { ffmpeg: '5' })).toBe(key);
  expect(jobKey(double, { value: 2, from: file }, { ffmpeg: '5' })).not.toBe(key);
  expect(jobKey(double, { value: 1, from: { ...file, sha256: 'ba5' } }, { ffmpeg: '5' })).not.toBe(key);
  expect(jobKey(double, { value: 1, from: file }, { ffmpeg: '6' })).not.toBe(key);
  expect(
    jobKey(
      { ...double, module: new URL('../../src/random.ts', import.meta.url).href },
      { value: 1, from: file },
      { ffmpeg: '5' },
    ),
  ).not.toBe(key);
});

test('canonical JSON knows neither key order nor undefined', () => {
  expect(canonicalJson({ b: [1, { d: undefined, c: null }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":null}]}');
});

test('a damaged file is set aside, warned of and computed again', async () => {
  const { file } = await context.run(double, { value: 3 });
  writeFileSync(file.path, '7');
  const again = fresh();
  const repaired = await again.run(double, { value: 3 });
  expect(readFileSync(repaired.file.path, 'utf8')).toBe('6');
  expect(again.counts).toEqual({ cached: 0, computed: 1, failed: 0 });
  expect(warnings[0]).toContain('does not match');
  expect(readdirSync(join(root, 'corrupt'))).toHaveLength(1);
});

test('what would be another another time is given and not kept', async () => {
  const passing = { ...double, isFinal: ({ result }: { result: number }) => result > 2 };
  expect((await context.run(passing, { value: 1 })).result).toBe(2);
  await context.run(passing, { value: 2 });
  const again = fresh();
  await again.run(passing, { value: 1 });
  await again.run(passing, { value: 2 });
  expect(again.counts).toEqual({ cached: 1, computed: 1, failed: 0 });
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
});

test('a failure leaves nothing behind and is tried again', async () => {
  await expect(context.run(misbehave, { how: 'item' })).rejects.toThrow('damaged');
  expect(context.counts.failed).toBe(1);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  const again = fresh();
  await expect(again.run(misbehave, { how: 'item' })).rejects.toThrow('damaged');
  expect(again.counts).toEqual({ cached: 0, computed: 0, failed: 1 });
});

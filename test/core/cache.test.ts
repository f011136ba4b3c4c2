/** The cache gives back what was computed, and nothing that was computed from something else or has been damaged. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { sha256OfFile } from '../../src/files.ts';
import { openCache } from '../../src/pipeline/cache.ts';
import { createContext, type RunContext } from '../../src/pipeline/context.ts';
import { canonicalJson, jobKey } from '../../src/pipeline/key.ts';
import type { Progress } from '../../src/pipeline/progress.ts';
import { ownTag } from '../../src/process-tag.ts';
import { createPool } from '../../src/queue/pool.ts';
import { createRng } from '../../src/random.ts';
import type { FileRef } from '../../src/types.ts';
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

/** What results depend on, each changed in its own way; and what they do not depend on. */
const digit = fc.constantFrom(...'0123456789abcdef'.split(''));
const file = fc.record({
  path: fc.string(),
  sha256: fc.array(digit, { minLength: 64, maxLength: 64 }).map((digits) => digits.join('')),
});
const asked = fc.record({
  input: fc.record({
    clip: file,
    model: fc.record({
      files: fc.record({ network: file }),
      info: fc.dictionary(fc.string(), fc.double({ noNaN: true })),
    }),
    options: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))),
    seed: fc.integer(),
  }),
  tools: fc.record({ ffmpeg: fc.string(), backend: fc.string() }),
});
type Input = {
  clip: FileRef;
  model: { files: { network: FileRef }; info: Record<string, number> };
  options: Record<string, unknown>;
  seed: number;
};
type Asked = { job: Omit<typeof double, 'run'>; input: Input; tools: Record<string, string> };
const changeDigit = (ref: FileRef, at: number): void => {
  const other = ref.sha256[at] === '0' ? '1' : '0';
  ref.sha256 = ref.sha256.slice(0, at) + other + ref.sha256.slice(at + 1);
};
const changes: Record<string, (what: Asked, at: number) => void> = {
  'input bytes': ({ input }, at) => changeDigit(input.clip, at),
  weights: ({ input }, at) => changeDigit(input.model.files.network, at),
  option: ({ input }, at) => void (input.options['it'] = input.options['it'] === at ? at + 1 : at),
  seed: ({ input }) => void input.seed++,
  ffmpeg: ({ tools }) => void (tools['ffmpeg'] += ' '),
  backend: ({ tools }) => void (tools['backend'] += '2'),
  job: ({ job }) => void (job.name += '2'),
  code: ({ job }) => void (job.module = new URL('../../src/random.ts', import.meta.url).href),
};
const noChanges: Record<string, (what: Asked) => void> = {
  'place of the clip': ({ input }) => void (input.clip.path += '/moved'),
  'place of the weights': ({ input }) => void (input.model.files.network.path = ''),
  'order of options': ({ input }) =>
    void (input.options = Object.fromEntries(Object.entries(input.options).toReversed())),
};

test('of a thousand jobs, each changed in one way: another key where results depend on it, the same where not', () => {
  const keyOf = ({ job, input, tools }: Asked): string => jobKey(job as never, input, tools);
  const ways = fc.constantFrom(...Object.keys(changes), ...Object.keys(noChanges));
  fc.assert(
    fc.property(asked, ways, fc.nat(63), (what, way, at) => {
      const first = { job: { ...double }, ...what };
      const changed = { job: { ...double }, ...structuredClone(what) };
      (changes[way] ?? noChanges[way]!)(changed, at);
      expect(keyOf(changed) === keyOf(first), way).toBe(way in noChanges);
    }),
    { numRuns: 1000 },
  );
});

test('one byte of a file or of the code is another key, another time of change is not', async () => {
  const [weights, code] = [join(root, 'weights.onnx'), join(root, 'a.job.ts')];
  const keyNow = async (module = code): Promise<string> =>
    jobKey(
      { ...double, module: pathToFileURL(module).href },
      { value: 1, from: { path: weights, sha256: await sha256OfFile(weights) } },
      {},
    );
  writeFileSync(weights, Buffer.alloc(1000));
  writeFileSync(code, 'export const a = 1;');
  const first = await keyNow();
  utimesSync(weights, 1, 1);
  expect(await keyNow()).toBe(first);
  const other = join(root, 'b.job.ts');
  writeFileSync(other, 'export const a = 2;');
  expect(await keyNow(other)).not.toBe(first);
  const flipped = Buffer.alloc(1000);
  flipped[500] = 1;
  writeFileSync(weights, flipped);
  expect(await keyNow()).not.toBe(first);
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

test('one bit flipped in each of forty entries: every one is found and computed again to the same', async () => {
  const values = Array.from({ length: 40 }, (_, i) => i);
  const all = (by: RunContext) =>
    Promise.all(values.map(async (value) => (await by.run(double, { value })).result));
  const first = await all(context);
  const rng = createRng(1, 'bits');
  const files = readdirSync(join(root, 'toy-double'), { recursive: true, encoding: 'utf8' });
  for (const name of ['entry', 'result.txt']) {
    const artefacts = files
      .filter((path) => path.endsWith(name))
      .map((path) => join(root, 'toy-double', path));
    expect(artefacts).toHaveLength(40);
    for (const path of artefacts) {
      const bytes = readFileSync(path);
      bytes[rng.int(bytes.length)]! ^= 1 << rng.int(8);
      writeFileSync(path, bytes);
    }
    const again = fresh();
    expect(await all(again)).toEqual(first);
    expect(again.counts).toEqual({ cached: 0, computed: 40, failed: 0 });
  }
  expect(warnings).toHaveLength(80);
  expect(readdirSync(join(root, 'corrupt'))).toHaveLength(80);
});

test('a file beside those that the output names is checked too; what is missing is missed', async () => {
  const { file } = await context.run(double, { value: 5 });
  const folder = dirname(file.path);
  const damages = [
    () => writeFileSync(join(folder, 'beside.txt'), 'changed'),
    () => rmSync(join(folder, 'beside.txt')),
    () => rmSync(join(folder, 'entry')),
  ];
  for (const [i, damage] of damages.entries()) {
    damage();
    const again = fresh();
    expect((await again.run(double, { value: 5 })).file).toEqual(file);
    expect(again.counts.computed).toBe(1);
    expect(warnings).toHaveLength(i + 1);
  }
  const undamaged = fresh();
  await undamaged.run(double, { value: 5 });
  expect(undamaged.counts.cached).toBe(1);
});

/** A result as two processes would give it that do not compute to the same bytes. */
async function committed(text: string): Promise<FileRef> {
  const cache = openCache(root, (message) => warnings.push(message));
  const folder = await cache.begin('toy-race', 'ab12');
  const path = join(folder, 'result.txt');
  writeFileSync(path, text);
  const { file } = await cache.commit(
    'toy-race',
    'ab12',
    folder,
    { file: { path, sha256: await sha256OfFile(path) } },
    1,
  );
  expect(existsSync(folder)).toBe(false);
  return file;
}

test('who comes second with a job gets what lies there, file and hash', async () => {
  const first = await committed('first');
  expect(await committed('second')).toEqual(first);
  expect(readFileSync(first.path, 'utf8')).toBe('first');
  expect(await sha256OfFile(first.path)).toBe(first.sha256);
});

test('who comes second with a job sets aside what lies there and is damaged', async () => {
  const { path } = await committed('first');
  writeFileSync(path, 'worst');
  const second = await committed('second');
  expect(readFileSync(second.path, 'utf8')).toBe('second');
  expect(await sha256OfFile(second.path)).toBe(second.sha256);
  expect(warnings).toEqual([expect.stringContaining('does not match its recorded hashes')]);
});

test('an entry that cannot be read is an error that names it', async () => {
  const { file } = await context.run(double, { value: 5 });
  const entry = join(dirname(file.path), 'entry');
  rmSync(entry);
  mkdirSync(entry);
  await expect(fresh().run(double, { value: 5 })).rejects.toMatchObject({
    code: 'EISDIR',
    message: expect.stringContaining(entry),
  });
});

test('what a dead process was at is swept, what a living one is at is not', async () => {
  const cache = openCache(root, () => {});
  const own = await cache.begin('toy', '12ab');
  const [, , host] = ownTag().split('-');
  mkdirSync(join(root, 'tmp', `toy-34cd-4194305-00000000-${host}`));
  mkdirSync(cache.checkpoints('toy', '34cd'), { recursive: true });
  writeFileSync(join(cache.checkpoints('toy', '34cd'), `.a.checkpoint.4194305-00000000-${host}-0.tmp`), '');
  writeFileSync(join(cache.checkpoints('toy', '34cd'), 'a.checkpoint'), '');
  await cache.sweep();
  expect(readdirSync(join(root, 'tmp'))).toEqual([basename(own)]);
  expect(readdirSync(cache.checkpoints('toy', '34cd'))).toEqual(['a.checkpoint']);
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

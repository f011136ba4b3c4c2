/** Archives that want more than to be looked at: what they write stays below the caps and inside the folder, and no link is made. */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { unpackArchive } from '../../src/screening/archive.ts';
import { createBudget, type Limits } from '../../src/screening/budget.ts';
import { buildTar, buildZip, endOfZip } from '../support/archives.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
const top = mkdtempSync(join(tmpdir(), 'masque-archive-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const limits: Limits = { bytes: 4 << 20, entries: 100, depth: 3, ratio: 100 };
type Type = 'zip' | 'tar' | 'tgz';

/** Unpacks in a folder of its own; what was written, also for a moment, is watched by its size at the end of each try. */
async function unpack(content: Uint8Array, type: Type, own: Partial<Limits> = {}) {
  const around = mkdtempSync(join(top, 'around-'));
  const into = join(around, 'a', 'b', 'into');
  mkdirSync(into, { recursive: true });
  const path = join(around, 'archive');
  writeFileSync(path, content);
  const { files, notExamined } = await unpackArchive(path, type, into, createBudget({ ...limits, ...own }));
  const all = readdirSync(around, { recursive: true, encoding: 'utf8' }).toSorted();
  const outside = all.filter(
    (name) => !['a', 'a/b', 'a/b/into', 'archive'].includes(name) && !name.startsWith('a/b/into/'),
  );
  expect(outside).toEqual([]);
  const made = readdirSync(into, { withFileTypes: true });
  expect(made.every((entry) => entry.isFile() && /^[0-9a-f-]{36}$/.test(entry.name))).toBe(true);
  expect(made.map(({ name }) => join(into, name)).toSorted()).toEqual(
    files.map((file) => file.path).toSorted(),
  );
  const bytes = made.reduce((sum, { name }) => sum + lstatSync(join(into, name)).size, 0);
  return {
    bytes,
    names: files.map(({ name }) => name),
    contents: files.map((file) => readFileSync(file.path)),
    codes: [...new Set(notExamined.map(({ code }) => code))],
  };
}

const one = { name: 'a/photo.jpg', content: 'photo' };
const good: [Type, Uint8Array][] = [
  ['zip', buildZip([{ name: 'a/', mode: 0o040755 }, one])],
  ['tar', buildTar([{ name: 'a/', type: '5' }, one])],
  ['tgz', gzipSync(buildTar([one]))],
];
test.each(good)('%s: its files come out under names of chance', async (type, content) => {
  const { names, contents, codes } = await unpack(content, type);
  expect([names, contents.map(String), codes]).toEqual([['a/photo.jpg'], ['photo'], []]);
});

const zeros = Buffer.alloc(16 << 20);
const bombs: [string, Type, () => Uint8Array, string][] = [
  ['one entry of zeros', 'zip', () => buildZip([{ name: 'a', content: zeros }]), 'E_UNPACKED_TOO_LARGE'],
  [
    'many entries of zeros',
    'zip',
    () =>
      buildZip(Array.from({ length: 20 }, (_, i) => ({ name: `${i}`, content: zeros.subarray(0, 1 << 20) }))),
    'E_UNPACKED_RATIO',
  ],
  [
    'zeros in tar.gz',
    'tgz',
    () => gzipSync(buildTar([{ name: 'a', content: zeros }])),
    'E_UNPACKED_TOO_LARGE',
  ],
  [
    'zeros that are no entry of tar.gz',
    'tgz',
    () => gzipSync(Buffer.concat([buildTar([one]), zeros])),
    'E_UNPACKED_RATIO',
  ],
  [
    'zeros in a folder of tar.gz',
    'tgz',
    () => gzipSync(buildTar([{ name: 'a', type: '5', content: zeros }])),
    'E_UNPACKED_RATIO',
  ],
];
test.each(bombs)('bomb: %s', { timeout: 60_000 }, async (_, type, content, code) => {
  // Either cap may be reached first, so only one is in the way.
  const { bytes, codes } = await unpack(
    content(),
    type,
    code === 'E_UNPACKED_TOO_LARGE' ? { ratio: 5000 } : {},
  );
  expect(bytes).toBeLessThanOrEqual(limits.bytes + (1 << 20));
  expect(codes).toContain(code);
});

test('far more than its size is refused before the cap of bytes is reached', async () => {
  const { bytes, codes } = await unpack(
    buildZip([{ name: 'a', content: zeros.subarray(0, 8 << 20) }]),
    'zip',
    { bytes: 1 << 30 },
  );
  expect([codes, bytes]).toEqual([['E_UNPACKED_RATIO'], 0]);
});

test('10⁶ entries by the word of the end, of the real number, and by a number that lies', {
  timeout: 600_000,
}, async () => {
  const count = night ? 1_000_000 : 3000;
  const many = buildZip([{ name: 'a', content: 'b' }], 65_535);
  expect(await unpack(many, 'zip')).toMatchObject({ codes: ['E_TOO_MANY_PARTS'], bytes: 0 });
  const entries = Array.from({ length: count }, (_, i) => ({ name: `${i}`, method: 0 }));
  expect((await unpack(buildZip(entries), 'zip')).codes).toEqual(['E_TOO_MANY_PARTS']);
  const { codes, names } = await unpack(buildZip(entries, 10), 'zip');
  expect([codes, names.length]).toEqual([['E_ARCHIVE_DAMAGED'], 10]);
  const tar = await unpack(buildTar(entries), 'tar');
  expect([tar.codes, tar.names.length]).toEqual([['E_TOO_MANY_PARTS'], limits.entries]);
});

const climbing = ['../../../x', '/etc/x', 'a/../../x', '..\\..\\x', 'C:\\x', '\\\\host\\x', 'a\0b'];
test('names that climb are data', async () => {
  const entries = climbing.map((name) => ({ name, content: 'x' }));
  const zipped = await unpack(buildZip(entries), 'zip');
  expect([zipped.names, zipped.codes]).toEqual([climbing, ['E_ARCHIVE_NAME']]);
  const tarred = await unpack(buildTar(entries.slice(0, -1)), 'tar');
  expect([tarred.names, tarred.codes]).toEqual([climbing.slice(0, -1), ['E_ARCHIVE_NAME']]);
});

test('links, devices and pipes are told, not made, nor are files behind a link written through it', async () => {
  const behind = { name: 'l/x', content: 'through' };
  const zip = buildZip([
    { name: 'l', content: '/tmp', mode: 0o120777 },
    { name: 'd', mode: 0o020666 },
    { name: 'p', mode: 0o010666 },
    behind,
  ]);
  expect(await unpack(zip, 'zip')).toMatchObject({ names: ['l/x'], codes: ['E_ARCHIVE_LINK'] });
  const tar = buildTar(
    ['1', '2', '3', '4', '6', 'S']
      .map((type) => ({ name: type === '2' ? 'l' : type, type, target: '/tmp' }))
      .concat(behind as never),
  );
  expect(await unpack(tar, 'tar')).toMatchObject({ names: ['l/x'], codes: ['E_ARCHIVE_LINK'] });
});

test('encrypted, in an unknown way, or lying about sizes: told, and the others come out', async () => {
  const odd = (entry: object): Uint8Array =>
    buildZip([{ name: 'odd', content: 'x'.repeat(500), ...entry }, one]);
  expect(await unpack(odd({ flags: 0x801 }), 'zip')).toMatchObject({
    names: [one.name],
    codes: ['E_ENCRYPTED'],
  });
  expect(await unpack(odd({ method: 14 }), 'zip')).toMatchObject({
    names: [one.name],
    codes: ['E_ARCHIVE_METHOD'],
  });
  expect(await unpack(odd({ says: 3 }), 'zip')).toMatchObject({
    names: [one.name],
    codes: ['E_ARCHIVE_DAMAGED'],
  });
  expect(await unpack(odd({ says: 1 << 30 }), 'zip')).toMatchObject({
    names: [one.name],
    codes: ['E_ARCHIVE_DAMAGED'],
  });
  expect((await unpack(odd({ flags: 0x841 }), 'zip')).codes).toEqual(['E_ARCHIVE_DAMAGED']);
  expect((await unpack(odd({ method: 0, says: 5 }), 'zip')).codes).toEqual(['E_ARCHIVE_DAMAGED']);
  expect(await unpack(buildTar([one, { name: 'b', content: 'x', says: 1 << 30 }]), 'tar')).toMatchObject({
    names: [one.name],
    codes: ['E_ARCHIVE_DAMAGED'],
  });
});

test('what only begins as an archive', async () => {
  for (const [type, content] of good)
    for (const share of [0.2, 0.5, 0.9]) {
      const { codes } = await unpack(content.subarray(0, Math.floor(content.length * share)), type);
      if (type !== 'tar') expect(codes, `${type} ${share}`).toEqual(['E_ARCHIVE_DAMAGED']);
    }
  expect((await unpack(endOfZip(3, 100, 5), 'zip')).codes).toEqual(['E_ARCHIVE_DAMAGED']);
});

test('archives with bytes changed anywhere end in an answer', { timeout: 600_000 }, async () => {
  const change = fc.tuple(fc.nat(2000), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...good),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      async ([type, content], changes) => {
        const bytes = Buffer.from(content);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const { bytes: written } = await unpack(bytes, type);
        expect(written).toBeLessThanOrEqual(limits.bytes);
      },
    ),
    { numRuns: night ? 5000 : 150, seed: 1 },
  );
});

/** What data sets with lists have in common: large JSON, trees, a survey of everything, a draw. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { asvspoof } from '../../datasets/asvspoof.ts';
import { deeperforensics } from '../../datasets/deeperforensics.ts';
import { deepfakebench } from '../../datasets/deepfakebench.ts';
import { faceforensics } from '../../datasets/faceforensics.ts';
import { countListed } from '../../src/listed/count.ts';
import { listedDataset } from '../../src/listed/dataset.ts';
import type { Entry } from '../../src/listed/entry.ts';
import { type JsonValue, jsonValues } from '../../src/listed/json.ts';
import { linesIn } from '../../src/listed/lines.ts';
import { actorSources, celebSources, deeperSources, youtubeSources } from '../../src/listed/names.ts';
import { listedOptions } from '../../src/listed/options.ts';
import { openTree, requireFile } from '../../src/listed/tree.ts';
import { quoted, shown } from '../../src/shown.ts';
import { all, workFolder } from '../media/tools.ts';
import { empty, listedIn, writeTree } from '../support/listed.ts';

const at = workFolder();

/** The definition: everything parsed at once, then walked. */
function valuesAt(value: unknown, depth: number, keys: string[] = []): JsonValue[] {
  if (depth === 0) return [{ keys, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => valuesAt(inner, depth - 1, [...keys, key]));
}

test('values of a large JSON file are those of the whole, at every depth and however it is written', async () => {
  const container = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(
      container,
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (content, depth, wide) => {
        // `__proto__` would be set and not listed by the definition above.
        const text = JSON.stringify(content, undefined, wide ? 2 : 0).replaceAll('__proto__', 'proto');
        await writeFile(at('x.json'), text);
        expect(await all(jsonValues(at('x.json'), depth))).toEqual(valuesAt(JSON.parse(text), depth));
      },
    ),
    { numRuns: 60 },
  );
});

test('a JSON file is read in pieces, whose borders may lie anywhere', async () => {
  // Pieces are 64 KiB: the border falls into keys, escapes and letters of several bytes.
  const content = Array.from({ length: 3000 }, (_, i) => ({ [`k"${i}\\`]: `ä€😀\\"${'x'.repeat(i % 61)}` }));
  await writeFile(at('x.json'), JSON.stringify(content));
  const found = await all(jsonValues(at('x.json'), 1));
  expect(found.map(({ value }) => value)).toEqual(content);
});

test.each([
  ['[1, 2', 'it ends early'],
  ['{"a": "b', 'it ends early'],
  ['', 'it ends early'],
  ['[1, nonsense]', 'not JSON near'],
  ['{"a": 1]', 'an unexpected "]"'],
  ['[1] [2]', 'more than one value'],
])('%j is refused', async (text, message) => {
  await writeFile(at('x.json'), text);
  await expect(all(jsonValues(at('x.json'), 1))).rejects.toThrow(`${at('x.json')}: ${message}`);
});

test('what is not there is a UserError that names it', async () => {
  await expect(all(jsonValues(at('none'), 1))).rejects.toThrow(`${at('none')}: cannot be read (ENOENT)`);
  await expect(all(linesIn(at('none')))).rejects.toThrow(`${at('none')}: cannot be read (ENOENT)`);
  await writeFile(at('lines'), '\uFEFFa\r\n\r\n b \nc');
  expect((await all(linesIn(at('lines')))).map(({ line, text }) => [line, text])).toEqual([
    [1, 'a'],
    [3, ' b '],
    [4, 'c'],
  ]);
});

test('a tree ends at its root and at symbolic links', async () => {
  await writeTree(at('set'), empty('a/b/c.mp4', 'a/.hidden', 'top.mp4'));
  await writeTree(at('outside'), empty('secret.mp4'));
  await symlink(at('outside'), at('set/link'));
  await symlink(at('outside/secret.mp4'), at('set/a/link.mp4'));
  const tree = openTree('set', at('set'));
  const has = async (...files: string[]) => Promise.all(files.map(tree.has));
  expect(await has('a/b/c.mp4', './a//b/c.mp4', 'a/../top.mp4', 'top.mp4')).toEqual(Array(4).fill(true));
  expect(
    await has(
      '../outside/secret.mp4',
      at('outside/secret.mp4'),
      'link/secret.mp4',
      'a/link.mp4',
      'a',
      '',
      '..',
    ),
  ).toEqual(Array(7).fill(false));
  expect([
    await tree.folders(''),
    await tree.files('a'),
    await tree.files('none'),
    await tree.files('..'),
  ]).toEqual([['a'], [], [], []]);
});

/** Ten clips of each of two origins, all there; half of each to learn from. */
const options = z.strictObject(listedOptions('set'));
const plain = (entries: () => Iterable<Entry>) =>
  listedDataset<z.infer<typeof options>>({
    name: 'plain',
    cite: 'made up',
    options,
    layout: '<number>.mp4',
    async *entries(_, __, remark) {
      remark('said once');
      yield* entries();
    },
  });
const entry = (origin: string, i: number, more: Partial<Entry> = {}): Entry => ({
  id: `${origin}/${i}`,
  file: `${origin}-${i}.mp4`,
  sources: [`${origin}-${i}`],
  labels: { video: origin === 'plain' ? 'real' : 'fake' },
  origin,
  split: i < 5 ? 'train' : 'test',
  ...more,
});
const twenty = (): Entry[] =>
  ['plain', 'swap'].flatMap((origin) => Array.from({ length: 10 }, (_, i) => entry(origin, i)));

test.each([
  { set: faceforensics, option: 'splits', value: 'train' },
  { set: faceforensics, option: 'compressions', value: 'c23' },
  { set: faceforensics, option: 'manipulations', value: 'Deepfakes' },
  { set: deepfakebench, option: 'compressions', value: 'c23' },
  { set: deeperforensics, option: 'variants', value: 'end_to_end' },
  { set: asvspoof, option: 'phases', value: 'eval' },
])('$set.name: what stands twice in $option is a mistake there, and not of the data', (one) => {
  const { set, option, value } = one;
  const told = (values: string[]) => set.options.safeParse({ [option]: values }).error?.issues;
  expect(told([value])).toBeUndefined();
  expect(told([value, value])).toMatchObject([{ path: [option], message: 'expected each of them once' }]);
});

test('at most so many of each origin and part, drawn with the seed; more files leave the others as they are', async () => {
  await writeTree(at('set'), empty(...twenty().map(({ file }) => file as string)));
  const chosen = { path: at('set'), clipsPerOrigin: 2 };
  const idsOf = async (entries: Entry[], seed = 1) =>
    (
      await listedIn(
        plain(() => entries),
        chosen,
        seed,
      )
    ).clips.map(({ id }) => id);
  const drawn = await idsOf(twenty());
  expect(drawn).toHaveLength(2 * 2 * 2);
  expect(await idsOf(twenty().toReversed())).toEqual(drawn.toReversed());
  expect(await idsOf(twenty(), 2)).not.toEqual(drawn);
  const without = twenty().filter(({ id }) => id !== drawn[0]);
  expect((await idsOf(without)).filter((id) => drawn.includes(id))).toEqual(drawn.slice(1));
  expect(await listedIn(plain(twenty), { path: at('set'), clipsPerOrigin: 5 })).toEqual(
    await listedIn(plain(twenty), { path: at('set') }),
  );
});

test('counts by part, origin and label, of clips and of who is in them', async () => {
  await writeTree(at('set'), empty(...twenty().map(({ file }) => file as string)));
  const own = () => twenty().map((one) => ({ ...one, sources: [one.origin, `split ${one.split}`] }));
  const { clips, remarks } = await listedIn(plain(own), { path: at('set'), publishedSplit: true });
  expect(remarks).toEqual([
    'said once',
    'nothing of validation is listed',
    expect.stringContaining('2 of 4 people or recordings are in'),
  ]);
  async function* stream() {
    yield* clips;
  }
  expect(await countListed(stream())).toEqual([
    { split: 'train', origin: 'plain', labels: { video: 'real' }, clips: 5, sources: 2 },
    { split: 'train', origin: 'swap', labels: { video: 'fake' }, clips: 5, sources: 2 },
    { split: 'test', origin: 'plain', labels: { video: 'real' }, clips: 5, sources: 2 },
    { split: 'test', origin: 'swap', labels: { video: 'fake' }, clips: 5, sources: 2 },
  ]);
});

test('what a part lacks is said; a part that lacks everything it lists is refused, even where files may be missing', async () => {
  const entries = () => twenty().filter(({ split, origin }) => split === 'train' || origin === 'plain');
  await writeTree(at('set'), empty(...entries().map(({ file }) => file as string)));
  const { remarks } = await listedIn(plain(entries), { path: at('set') });
  expect(remarks).toEqual(['said once', 'nothing of validation is listed', 'nothing of test is fake']);
  const alone = await listedIn(plain(entries), { path: at('set'), splits: ['train'] });
  expect(alone.remarks).toEqual(['said once']);
  const more = () => [...entries(), entry('swap', 1, { id: 'x', file: 'x.mp4', split: 'validation' })];
  for (const missing of ['refuse', 'skip'])
    await expect(listedIn(plain(more), { path: at('set'), missing })).rejects.toThrow(
      /1 of 16 listed clips are missing .* Nothing of validation is there: fetch it, or set dataset\.splits/,
    );
});

test('files that are symbolic links, or lie behind one, are told as such', async () => {
  await writeTree(at('set'), empty('plain-0.mp4'));
  await writeTree(at('outside'), empty('plain-1.mp4'));
  await symlink(at('outside/plain-1.mp4'), at('set/plain-1.mp4'));
  await symlink(at('outside'), at('set/link'));
  const behind = () =>
    [0, 1, 2, 3].map((i) => entry('plain', i, i === 2 ? { file: 'link/plain-1.mp4' } : {}));
  await expect(listedIn(plain(behind), { path: at('set') })).rejects.toThrow(
    /^data set "plain": 3 of 4 listed clips are missing \([^()]+\) \(2 of them are symbolic links\) below/,
  );
});

test('a clip that is listed twice is told with the place of its second line', async () => {
  const twice = (split: Entry['split']) => () => [
    entry('plain', 1),
    entry('plain', 1, { split, listed: 'list.txt:7' }),
  ];
  await expect(listedIn(plain(twice('train')), { path: at('.') })).rejects.toThrow(
    'plain/1 is listed twice, both times in train (again at list.txt:7). Remove one of the two',
  );
  await expect(listedIn(plain(twice('test')), { path: at('.') })).rejects.toThrow(
    'in train and in test (again at list.txt:7): a detector would be asked',
  );
});

test('what a terminal would obey is escaped, also what JSON leaves as it is', () => {
  expect(['plain name.mp4', 'a"b', '\u001b[2J', '\u009b2J', '\u202egpm'].map(shown)).toEqual([
    'plain name.mp4',
    '"a\\"b"',
    '"\\u001b[2J"',
    '"\\u009b2J"',
    '"\\u202egpm"',
  ]);
  expect([quoted('maybe'), shown('x'.repeat(500))]).toEqual(['"maybe"', `${'x'.repeat(120)}…`]);
});

test('names at the root of a wrong folder are told escaped', async () => {
  await writeTree(at('set'), empty('\u001b[2J.mp4'));
  await expect(
    listedIn(
      plain(() => []),
      { path: at('set') },
    ),
  ).rejects.toThrow('there is "\\u001b[2J.mp4". Set');
});

test('a root of symbolic links is not called empty', async () => {
  await writeTree(at('elsewhere'), empty('train.json'));
  await mkdir(at('set'));
  await symlink(at('elsewhere'), at('set/splits'));
  const told = requireFile(
    { name: 'set', layout: 'splits' },
    openTree('set', at('set')),
    'splits/train.json',
  );
  await expect(told).rejects.toThrow('there is splits (a symbolic link, not followed). Set dataset.path');
});

test('a hostile name is told escaped and short', async () => {
  await mkdir(at('set'));
  const hostile = `\u001b[2J${'x'.repeat(500)}`;
  const told = await listedIn(
    plain(() => [entry('plain', 1, { file: `${hostile}.mp4` })]),
    {
      path: at('set'),
    },
  ).catch((error: unknown) => (error as Error).message);
  expect(told).toContain('\\u001b[2J');
  expect(told).not.toContain('\u001b');
  expect((told as string).length).toBeLessThan(600);
});

test('who is in a clip, by its name', () => {
  expect(youtubeSources('033_097')).toEqual(['youtube/033', 'youtube/097']);
  expect(youtubeSources('1000')).toBeUndefined();
  expect(actorSources('06_27__walk_down_hall_angry__ABCDEFG1')).toEqual({
    sources: ['actor/06', 'actor/27'],
    scene: 'walk_down_hall_angry',
  });
  expect(celebSources('id61_id60_0009')).toEqual(['id61', 'id60']);
  expect(deeperSources('999_W138')).toEqual(['youtube/999', 'W138']);
  expect([actorSources('x'), celebSources('id0'), deeperSources('999_138')]).toEqual(
    Array(3).fill(undefined),
  );
});

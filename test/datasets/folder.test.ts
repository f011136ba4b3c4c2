import { copyFile, link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { expect, test } from 'vitest';
import { folder } from '../../datasets/folder/index.ts';
import { fileName } from '../../src/file-name.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { openClip } from '../../src/media/open-clip.ts';
import type { Clip } from '../../src/types.ts';
import { goldenPath } from '../golden/make.ts';
import { all } from '../media/tools.ts';
import { directContext } from '../support/context.ts';
import { hostileNames } from '../support/names.ts';
import { gridClips, gridFolder } from '../support/grid.ts';
import { ownFiles } from '../support/own-files.ts';

const { at, put, clips } = ownFiles();

const brief = ({ id, sources, labels }: Clip) => ({ id, sources, labels });

test('sub-folders give label and identity', async () => {
  await put('clip.mp4', 'real/ada/one.mp4');
  await put('silent.mp4', 'real/ada/more/two.mp4');
  await put('clip.webm', 'real/ben.webm');
  await put('clip.mp4', 'fake/ada/one.mp4');
  await put('tone.wav', 'fake/cy.wav');
  await put('photo.jpg', 'dan/photo.jpg');
  await put('tone.mp3', 'eve.mp3');
  await put('clip.mp4', '.hidden/x.mp4');
  await put('clip.mp4', 'real/.hidden.mp4');
  await writeFile(at('set/notes.txt'), 'not media');
  const found = await clips({ licence: 'CC-BY-4.0', split: 'validation' });
  expect(found.map(brief)).toEqual([
    { id: 'dan/photo.jpg', sources: ['dan'], labels: {} },
    { id: 'eve.mp3', sources: ['eve'], labels: {} },
    { id: 'fake/ada/one.mp4', sources: ['ada'], labels: { video: 'fake' } },
    { id: 'fake/cy.wav', sources: ['cy'], labels: { audio: 'fake' } },
    { id: 'real/ada/more/two.mp4', sources: ['ada'], labels: { video: 'real' } },
    { id: 'real/ada/one.mp4', sources: ['ada'], labels: { video: 'real', audio: 'real', pairing: 'real' } },
    { id: 'real/ben.webm', sources: ['ben'], labels: { video: 'real', audio: 'real', pairing: 'real' } },
  ]);
  const [photo, recording, video] = found;
  expect(photo).toMatchObject({ origin: 'folder', split: 'validation', licence: 'CC-BY-4.0', use: 'score' });
  expect(photo!.media).toMatchObject({
    path: at('set/dan/photo.jpg'),
    video: { frameCount: 1, width: 96, height: 64 },
  });
  expect(recording!.media.video).toBeUndefined();
  expect(video!.media.video?.frameCount).toBe(25);
  expect(await clips({ licence: 'CC-BY-4.0', split: 'validation' })).toEqual(found);
});

test('a damaged file is an item that fails when it is opened, and harms no other', async () => {
  await put('clip.mp4', 'real/a.mp4');
  await put('clip.mp4', 'real/c.mp4');
  const [alone] = await clips();
  const bytes = await readFile(goldenPath('clip.mov'));
  await writeFile(at('set/real/b.mov'), bytes.subarray(0, 5000));
  await writeFile(at('set/real/empty.png'), '');
  const found = await clips();
  expect(found.map(({ id }) => id)).toEqual(['real/a.mp4', 'real/b.mov', 'real/c.mp4', 'real/empty.png']);
  expect(found[0]).toEqual(alone);
  expect(found[1]!.media).toEqual({
    path: at('set/real/b.mov'),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(found[1]!.labels).toEqual({ video: 'real', audio: 'real', pairing: 'real' });
  await expect(all(openClip(found[1]!).frames())).rejects.toMatchObject({ code: 'E_MEDIA_TRUNCATED' });
  await expect(all(openClip(found[3]!).frames())).rejects.toMatchObject({ code: 'E_MEDIA_UNREADABLE' });
});

test('files are probed a few at a time, as they are asked for', async () => {
  for (let i = 10; i < 30; i++) await put('photo.png', `${i}.png`);
  await mkdir(at('jobs'));
  const context = directContext(at('jobs'));
  let probed = 0;
  const counting: typeof context = { ...context, run: (job, input) => (probed++, context.run(job, input)) };
  for await (const clip of folder.clips(folder.options.parse({ path: at('set') }), counting)) {
    expect(clip.id).toBe('10.png');
    break;
  }
  expect(probed).toBeLessThan(8);
});

test('symbolic links are not followed', async () => {
  await put('clip.mp4', 'real/a.mp4');
  await copyFile(goldenPath('clip.mp4'), at('outside.mp4'));
  await symlink(at('outside.mp4'), at('set/real/b.mp4'));
  await symlink(at('.'), at('set/real/up'));
  expect((await clips()).map(({ id }) => id)).toEqual(['real/a.mp4']);
  await writeFile(at('set/t.csv'), 'file\nreal/b.mp4\n');
  await expect(clips({ csv: 't.csv' })).rejects.toThrow('t.csv:2: real/b.mp4: must lie inside the folder');
});

const night = process.env['MASQUE_TESTS'] === 'night';

test('names are only names: of files, of clips, and of what is written for them', {
  timeout: 600_000,
}, async () => {
  await mkdir(at('set/real'), { recursive: true });
  await copyFile(goldenPath('photo.png'), at('photo.png'));
  const names = hostileNames(night ? 10_000 : 150);
  for (const name of names) await link(at('photo.png'), at(`set/real/${name}`));
  const before = [await readdir(at('.')), await readdir('.')];
  const found = await clips();
  expect(found.map(({ id }) => id)).toEqual(names.map((name) => `real/${name}`).toSorted());
  for (const { media } of found) expect(media.video).toMatchObject({ width: 96, height: 64 });
  expect([(await readdir(at('.'))).filter((name) => name !== 'jobs'), await readdir('.')]).toEqual(before);
  expect((await readdir(at('set/real'))).toSorted()).toEqual(names.toSorted());
  const taken = new Set<string>();
  for (const { id } of found) {
    const name = fileName(id, taken);
    expect(name).toMatch(/^[\w@~-][\w.@~-]{0,108}$/);
    expect(taken.has(name)).toBe(false);
    taken.add(name);
  }
});

test('rows of a table that name what lies outside are refused, whatever way they name it', async () => {
  await put('clip.mp4', 'x.mp4');
  await copyFile(goldenPath('clip.mp4'), at('outside.mp4'));
  await symlink(at('.'), at('set/up'));
  const rows = [
    '../outside.mp4',
    '..%2foutside.mp4',
    'up/outside.mp4',
    `${at('outside.mp4')}`,
    `${at('set/x.mp4')}`,
    'x.mp4/../../outside.mp4',
    `${'n'.repeat(300)}.mp4`,
    'x\0.mp4',
    '$(touch y).mp4',
    '~/x.mp4',
  ];
  for (const row of rows) {
    await writeFile(at('set/t.csv'), `file\n${row}\n`);
    const error = (await clips({ csv: 't.csv' }).catch((thrown: unknown) => thrown)) as Error;
    expect(error.name).toBe('UserError');
    expect(error.message).toMatch(/t\.csv:2: .*(no such file|must lie inside the folder)/);
  }
});

test('a table gives labels, identities and licences, in its order', async () => {
  await put('clip.mp4', 'x.mp4');
  await put('clip.mp4', 'with, comma.mp4');
  await put('tone.wav', 'sub/r.wav');
  await put('silent.mp4', 'unlisted.mp4');
  await writeFile(
    at('set/t.csv'),
    '\uFEFFfile,identity,label,licence\r\n./x.mp4,ada,real,CC0-1.0\r\n"with, comma.mp4","the ""other""",fake,\r\n\r\nsub/r.wav,,,\r\n',
  );
  const found = await clips({ csv: 't.csv', licence: 'CC-BY-4.0' });
  expect(found.map((clip) => ({ ...brief(clip), licence: clip.licence }))).toEqual([
    {
      id: 'x.mp4',
      sources: ['ada'],
      labels: { video: 'real', audio: 'real', pairing: 'real' },
      licence: 'CC0-1.0',
    },
    { id: 'with, comma.mp4', sources: ['the "other"'], labels: { video: 'fake' }, licence: 'CC-BY-4.0' },
    { id: 'sub/r.wav', sources: ['r'], labels: {}, licence: 'CC-BY-4.0' },
  ]);
});

test('a table may lie elsewhere, relative to where the command runs; what lies in the folder comes first', async () => {
  await put('clip.mp4', 'x.mp4');
  await put('silent.mp4', 'y.mp4');
  await writeFile(at('t.csv'), 'file\nx.mp4\n');
  const csv = relative('.', at('t.csv'));
  expect((await clips({ csv })).map(({ id }) => id)).toEqual(['x.mp4']);
  expect((await clips({ csv: at('t.csv') })).map(({ id }) => id)).toEqual(['x.mp4']);
  await writeFile(at('set/t.csv'), 'file\ny.mp4\n');
  expect((await clips({ csv: 't.csv' })).map(({ id }) => id)).toEqual(['y.mp4']);
});

test('films are cut into a part to fit on and the rest, and both are encoded alike', async () => {
  await put('clip.mpg', 'real/ada/one.mpg');
  await put('clip.mp4', 'fake/ada/two.mp4');
  await put('one-frame.mp4', 'real/still.mp4');
  await put('photo.png', 'real/photo.png');
  await put('tone.wav', 'real/tone.wav');
  await writeFile(at('set/real/broken.mp4'), (await readFile(goldenPath('clip.mp4'))).subarray(0, 4000));
  const found = await clips({ fitShare: 0.65, licence: 'CC0-1.0' });
  expect(found.map(({ id, use, media }) => [id, use, media.video?.frameCount])).toEqual([
    ['fake/ada/two.mp4#rest', 'score', 9],
    ['real/ada/one.mpg#fit', 'fit', 16],
    ['real/ada/one.mpg#rest', 'score', 9],
    ['real/broken.mp4', 'score', undefined],
    ['real/photo.png', 'score', 1],
    ['real/still.mp4', 'score', 1],
    ['real/tone.wav', 'score', undefined],
  ]);
  const [, fit, rest] = found as [Clip, Clip, Clip];
  expect(fit).toMatchObject({ sources: ['ada'], licence: 'CC0-1.0', labels: { video: 'real' } });
  for (const { media } of [fit, rest]) {
    expect(media.video).toMatchObject({ fps: 25, width: 96, height: 64 });
    expect(media.audio!.sampleCount / media.audio!.sampleRate).toBeCloseTo(media.video!.frameCount / 25, 2);
  }
  const [whole, cut] = await Promise.all([
    all(decodeFrames(at('set/real/ada/one.mpg'))),
    all(decodeFrames(rest.media.path)),
  ]);
  cut.forEach(({ data }, i) => {
    const original = whole[16 + i]!.data;
    const error = data.reduce((sum, value, j) => sum + Math.abs(value - original[j]!), 0) / data.length;
    expect(error).toBeLessThan(3);
  });
});

test('what a table knows of a film is known of both its parts', async () => {
  await put('clip.mp4', 'x.mp4');
  await writeFile(at('set/t.csv'), 'file,age\nx.mp4,grown-up\n');
  const options = { csv: 't.csv', attributes: ['age'], fitShare: 0.5 };
  const found = await clips(options);
  const chosen = folder.options.parse({ path: at('set'), ...options });
  const attributes = await folder.attributes!(chosen, directContext(at('jobs')));
  expect(found.map((clip) => [clip.use, attributes(clip)])).toEqual([
    ['fit', { age: 'grown-up' }],
    ['score', { age: 'grown-up' }],
  ]);
});

const wrongTable = async (text: string): Promise<string[]> => {
  await put('clip.mp4', 'x.mp4');
  await writeFile(at('set/t.csv'), text);
  const error = (await clips({ csv: 't.csv' }).catch((thrown: unknown) => thrown)) as Error;
  expect(error.name).toBe('UserError');
  return error.message.split('\n').map((line) => line.replace(`${at('set/t.csv')}:`, ''));
};
const remedy = 'Mend the table, or set dataset.csv to the table of these films';

test.each([
  ['y.mp4,ada,real', /^3: y\.mp4: no such file/],
  ['x.mp4,ada,maybe', /^3: label "maybe": expected real, fake/],
  ['x.mp4,ada,\u001b[2J', /^3: label "\\u001b\[2J": expected real, fake/],
  ['\u001b[2J.mp4,ada,', /^3: "\\u001b\[2J\.mp4": no such file/],
  ['../outside.mp4,,', /^3: \.\.\/outside\.mp4: must lie inside the folder/],
  ['x.mp4,ben,', /^3: x\.mp4 stands in line 2 already/],
  ['./x.mp4,ben,', /^3: x\.mp4 stands in line 2 already/],
  ['notes.txt,,', /^3: notes\.txt: not a kind of file/],
  [',ada,', /^3: no file named$/],
  ['x.mp4,a,real,more', /^3: 4 fields under 3 columns$/],
  ['/etc/x.mp4,,', /^3: \/etc\/x\.mp4: no such file/],
])('a wrong row %j is told with its line and what to do', async (row, message) => {
  await mkdir(at('set'));
  await copyFile(goldenPath('clip.mp4'), at('outside.mp4'));
  expect(await wrongTable(`file,identity,label\nx.mp4,ada,real\n${row}\n`)).toEqual([
    expect.stringMatching(message),
    remedy,
  ]);
});

test('of many wrong rows the first are told, and how many more there are', async () => {
  const rows = Array.from({ length: 500 }, (_, i) => `y${i}.mp4\n`).join('');
  const told = await wrongTable(`file\n${rows}`);
  expect(told.map((line) => line.replace(/ no such.*/, ''))).toEqual([
    '2: y0.mp4:',
    '3: y1.mp4:',
    '4: y2.mp4:',
    `… and 497 more. ${remedy}`,
  ]);
});

test.each([
  ['file;identity\nx.mp4;ada\n', ['1: columns are apart by commas', remedy]],
  ['file\tidentity\nx.mp4\tada\n', ['1: columns are apart by commas', remedy]],
  ['x.mp4,ada\n', ['1: the first line must be file,identity,label,licence, or some of them', remedy]],
  ['file,\u001b[2J\n', [expect.stringContaining('unknown column "\\u001b[2J"; known'), remedy]],
  ['file,identity\n\n', ['data set "folder": t.csv names no file']],
])('a table %j is told for what it is', async (text, message) => {
  expect(await wrongTable(text)).toEqual(message);
});

test.each([
  ['name,identity\nx.mp4,ada\n', ':1: unknown column "name"'],
  ['file,lable\nx.mp4,real\n', 'did you mean "label"?'],
  ['identity\nada\n', ':1: the column "file" is missing'],
  ['file,file\nx.mp4,x.mp4\n', 'a column stands there twice'],
  ['', 'the table is empty'],
  ['file\n"x.mp4\n', ':2: a quoted field is never closed'],
])('a wrong table %j is refused', async (text, message) => {
  await put('clip.mp4', 'x.mp4');
  await writeFile(at('set/t.csv'), text);
  const error = (await clips({ csv: 't.csv' }).catch((thrown: unknown) => thrown)) as Error;
  expect([error.name, error.message]).toEqual(['UserError', expect.stringContaining(message)]);
});

test.each([
  ['UTF-16, as of Excel', 1, Buffer.from('\uFEFFfile\tlabel\nx.mp4\treal\n', 'utf16le')],
  ['UTF-16 without a mark', 1, Buffer.from('file,label\nx.mp4,real\n', 'utf16le')],
  ['Latin-1', 3, Buffer.from('file,identity\nx.mp4,ada\nx.mp4,Ren\xe9\n', 'latin1')],
])('a table in %s is told to be no UTF-8', async (_, line, bytes) => {
  await put('clip.mp4', 'x.mp4');
  await writeFile(at('set/t.csv'), bytes);
  await expect(clips({ csv: 't.csv' })).rejects.toThrow(
    `${at('set/t.csv')}:${line}: expected a text file in UTF-8, got other bytes`,
  );
});

test('a name that only looks like that of a file is told to do so', async () => {
  const [composed, decomposed] = ['Andr\u00e9/Zo\u00eb.mp4', 'Andre\u0301/Zoe\u0308.mp4'];
  await put('clip.mp4', decomposed!);
  await writeFile(at('set/t.csv'), `file\n${composed}\nAndr\u00e9/Zoe.mp4\n`);
  const told = (await clips({ csv: 't.csv' }).catch((error: unknown) => error)) as Error;
  const [first, second] = told.message.split('\n');
  expect(first).toContain(`:2: ${composed}: no such file in ${at('set')}, but one whose name looks the same`);
  expect(second).toMatch(/:3: .*: no such file in [^,]*$/);
  await writeFile(at('set/t.csv'), `file\n${decomposed}\n`);
  expect((await clips({ csv: 't.csv' })).map(({ id }) => id)).toEqual([decomposed]);
});

test('what is missing is named, with what was looked for', async () => {
  const error = (options: Record<string, unknown>) =>
    clips(options).catch((thrown: unknown) => thrown as Error);
  expect(await error({})).toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(`${at('set')} does not exist`),
  });
  await writeFile(at('file'), '');
  expect(await error({ path: at('file') })).toMatchObject({
    name: 'UserError',
    message: expect.stringContaining('is not a folder'),
  });
  await mkdir(at('set'));
  expect(await error({})).toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(/no media file in .*Looked for \.mp4/),
  });
  expect(await error({ csv: 'none.csv' })).toMatchObject({
    name: 'UserError',
    message: expect.stringContaining('none.csv cannot be read'),
  });
});

test('options: nothing is needed, nothing unknown is taken', () => {
  expect(folder.options.parse({})).toEqual({
    path: 'clips',
    split: 'test',
    licence: 'unknown',
    faces: false,
  });
  for (const fitShare of [0, 1, -0.1]) expect(folder.options.safeParse({ fitShare }).success).toBe(false);
  expect(folder.options.safeParse({ paths: 'x' }).success).toBe(false);
});

test('the eight GRID recordings are read', async ({ skip }) => {
  await gridClips(skip);
  const found = await clips({ path: gridFolder });
  expect(found.map(({ media }) => media.video)).toEqual(
    Array.from({ length: 8 }, () => ({ fps: 25, width: 360, height: 288, frameCount: 75 })),
  );
  for (const clip of found) {
    expect(clip.labels).toEqual({});
    expect(clip.media.audio!.sampleCount / clip.media.audio!.sampleRate).toBeCloseTo(2.98, 1);
  }
});

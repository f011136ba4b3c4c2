/** What a file is, by its content; names, and what else a file may be, are held against it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { kindOfFile } from '../../src/screening/kind-of-file.ts';
import { gridClips } from '../support/grid.ts';
import { buildTar, buildZip } from '../support/archives.ts';
import { tailed, twoFaced } from '../support/two-faced.ts';

const golden = resolve(import.meta.dirname, '../golden');
const folder = mkdtempSync(join(tmpdir(), 'masque-kind-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function kindOf(content: Uint8Array | string, name: string) {
  const path = join(folder, 'x');
  writeFileSync(path, content);
  const { type, held } = await kindOfFile(path, name);
  return { type, held: held.map(({ code }) => code) };
}
const part = (name: string): Buffer => readFileSync(join(golden, name));
const media = readdirSync(golden).filter((name) => /\.\w+$/.test(name) && !name.endsWith('.ts'));

test.each(media)('%s is what its name says', async (name) => {
  const { type, held } = await kindOfFile(join(golden, name), name);
  expect({ type, held }).toEqual({ type: name.split('.').at(-1), held: [] });
});

test('real recordings pass', { timeout: 60_000 }, async ({ skip }) => {
  for (const path of await gridClips(skip))
    expect(await kindOfFile(path, path)).toEqual({ type: 'mpg', held: [] });
});

const mail = 'From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nhello';
const tar = buildTar([{ name: 'a', content: 'b' }]);
test.each([
  ['letter.eml', mail, 'eml'],
  ['a.zip', buildZip([{ name: 'a', content: 'b' }]), 'zip'],
  ['a.tar', tar, 'tar'],
  ['a.tar.gz', gzipSync(tar), 'tgz'],
  ['a.tgz', gzipSync(tar), 'tgz'],
  ['a.gz', gzipSync('text'), 'unknown'],
  ['notes.txt', 'From the start: nothing.\n', 'unknown'],
  ['table.csv', 'Date: Subject: x\n\n', 'unknown'],
  ['a.pdf', '%PDF-1.4', 'unknown'],
  ['report.docx', buildZip([{ name: '[Content_Types].xml', content: '<x/>' }]), 'unknown'],
  ['a.gif', 'GIF89a\x01\x00\x01\x00', 'unknown'],
  ['photo.heic', '\0\0\0\x18ftypheic\0\0\0\0', 'unknown'],
] as [string, Uint8Array | string, string][])('%s', async (name, content, type) => {
  const held = name === 'a.gz' ? ['E_NAME_DISAGREES'] : [];
  expect(await kindOf(content, name)).toEqual({ type, held });
});

test.each(twoFaced)('held: %s', async (_, name, content, code) => {
  const { type, held } = await kindOf(content, name);
  if (code === '') expect(type).toBe('unknown');
  else expect(held).toContain(code);
});

test.each([
  ['a.jpg', Buffer.from('\xff\xd8', 'latin1'), Buffer.from([0xff, 0xe0, 0, 2])],
  ['a.png', part('photo.png').subarray(0, 33), Buffer.from('\0\0\0\0teXt\0\0\0\0')],
])(
  'a file of endless small pieces is not looked through: %s',
  { timeout: 60_000 },
  async (name, head, piece) => {
    const { held } = await kindOf(Buffer.concat([head, Buffer.alloc(150_000 * piece.length, piece)]), name);
    expect(held).toEqual(['E_TOO_MANY_PIECES']);
  },
);

test('what cameras and editors write behind and into pictures passes', async () => {
  const note = Buffer.from('SEFH maker’s note '.repeat(50));
  expect(await kindOf(tailed('photo.jpg', note), 'a.jpg')).toEqual({ type: 'jpg', held: [] });
  expect(await kindOf(tailed('photo.jpg', part('photo.jpg')), 'a.jpg')).toEqual({ type: 'jpg', held: [] });
  expect(await kindOf(tailed('photo.png', Buffer.alloc(5000)), 'a.png')).toEqual({ type: 'png', held: [] });
  const xmp = Buffer.from(
    'http://ns.adobe.com/xap/1.0/\0<?xpacket begin=""?><x:xmpmeta><rdf:RDF/></x:xmpmeta>',
  );
  const segment = Buffer.from([0xff, 0xe1, (xmp.length + 2) >> 8, (xmp.length + 2) & 255]);
  const withXmp = Buffer.concat([
    part('photo.jpg').subarray(0, 2),
    segment,
    xmp,
    part('photo.jpg').subarray(2),
  ]);
  expect(await kindOf(withXmp, 'IMG_1.JPEG')).toEqual({ type: 'jpg', held: [] });
});

test.each(['x.constructor', 'x.toString', '__proto__.hasOwnProperty'])(
  'a name is no key of a table: %s',
  async (name) => {
    expect((await kindOf(part('clip.mp4'), name)).held).toEqual(['E_NAME_DISAGREES']);
  },
);

test('photos of endless empty scans one behind the other are not looked through', {
  timeout: 20_000,
}, async () => {
  const scans = Buffer.alloc(4 * 99_990, Buffer.from([0xff, 0xda, 0, 2]));
  const photo = Buffer.concat([Buffer.from([0xff, 0xd8]), scans, Buffer.from([0xff, 0xd9])]);
  const { held } = await kindOf(Buffer.concat(Array.from({ length: 32 }, () => photo)), 'a.jpg');
  expect(held).toEqual(['E_TOO_MANY_PIECES']);
});

test('bytes that fill a photo are skipped, and what lies behind it is found', async () => {
  const fill = Buffer.alloc(4 << 20, 0xff);
  const whole = Buffer.concat([Buffer.from([0xff, 0xd8]), fill, part('photo.jpg').subarray(2)]);
  expect(await kindOf(whole, 'a.jpg')).toEqual({ type: 'jpg', held: [] });
  const two = await kindOf(Buffer.concat([whole, part('clip.mp4')]), 'a.jpg');
  expect(two.held).toEqual(['E_MOTION_PHOTO']);
});

test('of a motion photo its sender is told what it is and what to do', async () => {
  writeFileSync(join(folder, 'x'), tailed('photo.jpg', part('clip.mp4')));
  const { held } = await kindOfFile(join(folder, 'x'), 'PXL_1.MP.jpg');
  expect(held.map(({ message }) => message)).toEqual([
    expect.stringMatching(
      /film lies behind the photo.*motion photos.*neither is: save photo and film/,
    ) as string,
  ]);
});

test('a film that calls itself sound is a film, and sound in a film’s container is sound', async () => {
  const film = Buffer.from(part('clip.mp4'));
  film.write('M4A ', 8, 'latin1');
  expect((await kindOf(film, 'a.m4a')).type).toBe('mp4');
  const sound = Buffer.from(part('tone.m4a'));
  sound.write('isom', 8, 'latin1');
  expect((await kindOf(sound, 'a.mp4')).type).toBe('m4a');
});

test('MP3 without a tag, and noise that begins like one', async () => {
  const tagged = part('tone.mp3');
  const bare = tagged.subarray(tagged.indexOf(Buffer.from([0xff, 0xf3])));
  expect((await kindOf(bare, 'a.mp3')).type).toBe('mp3');
  expect((await kindOf(Buffer.concat([bare.subarray(0, 4), Buffer.alloc(5000, 1)]), 'a.mp3')).type).toBe(
    'unknown',
  );
});

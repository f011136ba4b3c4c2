/** What a file is, by its content; names, and what else a file may be, are held against it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { kindOfFile } from '../../src/screening/kind-of-file.ts';
import { gridClips } from '../support/grid.ts';
import { buildTar, buildZip } from '../support/archives.ts';
import { ffmpeg } from '../media/tools.ts';
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

test('real recordings pass', async ({ skip }) => {
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
  ['a.mkv', part('clip.mkv').subarray(0, 40), Buffer.from([0xec, 0x80])],
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

test('an animated picture is held, and its sender told what to do', async () => {
  await ffmpeg('-i', join(golden, 'clip.mp4'), '-frames:v', '3', join(folder, 'film.apng'));
  const raw = { width: 8, height: 24, channels: 3 as const, pageHeight: 8 };
  const pages = Buffer.from(Array.from({ length: 24 * 24 }, (_, i) => i % 251));
  const webp = await sharp(pages, { raw }).webp().toBuffer();
  const unflagged = Buffer.from(webp);
  unflagged[20]! &= ~2;
  const message = expect.stringMatching(/animated.*only one.*save it as a film/) as string;
  for (const [name, content] of [
    ['a.png', readFileSync(join(folder, 'film.apng'))],
    ['a.webp', webp],
    ['b.webp', unflagged],
  ] as const) {
    writeFileSync(join(folder, 'x'), content);
    const { held } = await kindOfFile(join(folder, 'x'), name);
    expect(held, name).toEqual([{ code: 'E_ANIMATED', message }]);
  }
});

test('a PNG that speaks of an animation behind its pixels, as no program plays it, is a picture', async () => {
  const photo = part('photo.png');
  const control = Buffer.from('\0\0\0\x08acTL\0\0\0\x02\0\0\0\0\0\0\0\0', 'latin1');
  const late = Buffer.concat([photo.subarray(0, -12), control, photo.subarray(-12)]);
  expect(await kindOf(late, 'a.png')).toEqual({ type: 'png', held: [] });
  const early = Buffer.concat([photo.subarray(0, 33), control, photo.subarray(33)]);
  expect((await kindOf(early, 'a.png')).held).toEqual(['E_ANIMATED']);
});

/** With lengths and without, in many pages, with tags before and behind; of each what wrote it, its name and how. */
test.each([
  ['clip.mkv', 'live.mkv', ['-f', 'matroska', '-live', '1']],
  ['clip.webm', 'live.webm', ['-f', 'webm', '-live', '1']],
  ['clip.mkv', 'cues.mkv', ['-reserve_index_space', '5000']],
  ['tone.ogg', 'pages.ogg', ['-page_duration', '1']],
  ['tone.mp3', 'tags.mp3', ['-metadata', 'title=x', '-write_id3v1', '1', '-write_apetag', '1']],
  ['tone.mp3', 'bare.mp3', ['-id3v2_version', '0', '-write_xing', '0']],
])('what ffmpeg makes of %s passes: %s', async (from, name, how) => {
  await ffmpeg('-i', join(golden, from), '-c', 'copy', ...how, join(folder, name));
  expect((await kindOfFile(join(folder, name), name)).held).toEqual([]);
});

test('tags of APE and what is nothing behind a sound or a film pass, and a program behind them does not', async () => {
  const ape = Buffer.concat([Buffer.from('APETAGEX\xd0\x07\0\0', 'latin1'), Buffer.alloc(20)]);
  ape.writeUInt32LE(40, 12);
  const tags = Buffer.concat([ape, Buffer.alloc(40, 'x'), Buffer.alloc(128, 'TAG a song')]);
  const behind = Buffer.alloc(5000);
  for (const [name, tail] of [
    ['tone.mp3', tags],
    ['tone.mp3', Buffer.from('LYRICSBEGIN la la LYRICS200')],
    ['tone.ogg', behind],
    ['clip.mkv', behind],
  ] as const)
    expect((await kindOf(tailed(name, tail), name)).held, name).toEqual([]);
  const program = Buffer.concat([tags, Buffer.from('#!/bin/sh')]);
  expect((await kindOf(tailed('tone.mp3', program), 'a.mp3')).held).toEqual(['E_TWO_TYPES']);
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

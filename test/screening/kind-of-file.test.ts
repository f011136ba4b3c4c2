/** What a file is, by its content; names, and what else a file may be, are held against it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { kindOfFile } from '../../src/screening/kind-of-file.ts';
import { gridClips } from '../support/grid.ts';
import { buildTar, buildZip } from '../support/archives.ts';

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

const javascript = (name: string, lengthAt: number): Buffer => {
  const own = Buffer.from(part(name));
  own.write('/*', lengthAt, 'latin1');
  return Buffer.concat([own, Buffer.from('*/=1;alert(1);/*')]);
};
const html = Buffer.from('<html><script>alert(1)</script></html>');
/** A box that players skip. */
const skipBox = (content: Buffer): Buffer => {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length + 8);
  return Buffer.concat([size, Buffer.from('free'), content]);
};
const zip = buildZip([{ name: 'a.txt', content: 'hidden' }]);
const tailed = (name: string, tail: Buffer): Buffer => Buffer.concat([part(name), tail]);

const built: [what: string, name: string, content: Buffer, code: string][] = [
  [
    'mp4 with HTML in its first boxes',
    'a.mp4',
    Buffer.concat([part('clip.mp4').subarray(0, 32), skipBox(html), part('clip.mp4').subarray(32)]),
    'E_TWO_TYPES',
  ],
  ['mp4 with HTML behind it', 'a.mp4', tailed('clip.mp4', html), 'E_TWO_TYPES'],
  ['jpeg that is JavaScript', 'a.jpg', javascript('photo.jpg', 4), 'E_TWO_TYPES'],
  ['wav that is JavaScript', 'a.wav', javascript('tone.wav', 4), 'E_TWO_TYPES'],
  ['gif that is JavaScript', 'a.gif', Buffer.from('GIF89a/*\0\0\0\0*/=1;alert(1);'), ''],
  ['png with a zip behind it', 'a.png', tailed('photo.png', zip), 'E_TWO_TYPES'],
  ['jpeg with a zip behind it', 'a.jpg', tailed('photo.jpg', zip), 'E_TWO_TYPES'],
  ['zip in a box of mp4', 'a.mp4', tailed('clip.mp4', skipBox(zip)), 'E_TWO_TYPES'],
  [
    'webp with a program behind it',
    'a.webp',
    tailed('photo.webp', Buffer.from('MZ\x90\0 program')),
    'E_TWO_TYPES',
  ],
  ['jpeg with a film behind it', 'a.jpg', tailed('photo.jpg', part('clip.mp4')), 'E_MOTION_PHOTO'],
  [
    'jpeg with a second picture and a film behind both',
    'a.jpg',
    Buffer.concat([
      part('photo.jpg'),
      part('photo.jpg'),
      Buffer.alloc(7),
      part('photo.jpg'),
      part('clip.mp4'),
    ]),
    'E_MOTION_PHOTO',
  ],
  [
    'jpeg with a film announced behind it',
    'a.jpg',
    tailed(
      'photo.jpg',
      Buffer.concat([Buffer.from('\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data', 'latin1'), part('clip.mp4')]),
    ),
    'E_MOTION_PHOTO',
  ],
  [
    'ten thousand pictures',
    'a.jpg',
    tailed('photo.jpg', Buffer.from('ffd8ffd9'.repeat(10_000), 'hex')),
    'E_TWO_TYPES',
  ],
  ['png with a film behind it', 'a.png', tailed('photo.png', part('clip.mp4')), 'E_TWO_TYPES'],
  [
    'jpeg with a zip behind a second picture',
    'a.jpg',
    // Its end is not the file's, where a zip is found anyhow.
    Buffer.concat([part('photo.jpg'), part('photo.jpg'), zip, Buffer.alloc(70_000)]),
    'E_TWO_TYPES',
  ],
  [
    'png that is a PDF',
    'a.png',
    Buffer.concat([
      part('photo.png').subarray(0, 33),
      Buffer.from('\0\0\0\x09teXt%PDF-1.4\n\0\0\0\0', 'latin1'),
      part('photo.png').subarray(33),
    ]),
    'E_TWO_TYPES',
  ],
  [
    'SVG',
    'a.svg',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    'E_MARKUP',
  ],
  ['SVG behind a comment and a mark of order', 'a.png', Buffer.from('\ufeff\n<!-- x --><svg/>'), 'E_MARKUP'],
  [
    'XML that reads a file',
    'a.xml',
    Buffer.from('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    'E_MARKUP',
  ],
  [
    'XML in UTF-16',
    'a.xml',
    Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><a/>', 'utf16le'),
    'E_MARKUP',
  ],
  ['HTML under the name of a photo', 'a.jpg', html, 'E_MARKUP'],
  ['png under the name of a film', 'a.mp4', part('photo.png'), 'E_NAME_DISAGREES'],
  ['film under the name of a page', 'a.html', part('clip.mp4'), 'E_NAME_DISAGREES'],
  ['nothing under the name of a film', 'a.mp4', Buffer.from('#EXTM3U\n/etc/passwd\n'), 'E_NAME_DISAGREES'],
  ['an empty file', 'a.mp4', Buffer.alloc(0), 'E_EMPTY'],
];
test.each(built)('held: %s', async (_, name, content, code) => {
  const { type, held } = await kindOf(content, name);
  if (code === '') expect(type).toBe('unknown');
  else expect(held).toContain(code);
});

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

test('millions of the smallest parts take a moment, and what lies behind them is found', {
  timeout: 20_000,
}, async () => {
  const start = Buffer.from([0xff, 0xd8]);
  const photo = part('photo.jpg').subarray(2);
  const fill = Buffer.alloc(4 << 20, 0xff);
  const segments = Buffer.from('ffe00002'.repeat(1 << 20), 'hex');
  for (const parts of [fill, segments]) {
    const whole = Buffer.concat([start, parts, photo]);
    expect(await kindOf(whole, 'a.jpg')).toEqual({ type: 'jpg', held: [] });
    const two = await kindOf(Buffer.concat([whole, part('clip.mp4')]), 'a.jpg');
    expect(two.held).toEqual(['E_MOTION_PHOTO']);
  }
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

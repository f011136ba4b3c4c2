/** Files that are two things at once, or something else than they say: built from golden ones. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildZip } from './archives.ts';

const golden = resolve(import.meta.dirname, '../golden');
const part = (name: string): Buffer => readFileSync(join(golden, name));

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
const program = Buffer.from('MZ\x90\0 program');
const zip = buildZip([{ name: 'a.txt', content: 'hidden' }]);
/** A golden file with something behind it. */
export const tailed = (name: string, tail: Buffer): Buffer => Buffer.concat([part(name), tail]);

/** What it is, its name, the content, and the code for which it is held; '' where it is only of no kind that is read. */
export const twoFaced: [what: string, name: string, content: Buffer, code: string][] = [
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
  ['webp with a program behind it', 'a.webp', tailed('photo.webp', program), 'E_TWO_TYPES'],
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
  ['matroska with a program behind it', 'a.mkv', tailed('clip.mkv', program), 'E_TWO_TYPES'],
  [
    'webm with another behind a filler behind it',
    'a.webm',
    Buffer.concat([part('clip.webm'), Buffer.from([0xec, 0x82, 1, 2]), part('clip.webm')]),
    'E_TWO_TYPES',
  ],
  [
    'matroska with a second segment',
    'a.mkv',
    tailed('clip.mkv', part('clip.mkv').subarray(part('clip.mkv').indexOf('\x18\x53\x80\x67', 'latin1'))),
    'E_TWO_TYPES',
  ],
  ['ogg with a film behind it', 'a.ogg', tailed('tone.ogg', part('clip.mp4')), 'E_TWO_TYPES'],
  ['mp3 with a program behind it', 'a.mp3', tailed('tone.mp3', program), 'E_TWO_TYPES'],
  [
    'mp3 with a film behind its tag',
    'a.mp3',
    Buffer.concat([part('tone.mp3'), Buffer.alloc(128, 'TAG a song'), part('clip.mkv')]),
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

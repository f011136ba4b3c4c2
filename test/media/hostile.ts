/** Files under the names of media that would have ffmpeg open something else: each written into `folder`, `canary` being what they point at. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenPath } from '../golden/make.ts';

/** `codes`: what may come of it; empty where it is harmless and read as what it is. */
export type Vector = { name: string; codes: string[] };

const playlist = (target: string): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n${target}\n#EXT-X-ENDLIST\n`;
const list = (target: string): string => `ffconcat version 1.0\nfile '${target}'\n`;
const notAllowed = 'E_FORMAT_NOT_ALLOWED';
const unreadable = 'E_MEDIA_UNREADABLE';

/** `canary`: a video that must not be read; `server`: an address that must not be asked. */
export async function writeVectors(folder: string, canary: string, server: string): Promise<Vector[]> {
  const texts: [string, string, ...string[]][] = [
    ['playlist of a file.mp4', playlist(canary), notAllowed],
    ['playlist of an address.mp4', playlist(`${server}/x.ts`), notAllowed],
    ['playlist.avi', playlist(canary), notAllowed],
    ['playlist.mpg', playlist(canary), notAllowed],
    ['relative list.mp4', list('../canary.mp4'), notAllowed],
    ['absolute list.mkv', list(canary), notAllowed],
    ['list of an address.webm', list(`${server}/x.mp4`), notAllowed],
    ['list.wav', list(canary), notAllowed],
    ['session.mp4', session, notAllowed],
    ['manifest.mp4', manifest(`${server}/x.mp4`), notAllowed],
    ['drawing.png', drawing(canary), notAllowed],
    // Whether it is known for a drawing depends on how ffmpeg was built.
    ['drawing.mp4', drawing(canary), notAllowed, 'E_MEDIA_TRUNCATED'],
    ['script.mkv', '#!/bin/sh\necho hello\n', unreadable],
  ];
  for (const [name, text] of texts) await writeFile(join(folder, name), text);
  const odd = [
    'concat:canary.mp4|canary.mp4.mp4',
    'subfile,,start,0,end,0,,:canary.mp4',
    'crypto:canary.mp4',
    'data:text.mp4',
    '-y.mp4',
    '-i canary.mp4',
  ];
  for (const name of odd) await copyFile(goldenPath('silent.mp4'), join(folder, name));
  await copyFile(goldenPath('photo.png'), join(folder, '%d.png'));
  await writeFile(
    join(folder, 'reference.mov'),
    withReference(await readFile(goldenPath('clip.mov')), canary),
  );
  await writeFile(
    join(folder, 'subtitles.avi'),
    withSubtitles(await readFile(goldenPath('clip.avi')), playlist(canary)),
  );
  return [
    ...texts.map(([name, , ...codes]) => ({ name, codes })),
    { name: 'reference.mov', codes: ['E_MEDIA_TRUNCATED', 'E_MEDIA_UNREADABLE'] },
    // Newer ones look into it, and stop at the list of what may be.
    { name: 'subtitles.avi', codes: [notAllowed, 'read'] },
    ...[...odd, '%d.png'].map((name) => ({ name, codes: [] })),
  ];
}

const session = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=x',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=video 5004 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  '',
].join('\n');

const manifest = (target: string): string =>
  `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${target}</BaseURL></Representation></AdaptationSet></Period></MPD>`;

const drawing = (target: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="96" height="64"><image xlink:href="file://${target}" width="96" height="64"/></svg>`;

/** A QuickTime file whose tracks say that their data lie in another file (`alis` in `dref`: a Macintosh alias with an absolute path). */
function withReference(bytes: Buffer, target: string): Buffer {
  const path = Buffer.from(target);
  const record = Buffer.alloc(150 + 4 + path.length + (path.length % 2) + 4);
  record.writeUInt16BE(2, 150);
  record.writeUInt16BE(path.length, 152);
  path.copy(record, 154);
  record.writeInt16BE(-1, record.length - 4);
  const entry = box('alis', Buffer.alloc(4), record);
  const references = box('dref', Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), entry);
  return rebuilt(bytes, new Map([['dref', references]]));
}

const parents = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf']);

/** The boxes of an ISO base media file, those of the names given replaced. Media data must stand before what grows. */
function rebuilt(bytes: Buffer, by: Map<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [size, name] = [bytes.readUInt32BE(at), bytes.toString('latin1', at + 4, at + 8)];
    const content = bytes.subarray(at + 8, at + size);
    parts.push(
      by.get(name) ?? (parents.has(name) ? box(name, rebuilt(content, by)) : bytes.subarray(at, at + size)),
    );
    at += size;
  }
  return Buffer.concat(parts);
}

function box(name: string, ...content: Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0));
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, ...content]);
}

/** An AVI file with a third stream of subtitles, which are a file of their own inside it (GAB2): the way in of 2017. */
function withSubtitles(bytes: Buffer, text: string): Buffer {
  const header = Buffer.alloc(56);
  header.write('txts', 0, 'latin1');
  header.writeUInt32LE(1, 20); // scale
  header.writeUInt32LE(25, 24); // rate
  header.writeUInt32LE(1, 32); // length
  const stream = chunk('LIST', Buffer.from('strl'), chunk('strh', header), chunk('strf', Buffer.alloc(0)));
  const lead = Buffer.alloc(5 + 2 + 4 + 2 + 4);
  lead.write('GAB2\0', 0, 'latin1');
  lead.writeUInt16LE(2, 5);
  lead.writeUInt32LE(text.length, 13);
  const subtitles = chunk('02tx', lead, Buffer.from(text));
  const parts: Buffer[] = [];
  for (let at = 12; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    const [name, list] = [bytes.toString('latin1', at, at + 4), bytes.toString('latin1', at + 8, at + 12)];
    const content = Buffer.from(bytes.subarray(at + 8, at + 8 + size));
    if (list === 'hdrl') {
      content.writeUInt32LE(3, 4 + 8 + 24); // streams, in avih
      parts.push(chunk('LIST', content, stream));
    } else if (list === 'movi')
      parts.push(chunk('LIST', content.subarray(0, 4), subtitles, content.subarray(4)));
    else if (name !== 'idx1') parts.push(chunk(name, content));
    at += 8 + size + (size % 2);
  }
  return chunk('RIFF', Buffer.from('AVI '), ...parts);
}

function chunk(name: string, ...content: Buffer[]): Buffer {
  const size = content.reduce((sum, { length }) => sum + length, 0);
  const head = Buffer.alloc(8);
  head.write(name, 0, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, ...content, Buffer.alloc(size % 2)]);
}

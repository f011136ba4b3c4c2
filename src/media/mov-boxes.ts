/**
 * The boxes of an MP4 or MOV file (size, four letters, content; ISO/IEC 14496-12). ffmpeg passes over a box that it does not know without a word, and so over a track
 * whose letters were damaged.
 */
import { open } from 'node:fs/promises';
import { type Read, windowOf } from './window.ts';

/** Boxes without which pictures or sound are lost, where they stand: what is walked into, then the rest. */
const opened = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'moof', 'traf'];
const needed = [
  opened,
  [
    'mdat',
    'tkhd',
    'mdhd',
    'hdlr',
    'elst',
    'stsd',
    'stts',
    'ctts',
    'stss',
    'stsc',
    'stsz',
    'stco',
    'co64',
    'trun',
    'tfhd',
  ],
].flat();
/** Names that others gave to boxes of their own and that are nearly one of those. */
const others = [
  'stz2',
  'stps',
  'stdp',
  'stsh',
  'sthd',
  'trik',
  'hmhd',
  'nmhd',
  'gmhd',
  'smhd',
  'vmhd',
  'mvhd',
  'mehd',
  'mfhd',
  'tfdt',
  'tfra',
  'trex',
  'stvi',
  'strd',
  'strk',
  'stri',
];
/** The most bits that damage is taken to have changed in a name. Of four small letters chosen by chance, one bit makes one of `needed` in 1 of 1,600. */
const nearBits = (name: string): number => (/^[a-z0-9 ]{4}$/.test(name) ? 1 : 3);
/** A program could put any number there; the boxes of eight tracks are some hundred, and a fragmented film has some more a second. */
const mostBoxes = 200_000;

/** What no whole file has: a box that reaches beyond the one it lies in, one whose name is nearly that of one that is needed, two films; undefined where all is well. */
export async function movDamage(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await walk(windowOf(file), size);
  } finally {
    await file.close();
  }
}

async function walk(read: Read, fileBytes: number): Promise<string | undefined> {
  /** Where the boxes end that are open, the outermost first. */
  const ends = [fileBytes];
  let [at, films] = [0, 0];
  for (let boxes = 0; at + 8 <= fileBytes; boxes++) {
    while (ends.length > 1 && at >= ends.at(-1)!) ends.pop();
    if (boxes > mostBoxes) return `more than ${mostBoxes} boxes`;
    const end = ends.at(-1)!;
    // Four bytes of zeros may end a list; at the end of the file may lie anything.
    if (ends.length > 1 && end - at < 8) {
      at = end;
      continue;
    }
    const head = await read(at, 16);
    const name = head.toString('latin1', 4, 8);
    const bytes = sizeOf(head, end - at);
    const inside = ends.length > 1;
    if (bytes < 8 || (inside && bytes > end - at))
      return inside ? `box "${printable(name)}" at byte ${at} is larger than what it lies in` : undefined;
    if (name === 'moov' && ++films > 1) return `a second "moov" at byte ${at}`;
    if (isNearly(name)) return `box "${printable(name)}" at byte ${at}`;
    if (opened.includes(name)) {
      ends.push(Math.min(at + bytes, end));
      at += 8;
    } else at += bytes;
  }
  return undefined;
}

/** 0 where it is none: a box has at least eight bytes. A size of 0 reaches to the end, one of 1 stands behind the name in eight bytes. */
function sizeOf(head: Buffer, rest: number): number {
  const size = head.readUInt32BE(0);
  if (size === 0) return rest;
  return size === 1 && head.length === 16 ? Number(head.readBigUInt64BE(8)) : size;
}

function isNearly(name: string): boolean {
  if (needed.includes(name) || others.includes(name)) return false;
  return needed.some((one) => {
    let bits = 0;
    for (let i = 0; i < 4; i++)
      for (let rest = one.charCodeAt(i) ^ name.charCodeAt(i); rest > 0; rest &= rest - 1) bits++;
    return bits <= nearBits(name);
  });
}

const printable = (name: string): string => name.replaceAll(/[^ -~]/g, '?');

/**
 * Files that are two things at once: a picture that a browser also runs, a film with an archive behind it. Programs disagree on which of the two they see, so
 * neither is judged. Metadata in XML (XMP) is none of this, nor is a second picture behind the first, as cameras write it. Motion photos, a film behind a photo, are, and so are animated pictures.
 */
import { isAnimated } from './animated.ts';
import type { Bytes } from './bytes.ts';
import { boxesOf } from './boxes.ts';
import type { MediaType } from './file-types.ts';
import { type End, endOfMatroska, endOfMp3, endOfOgg, mostPieces } from './stream-ends.ts';
import type { Reason } from './types.ts';

/** As far back as the end of a zip may lie: its record and the longest comment. APPNOTE 4.3.16. */
const tailBytes = 22 + 0xffff;

/** What else the file is, for which it must be held; undefined where it is nothing else. `head`: its first 64 KiB. */
export async function twoInOne(type: MediaType, head: Buffer, bytes: Bytes): Promise<Reason | undefined> {
  const tail = await bytes.read(Math.max(0, bytes.size - tailBytes), tailBytes);
  if (holdsMarkup(head) || holdsMarkup(tail)) return reason('markup or a script');
  if (isScript(head)) return reason('a script');
  if (head.subarray(0, 1024).includes('%PDF-')) return reason('a PDF');
  if (await endsAsZip(tail, bytes)) return reason('a zip archive');
  if (await isAnimated(type, bytes)) return animated;
  const end = await endOf(type, bytes);
  if (end === 'too many') return tooMany;
  if (end === undefined || end >= bytes.size) return undefined;
  const behind = await bytes.read(end, 4096);
  if (type !== 'jpg') return ofTrailing(behind);
  if (holdsFilm(behind)) return motionPhoto;
  return nextJpeg(behind) === undefined ? ofTrailing(behind) : reason('more pictures than cameras write');
}

/** Which of the two a program shows is up to the program, and who was shown the film has not seen what was judged. */
const motionPhoto: Reason = {
  code: 'E_MOTION_PHOTO',
  message:
    'A film lies behind the photo, as phones write motion photos. Only one of the two would be judged, so neither is: save photo and film as files of their own and send both.',
};

const animated: Reason = {
  code: 'E_ANIMATED',
  message:
    'The picture is animated. Browsers play all of its pictures and only one would be judged, so none is: save it as a film and send that.',
};

/** A box `ftyp` where what follows the photo begins, or behind the words with which Samsung's cameras announce it. */
const holdsFilm = (behind: Buffer): boolean =>
  behind.subarray(0, 12).includes('ftyp') || behind.subarray(0, 64).includes('MotionPhoto_Data');

const tooMany: Reason = {
  code: 'E_TOO_MANY_PIECES',
  message: 'The file consists of more pieces than cameras and programs write.',
};

const reason = (other: string): Reason => ({
  code: 'E_TWO_TYPES',
  message: `The file is also, or carries, ${other}.`,
});

/** Tags that run or draw, wherever a reader who guesses would look for them. By chance in 64 KiB of compressed data: less than once in 10⁵ files. */
const tags = /<(?:script|html|svg|iframe|!doctype|\?php)[\s>/]/i;
const holdsMarkup = (part: Buffer): boolean => tags.test(part.toString('latin1'));

/** A comment of JavaScript opened among the first bytes, where a length or a name should be, and after it text goes on. */
function isScript(head: Buffer): boolean {
  const text = head.toString('latin1');
  const opened = text.slice(0, 16).indexOf('/*');
  return opened >= 0 && /\*\/[\t\n\r -~]{5}/.test(text.slice(opened + 2));
}

/** A record of a zip's end (APPNOTE 4.3.16) whose directory lies where it says, counted back from it: what stands before the zip, its readers do not mind. */
async function endsAsZip(tail: Buffer, bytes: Bytes): Promise<boolean> {
  const start = bytes.size - tail.length;
  for (
    let at = tail.indexOf('PK\x05\x06', 0, 'latin1');
    at >= 0;
    at = tail.indexOf('PK\x05\x06', at + 1, 'latin1')
  ) {
    if (at + 22 > tail.length) return false;
    if (at >= 20 && tail.toString('latin1', at - 20, at - 16) === 'PK\x06\x07') return true; // zip64
    const directory = start + at - tail.readUInt32LE(at + 12);
    if (directory >= 0 && (await bytes.read(directory, 4)).toString('latin1') === 'PK\x01\x02') return true;
  }
  return false;
}

/** What lies behind the end is only told where it is something: makers of cameras put notes of their own there. */
function ofTrailing(trailing: Buffer): Reason | undefined {
  const text = trailing.toString('latin1').replaceAll('\0', ' ').trimStart();
  if (/^<[!?a-z]/i.test(text)) return reason('markup or a script');
  if (text.slice(0, 8).includes('ftyp')) return reason('a film');
  const found = foreign.find(([signatures]) => signatures.some((signature) => text.startsWith(signature)));
  return found && reason(found[1]);
}

const foreign: [string[], string][] = [
  [['PK\x03', 'PK\x05'], 'a zip archive'],
  [['Rar!', '7z\xbc\xaf', '\x1f\x8b\x08', '\xfd7zXZ', 'BZh'], 'an archive'],
  [['MZ', '\x7fELF', '#!'], 'a program'],
  [['%PDF-'], 'a PDF'],
  [
    ['RIFF', '\x1a\x45\xdf\xa3', '\x18\x53\x80\x67', 'OggS', 'fLaC', '\x89PNG', 'GIF8'],
    'another picture, film or sound',
  ],
];

/** Where the format says that the file ends; undefined where it does not say. */
async function endOf(type: MediaType, bytes: Bytes): Promise<End> {
  switch (type) {
    case 'png':
      return endOfPng(bytes);
    case 'jpg':
      return endOfJpegs(bytes);
    case 'webp':
    case 'wav':
    case 'avi':
      return endOfRiff(bytes);
    case 'mp4':
    case 'mov':
    case 'm4a': {
      let end = 0;
      for await (const { offset, size } of boxesOf(bytes)) end = offset + size;
      return end;
    }
    case 'mkv':
    case 'webm':
      return endOfMatroska(bytes);
    case 'ogg':
      return endOfOgg(bytes);
    case 'mp3':
      return endOfMp3(bytes);
    case 'mpg':
    case 'flac':
      return undefined;
  }
}

/** The chunk IEND, wherever it comes. PNG 5.3. */
async function endOfPng(bytes: Bytes): Promise<End> {
  for (let [offset, count] = [8, 0]; offset + 12 <= bytes.size; count++) {
    if (count === mostPieces) return 'too many';
    const header = await bytes.read(offset, 8);
    offset += 12 + header.readUInt32BE(0);
    if (header.toString('latin1', 4) === 'IEND') return offset;
  }
  return undefined;
}

/** AVI of more than 1 GiB is several RIFFs in a row. A length of 0 or of all ones was never filled in. */
async function endOfRiff(bytes: Bytes): Promise<End> {
  let end = 0;
  for (let count = 0; end + 12 <= bytes.size; count++) {
    if (count === mostPieces) return 'too many';
    const header = await bytes.read(end, 12);
    if (end > 0 && header.toString('latin1').slice(0, 4) !== 'RIFF') return end;
    if (end > 0 && header.toString('latin1', 8) !== 'AVIX') return end;
    const length = header.readUInt32LE(4);
    if (length === 0 || length === 0xffffffff) return undefined;
    end += 8 + length + (length % 2);
  }
  return end;
}

/** Behind the last of the pictures: cameras put smaller ones and maps of brightness behind the first (CIPA DC-007), and phones a film behind these. */
async function endOfJpegs(bytes: Bytes): Promise<End> {
  const pieces = { left: mostPieces };
  let end = await endOfJpeg(0, bytes, pieces);
  for (let count = 1; typeof end === 'number' && count < mostPictures; count++) {
    const next = nextJpeg(await bytes.read(end, 4096));
    if (next === undefined) return end;
    end = await endOfJpeg(end + next, bytes, pieces);
  }
  return end;
}

const mostPictures = 32;

/** Where behind a picture another begins; between them there may be zeros. */
function nextJpeg(behind: Buffer): number | undefined {
  const next = behind.findIndex((byte) => byte !== 0);
  return next >= 0 && behind.toString('latin1', next, next + 3) === '\xff\xd8\xff' ? next : undefined;
}

/** Segments, then scans up to a marker that is none of a scan's own, until the end of the image. ITU-T T.81, B.1. */
async function endOfJpeg(start: number, bytes: Bytes, pieces: { left: number }): Promise<End> {
  let offset = start + 2;
  while (offset + 4 <= bytes.size) {
    if (pieces.left-- <= 0) return 'too many';
    const header = await bytes.read(offset, 4);
    if (header[0] !== 0xff) return undefined;
    const marker = header[1]!;
    if (marker === 0xd9) return offset + 2;
    if (marker === 0xff) {
      offset = await behindFill(offset, bytes);
      continue;
    }
    offset += 2 + (standsAlone(marker) ? 0 : header.readUInt16BE(2));
    if (marker !== 0xda) continue;
    const next = await markerFrom(offset, bytes);
    if (next === undefined) return undefined;
    offset = next;
  }
  return offset + 2 === bytes.size ? bytes.size : undefined;
}

/** Reads begin small, because a scan may be made of nothing, and grow. */
const [leastBytes, mostBytes] = [1 << 12, 1 << 20];

/** Where the last of a run of fill bytes (B.1.1.2) stands, or the end of the file. */
async function behindFill(start: number, bytes: Bytes): Promise<number> {
  let size = leastBytes;
  for (let from = start; from < bytes.size; from += size, size = Math.min(4 * size, mostBytes)) {
    const at = (await bytes.read(from, size)).findIndex((byte) => byte !== 0xff);
    if (at >= 0) return from + at - 1;
  }
  return bytes.size;
}

const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** The next marker within a scan's data: not a stuffed 0xff, nor a restart. */
async function markerFrom(start: number, bytes: Bytes): Promise<number | undefined> {
  let size = leastBytes;
  for (let from = start; from < bytes.size; from += size, size = Math.min(4 * size, mostBytes)) {
    const piece = await bytes.read(from, size + 1);
    for (let at = piece.indexOf(0xff); at >= 0 && at < size; at = piece.indexOf(0xff, at + 1)) {
      const marker = piece[at + 1];
      if (marker === undefined) return undefined;
      if (marker !== 0 && marker !== 0xff && !(marker >= 0xd0 && marker <= 0xd7)) return from + at;
    }
  }
  return undefined;
}

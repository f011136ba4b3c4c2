/**
 * What a file is, by its content alone; its name and the type that was declared with it may only agree or not. Formats by their published signatures: ISO/IEC 14496-12 (boxes), RIFF, EBML, ISO/IEC 11172,
 * PNG, JPEG, Ogg, FLAC, POSIX tar, APPNOTE (zip), RFC 5322 (mail).
 */
import { gunzipSync, constants as zlib } from 'node:zlib';
import { type Bytes, withBytes } from './bytes.ts';
import { handlersOf } from './boxes.ts';
import { declaredAgrees, extensionOf, nameAgrees } from './claims.ts';
import { type FileType, isMedia } from './file-types.ts';
import { behindId3, mp3FrameBytes } from './mp3.ts';
import { twoInOne } from './two-in-one.ts';
import type { Reason } from './types.ts';

/** `held`: why nobody may judge it or take it apart, though its type is known; empty where all is well. */
export type Recognised = { type: FileType; held: Reason[] };

const headBytes = 1 << 16;

/**
 * What the file at `path` is, which its sender calls `name`, and says to be of the content type `declared`. Reads its beginning and end, and where it is made of pieces (boxes, chunks, pages, frames) the heads of these. Throws as `fs` does.
 */
export async function kindOfFile(path: string | Buffer, name: string, declared = ''): Promise<Recognised> {
  return withBytes(path, async (bytes) => {
    const head = await bytes.read(0, headBytes);
    const type = await typeOf(head, bytes, name);
    const held: Reason[] = [];
    if (bytes.size === 0) held.push({ code: 'E_EMPTY', message: 'The file is empty.' });
    else if (type === 'markup')
      held.push({ code: 'E_MARKUP', message: 'XML, SVG and HTML can run programs and are not opened.' });
    const other = isMedia(type) ? await twoInOne(type, head, bytes) : undefined;
    if (other) held.push(other);
    if (bytes.size > 0 && !nameAgrees(name, type))
      held.push({ code: 'E_NAME_DISAGREES', message: disagreement('name', type) });
    if (bytes.size > 0 && !declaredAgrees(declared, type))
      held.push({ code: 'E_TYPE_DISAGREES', message: disagreement('declared type', type) });
    return { type, held };
  });
}

async function typeOf(head: Buffer, bytes: Bytes, name: string): Promise<FileType> {
  const type = await bySignature(head, bytes);
  if (type !== undefined) return type === 'zip' && documents.has(extensionOf(name)) ? 'unknown' : type;
  if (isMarkup(head)) return 'markup';
  return isMail(head) ? 'eml' : 'unknown';
}

async function bySignature(head: Buffer, bytes: Bytes): Promise<FileType | undefined> {
  const at = (offset: number, text: string): boolean =>
    head.toString('latin1', offset, offset + text.length) === text;
  if (at(0, '\xff\xd8\xff')) return 'jpg';
  if (at(0, '\x89PNG\r\n\x1a\n')) return 'png';
  if (at(0, 'RIFF') || at(0, 'RF64'))
    return at(8, 'AVI ') ? 'avi' : at(8, 'WAVE') ? 'wav' : at(8, 'WEBP') ? 'webp' : 'unknown';
  if (at(0, '\x1a\x45\xdf\xa3')) return ofEbml(head);
  if (at(0, '\0\0\x01\xba') || at(0, '\0\0\x01\xb3')) return 'mpg';
  if (at(0, 'fLaC')) return 'flac';
  if (at(0, 'OggS')) return head.includes('theora') ? 'unknown' : 'ogg';
  // Some write the tag of MP3 before FLAC too.
  if (at(0, 'ID3'))
    return (await bytes.read(await behindId3(bytes, 0), 4)).toString('latin1') === 'fLaC' ? 'flac' : 'mp3';
  if (isMp3Frame(head)) return 'mp3';
  if (boxes.some((box) => at(4, box))) return await ofBoxes(head, bytes);
  if (at(0, 'PK\x03\x04') || at(0, 'PK\x05\x06')) return 'zip';
  if (at(257, 'ustar')) return 'tar';
  if (at(0, '\x1f\x8b')) return isTarInside(head) ? 'tgz' : 'unknown';
  return undefined;
}

/** What may stand first in a file of boxes; those of QuickTime before `ftyp` was invented too. */
const boxes = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot'];
const pictures = new Set([
  'heic',
  'heix',
  'hevc',
  'hevx',
  'heim',
  'heis',
  'mif1',
  'msf1',
  'avif',
  'avis',
  'crx ',
]);

/** Brands can be anything, so whether there is a picture is asked of the tracks: a film that is called sound would be heard and not seen. */
async function ofBoxes(head: Buffer, bytes: Bytes): Promise<FileType> {
  const brand = head.toString('latin1', 4, 8) === 'ftyp' ? head.toString('latin1', 8, 12) : 'qt  ';
  if (pictures.has(brand)) return 'unknown';
  const handlers = await handlersOf(bytes);
  if (!handlers.has('vide') && handlers.has('soun')) return 'm4a';
  return brand === 'qt  ' ? 'mov' : 'mp4';
}

function ofEbml(head: Buffer): FileType {
  const beginning = head.toString('latin1', 0, 128);
  return beginning.includes('webm') ? 'webm' : beginning.includes('matroska') ? 'mkv' : 'unknown';
}

/** Two frames of layer III in a row. */
function isMp3Frame(head: Buffer): boolean {
  const length = mp3FrameBytes(head, 0);
  return length !== undefined && (head.length <= length || mp3FrameBytes(head, length) !== undefined);
}

/** A look at the first block; nothing more is unpacked than so many bytes hold, at most a thousand times as much. */
const firstBytes = 4096;

function isTarInside(head: Buffer): boolean {
  try {
    const block = gunzipSync(head.subarray(0, firstBytes), {
      finishFlush: zlib.Z_SYNC_FLUSH,
      maxOutputLength: 2000 * firstBytes,
    });
    return block.toString('latin1', 257, 262) === 'ustar';
  } catch {
    return false;
  }
}

/** The first thing that is not space is a tag, a comment or a declaration; in UTF-8 or, as XML may be, in UTF-16. */
function isMarkup(head: Buffer): boolean {
  const text = head.subarray(0, 4096).toString('latin1').replaceAll('\0', '');
  return /^(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?\s*<[!?a-z]/i.test(text);
}

const known =
  /^(?:from|received|return-path|delivered-to|mime-version|message-id|subject|dkim-signature|x-[\w-]+):/i;

/** Header fields up to the first empty line, and among them two that letters have. RFC 5322, 2.2. */
function isMail(head: Buffer): boolean {
  const lines = head.toString('latin1').split(/\r?\n/);
  const end = lines.indexOf('');
  const fields = lines.slice(0, end >= 0 ? end : -1);
  if (!fields.every((line, i) => /^[!-9;-~]+[ \t]*:/.test(line) || (i > 0 && /^[ \t]/.test(line))))
    return false;
  return fields.filter((line) => known.test(line)).length >= 2;
}

/** Zips that are documents: no more read than a PDF. */
const documents = new Set(['docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'epub', 'jar', 'apk']);

function disagreement(claim: string, type: FileType): string {
  const content =
    type === 'unknown' ? 'of no format that is read' : type === 'markup' ? 'markup' : `that of ${type}`;
  return `The ${claim} says something else than the content, which is ${content}.`;
}

/** Where films and sounds end that are written as they come: Matroska, where it states its length, Ogg by its pages and MP3 by its frames. */
import type { Bytes } from './bytes.ts';
import { behindId3, mp3FrameBytes } from './mp3.ts';

/** Pieces that are looked through for the end. A file of 250 MB that consists of nothing else could have 60 million. */
export const mostPieces = 100_000;
/** Undefined where the file does not say. */
export type End = number | 'too many' | undefined;

const segment = 0x18538067;
/** What is nothing: `Void` and `CRC-32`. RFC 8794, 11.3. */
const fillers = new Set([0xec, 0xbf]);

/** Behind the one segment that follows the head. Undefined where it was written live, without a length. RFC 8794, RFC 9559. */
export async function endOfMatroska(bytes: Bytes): Promise<End> {
  let isBehind = false;
  for (let [offset, count] = [0, 0]; ; count++) {
    if (count === mostPieces) return 'too many';
    const element = elementOf(await bytes.read(offset, 12));
    const isSegment: boolean = element?.id === segment && !isBehind;
    if (!element || (offset > 0 && !isSegment && !fillers.has(element.id)))
      return isBehind ? offset : undefined;
    if (element.bytes === undefined) return undefined;
    isBehind ||= isSegment;
    offset += element.bytes;
  }
}

/** An element's id and its length with its head; undefined where there is no element. */
function elementOf(head: Buffer): { id: number; bytes: number | undefined } | undefined {
  const idBytes = Math.clz32(head[0] ?? 0) - 23;
  const first = head[idBytes] ?? 0;
  const sizeBytes = Math.clz32(first) - 23;
  if (idBytes > 4 || sizeBytes > 8 || head.length < idBytes + sizeBytes) return undefined;
  const id = head.readUIntBE(0, idBytes);
  const digits = [first & (0xff >> sizeBytes), ...head.subarray(idBytes + 1, idBytes + sizeBytes)];
  const size = digits.reduce((sum, byte) => 256 * sum + byte, 0);
  const isOpen = size === 2 ** (7 * sizeBytes) - 1;
  return { id, bytes: isOpen ? undefined : idBytes + sizeBytes + size };
}

/** Half an hour in the shortest blocks of Vorbis, each in a page of its own, has 620,000. */
const mostPages = 10 * mostPieces;

/** Behind the last of the pages that follow one another. RFC 3533, section 6. */
export async function endOfOgg(bytes: Bytes): Promise<End> {
  let offset = 0;
  for (let count = 0; ; count++) {
    if (count === mostPages) return 'too many';
    const head = await bytes.read(offset, 27 + 255);
    if (head.length < 27 || head.toString('latin1', 0, 4) !== 'OggS') return offset;
    const segments = head.subarray(27, 27 + head[26]!);
    offset += segments.reduce((sum, length) => sum + length, 27 + segments.length);
  }
}

/** Behind the last of the frames that follow one another, and the tags behind it. Undefined where there is no frame whose length is known. */
export async function endOfMp3(bytes: Bytes): Promise<End> {
  const start = await behindId3(bytes, 0);
  let offset = start;
  for (let count = 0; ; count++) {
    if (count === mostPieces) return 'too many';
    const length = mp3FrameBytes(await bytes.read(offset, 4), 0);
    if (length === undefined) break;
    offset += length;
  }
  return offset === start ? undefined : behindTags(bytes, offset);
}

/** ID3v1 is 128 bytes; of APE the length is that without its head. Whatever their order, each is there once at most. */
async function behindTags(bytes: Bytes, start: number): Promise<number> {
  let offset = start;
  for (let count = 0; count < 3; count++) {
    const head = await bytes.read(offset, 32);
    const isApe = head.length === 32 && head.toString('latin1', 0, 8) === 'APETAGEX';
    if (isApe) offset += 32 + head.readUInt32LE(12);
    else if (head.toString('latin1', 0, 3) === 'TAG') offset += 128;
    else offset = await behindId3(bytes, offset);
  }
  return offset;
}

/**
 * The elements of a Matroska or WebM file (EBML: id, size, content; RFC 8794). ffmpeg passes over one that it does not know without a word, and so
 * over a frame or a track whose id was damaged.
 */
import { open } from 'node:fs/promises';
import { limits } from './formats.ts';
import { type Read, windowOf } from './window.ts';

const segment = 0x18538067;
const cluster = 0x1f43b675;
const tracks = 0x1654ae6b;
const trackEntry = 0xae;
const blockGroup = 0xa0;
/** What is walked into; nothing else here has elements that frames could be lost with. */
const opened = new Set([segment, cluster, tracks, blockGroup]);
/** One frame, or some: by itself in a cluster, and inside a group. */
const [simpleBlock, block] = [0xa3, 0xa1];
/** Unsigned numbers: of a cluster its time, place and the size of the one before; of a group its duration and priority. */
const numbers = new Set([0xe7, 0xa7, 0xab, 0x9b, 0xfa]);
/** The rest of what a segment, its tracks, a cluster and a group of blocks may hold (RFC 9559, section 5.1 and annex A), and what may stand anywhere. */
const known = new Set(
  [
    [0x1a45dfa3, 0x114d9b74, 0x1549a966, 0x1c53bb6b, 0x1941a469, 0x1043a770, 0x1254c367, trackEntry],
    [0x5854, 0xaf, 0x75a1, 0xfb, 0xfd, 0xa4, 0x75a2, 0x8e, 0xc8, 0xbf, 0xec],
  ].flat(),
);
const knownTypes = new Set([1, 2, 3, 16, 17, 18, 32, 33]);
/** Of a track: its number and its kind. */
const [trackNumber, trackType] = [0xd7, 0x83];
const longestTrackBytes = 2 ** 20;
/** Each frame of each stream as a block in a group, with a duration and a reference. More would be walked through for as long as a file of nothing else lets it. */
const mostElements = 4 * limits.streams * limits.frames;
/** An id of at most four bytes and a size of at most eight. */
const longestHead = 12;

/** What no whole file has: an element that Matroska does not know, a track of no kind, a block of no track; undefined where all is well. */
export async function matroskaDamage(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    return await walk(windowOf(file));
  } finally {
    await file.close();
  }
}

async function walk(read: Read): Promise<string | undefined> {
  const numbersOfTracks = new Set<number>();
  let end = Number.POSITIVE_INFINITY;
  let [elements, groupEnd] = [0, 0];
  for (let at = 0; at < end; ) {
    const element = headOf(await read(at, longestHead));
    if (!element) return Number.isFinite(end) ? `it ends at byte ${at} of ${end}` : undefined;
    if (++elements > mostElements) return `more than ${mostElements} elements`;
    const { id, size, headBytes } = element;
    const content = at + headBytes;
    const damaged = `element 0x${id.toString(16)} at byte ${at}`;
    if (id === segment && size !== undefined) end = content + size;
    if (id === blockGroup) groupEnd = content + (size ?? 0);
    if (opened.has(id)) {
      at = content;
      continue;
    }
    if (size === undefined || (numbers.has(id) && size > 8)) return damaged;
    if (id === trackEntry) {
      const track = trackOf(await read(content, Math.min(size, longestTrackBytes)));
      elements += track.elements;
      if (!knownTypes.has(track.type)) return `track ${track.number} of kind ${track.type}`;
      numbersOfTracks.add(track.number);
    } else if (id === (content > groupEnd ? simpleBlock : block)) {
      const number = numberOf(await read(content, 8));
      if (!number || (numbersOfTracks.size > 0 && !numbersOfTracks.has(number.value)))
        return `${damaged}, of no track`;
    } else if (!numbers.has(id) && !known.has(id)) return damaged;
    at = content + size;
  }
  return undefined;
}

/** `elements`: how many it has. */
function trackOf(content: Buffer): { number: number; type: number; elements: number } {
  const track = { number: 0, type: 0, elements: 0 };
  for (let at = 0; at < content.length; ) {
    const element = headOf(content.subarray(at, at + longestHead));
    if (!element?.size) break;
    track.elements++;
    const value = content.subarray(at + element.headBytes, at + element.headBytes + element.size);
    if (element.id === trackNumber && value.length <= 6) track.number = value.readUIntBE(0, value.length);
    if (element.id === trackType && value.length <= 6) track.type = value.readUIntBE(0, value.length);
    at += element.headBytes + element.size;
  }
  return track;
}

/** `size` is undefined of an element that ends where the next one of its kind begins. Undefined where there is not as much as a head. */
function headOf(bytes: Buffer): { id: number; size: number | undefined; headBytes: number } | undefined {
  const idBytes = Math.clz32(bytes[0] ?? 0) - 23;
  if (bytes.length <= idBytes) return undefined;
  // No id is longer than four bytes; a zero byte is none that is known.
  const id = idBytes > 4 ? 0 : bytes.readUIntBE(0, idBytes);
  const size = numberOf(bytes.subarray(Math.min(idBytes, 4)));
  if (!size) return undefined;
  const isOpen = size.value === 2 ** (7 * size.bytes) - 1;
  return { id, size: isOpen ? undefined : size.value, headBytes: Math.min(idBytes, 4) + size.bytes };
}

/** A number of variable length: as many bytes as its first one has leading zeros, and one. */
function numberOf(bytes: Buffer): { value: number; bytes: number } | undefined {
  const length = Math.clz32(bytes[0] ?? 0) - 23;
  if (length > 8 || bytes.length < length) return undefined;
  let value = bytes[0]! & (0xff >> length);
  for (let i = 1; i < length; i++) value = value * 256 + bytes[i]!;
  return { value, bytes: length };
}

/**
 * Whether a file carries a C2PA manifest and what that says of the origin, by reading the container alone. No signature and no hash
 * is checked: whoever signed is unverified, and anyone can write or strip a manifest.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { inputFile } from './formats.ts';

/** `sourceTypes`: the digital source types (IPTC) it names, such as `trainedAlgorithmicMedia`. */
export type C2pa = { signer: 'not verified'; sourceTypes: string[] };

/** A larger manifest is read up to here. */
const manifestLimitBytes = 8 << 20;
/** Extended type of the `uuid` box of C2PA in ISO media (C2PA Technical Specification 2.1, A.5). */
const uuidOfC2pa = 'd8fec3d61b0e483c92975828877ec481';

/** A stretch of a file that holds a part of a manifest. */
type Part = { start: number; length: number };
/** One block of a container: how long it is with its header, and the part of a manifest in it. */
type Block = { length: number; part?: Part };
/** `first`: where the blocks begin. `read`: the block at `at`, whose first 32 bytes are `head` (fewer at the end of the file); undefined where the blocks end. */
type Container = { first: number; read(head: Buffer, at: number, size: number): Block | undefined };

/** A manifest lies near the beginning; a file of more blocks than that is made to keep a reader busy. */
const blockLimit = 20_000;

/**
 * The manifest of an MP4, MOV, M4A, JPEG, PNG, WebP, WAV or AVI, or undefined where there is none or the format has no place for it.
 * @throws ItemError as `inputFile`.
 */
export async function readC2pa(path: string): Promise<C2pa | undefined> {
  const { path: real, demuxer } = await inputFile(path);
  const container = containers[demuxer];
  if (!container) return undefined;
  const file = await open(real, 'r');
  try {
    const pieces: Buffer[] = [];
    let left = manifestLimitBytes;
    for await (const { start, length } of parts(file, container)) {
      pieces.push(await readAt(file, start, Math.min(left, length)));
      left -= pieces.at(-1)!.length;
      if (left <= 0) break;
    }
    return manifestIn(Buffer.concat(pieces).toString('latin1'));
  } finally {
    await file.close();
  }
}

/** A JUMBF superbox labelled `c2pa`; its claims are CBOR, in which a text stands as it is behind its length, or JSON, in quotes. */
function manifestIn(store: string): C2pa | undefined {
  if (!store.includes('jumb') || !store.includes('c2pa')) return undefined;
  const named = [...store.matchAll(/(?:\x78([^])|")(https?:\/\/[\w./]*\/digitalsourcetype\/\w+)/g)].map(
    // What follows a text in CBOR may be a letter too.
    ([, length, text]) => text!.slice(0, length?.charCodeAt(0)).replace(/^.*\//, ''),
  );
  return { signer: 'not verified', sourceTypes: [...new Set(named)].toSorted() };
}

async function* parts(file: FileHandle, { first, read }: Container): AsyncGenerator<Part> {
  const { size } = await file.stat();
  for (let at = first, blocks = 0; at + 8 <= size && blocks < blockLimit; blocks++) {
    const block = read(await readAt(file, at, 32), at, size);
    if (!block) return;
    if (block.part) yield block.part;
    at += block.length;
  }
}

/** Boxes: size, type, and a longer size where that is 1; 0 reaches to the end. */
const isoMedia: Container = {
  first: 0,
  read(head, at, size) {
    const short = head.readUInt32BE(0);
    if (short === 1 && head.length < 16) return undefined;
    const header = short === 1 ? 16 : 8;
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short || size - at;
    if (length < header) return undefined;
    const ours =
      head.toString('latin1', 4, 8) === 'uuid' && head.toString('hex', header, header + 16) === uuidOfC2pa;
    const part = { start: at + header + 16, length: length - header - 16 };
    return ours && part.length > 0 ? { length, part } : { length };
  },
};

/** Chunks behind the signature: length, type, data, checksum. */
const png: Container = {
  first: 8,
  read(head, at) {
    const length = head.readUInt32BE(0);
    const whole = { length: 12 + length };
    return head.toString('latin1', 4, 8) === 'caBX' ? { ...whole, part: { start: at + 8, length } } : whole;
  },
};

/** Chunks behind the header: type, length, data, filled up to an even length. */
const riff: Container = {
  first: 12,
  read(head, at) {
    const length = head.readUInt32LE(4);
    const whole = { length: 8 + length + (length % 2) };
    return head.toString('latin1', 0, 4) === 'C2PA' ? { ...whole, part: { start: at + 8, length } } : whole;
  },
};

/** Segments before the picture; those of JUMBF (APP11, `JP`) have eight bytes in front. */
const jpeg: Container = {
  first: 2,
  read(head, at) {
    const [marker, length] = [head[1]!, head.readUInt16BE(2)];
    if (head[0] !== 0xff || marker === 0xda || length < 2) return undefined;
    const ours = marker === 0xeb && head.toString('latin1', 4, 6) === 'JP' && length > 10;
    return { length: 2 + length, ...(ours ? { part: { start: at + 12, length: length - 10 } } : {}) };
  },
};

const containers: Record<string, Container | undefined> = {
  'mov,mp4,m4a,3gp,3g2,mj2': isoMedia,
  png,
  jpeg,
  wav: riff,
  avi: riff,
  webp: riff,
};

/** Up to `length` bytes from `start` on. */
async function readAt(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, start);
  return buffer.subarray(0, bytesRead);
}

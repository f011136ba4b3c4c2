/** The index of an AVI file: ffmpeg passes over a chunk whose name is damaged without a word, but the index still names it. */
import { open } from 'node:fs/promises';
import { type Read, windowOf } from './window.ts';

/** A program could put anything there; more than the packets that are read at most is nothing to compare with. */
const longestIndexBytes = 16 * 200_000;
/** Before it stand the header, the list of frames, some words about them and room left free. */
const mostChunksBefore = 1000;

/**
 * How many chunks that hold something the index (`idx1`: name, flags, place and size of each, four bytes every one) has of each stream; empty where
 * there is no index, undefined where there are more chunks than stand before one in any film.
 */
export async function countAviChunks(path: string): Promise<number[] | undefined> {
  const file = await open(path, 'r');
  try {
    const index = await readIndex(windowOf(file));
    if (!index) return undefined;
    const counts: number[] = [];
    for (let at = 0; at + 16 <= index.length; at += 16) {
      const [, stream] = /^(\d\d)(?:d[bc]|wb)$/.exec(index.toString('latin1', at, at + 4)) ?? [];
      if (stream === undefined || index.readUInt32LE(at + 12) === 0) continue;
      counts[Number(stream)] = (counts[Number(stream)] ?? 0) + 1;
    }
    return counts;
  } finally {
    await file.close();
  }
}

/** The content of the chunk `idx1` of the first RIFF, which stands behind the list of frames. */
async function readIndex(read: Read): Promise<Buffer | undefined> {
  let at = 12;
  for (let i = 0; i <= mostChunksBefore; i++) {
    const header = await read(at, 8);
    if (header.length < 8) return Buffer.alloc(0);
    const size = header.readUInt32LE(4);
    if (header.toString('latin1', 0, 4) === 'idx1') return read(at + 8, Math.min(size, longestIndexBytes));
    at += 8 + size + (size % 2);
  }
  return undefined;
}

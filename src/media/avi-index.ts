/** The index of an AVI file: ffmpeg passes over a chunk whose name is damaged without a word, but the index still names it. */
import { type FileHandle, open } from 'node:fs/promises';

/** A program could put anything there; more than the packets that are read at most is nothing to compare with. */
const longestIndexBytes = 16 * 200_000;

/**
 * How many chunks that hold something the index (`idx1`: name, flags, place and size of each, four bytes every one) has of each stream; empty where
 * there is no index.
 */
export async function countAviChunks(path: string): Promise<number[]> {
  const file = await open(path, 'r');
  try {
    const index = await readIndex(file);
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
async function readIndex(file: FileHandle): Promise<Buffer> {
  const firstChunk = 12;
  const header = Buffer.alloc(8);
  for (let at = firstChunk; ; ) {
    if ((await file.read(header, 0, 8, at)).bytesRead < 8) return Buffer.alloc(0);
    const size = header.readUInt32LE(4);
    if (header.toString('latin1', 0, 4) === 'idx1') {
      const content = Buffer.alloc(Math.min(size, longestIndexBytes));
      const { bytesRead } = await file.read(content, 0, content.length, at + 8);
      return content.subarray(0, bytesRead);
    }
    at += 8 + size + (size % 2);
  }
}

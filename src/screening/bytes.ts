/** A file of any size read in pieces, wherever one is wanted. */
import { open } from 'node:fs/promises';

export type Bytes = {
  size: number;
  /** What lies at `offset`: `length` bytes, fewer at the end of the file, none behind it. */
  read(offset: number, length: number): Promise<Buffer>;
};

/** Little reads are served out of pieces of this size: tables of contents are read entry by entry. */
const windowBytes = 16_384;

/** Opens the file for as long as `use` takes. Throws as `fs` does. */
export async function withBytes<T>(path: string | Buffer, use: (bytes: Bytes) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let near: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };
    const readNow = async (offset: number, length: number): Promise<Buffer> => {
      const room = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      const { bytesRead } = await file.read(room, 0, room.length, offset);
      return room.subarray(0, bytesRead);
    };
    return await use({
      size,
      async read(offset, length) {
        if (length > windowBytes / 4) return readNow(offset, length);
        const end = Math.min(size, offset + length);
        if (offset < near.start || end > near.start + near.bytes.length)
          near = { start: offset, bytes: await readNow(offset, windowBytes) };
        return Buffer.from(near.bytes.subarray(offset - near.start, end - near.start));
      },
    });
  } finally {
    await file.close();
  }
}

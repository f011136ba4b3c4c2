/** A file of any size read in pieces, wherever one is wanted. */
import { open } from 'node:fs/promises';

export type Bytes = {
  size: number;
  /** What lies at `offset`: `length` bytes, fewer at the end of the file, none behind it. */
  read(offset: number, length: number): Promise<Buffer>;
};

/** Kept from one read to the next: a file may be made of millions of parts of a few bytes. */
const windowBytes = 4096;

/** Opens the file for as long as `use` takes. Throws as `fs` does. */
export async function withBytes<T>(path: string | Buffer, use: (bytes: Bytes) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let [start, window] = [0, Buffer.alloc(0)];
    return await use({
      size,
      async read(offset, length) {
        const wanted = Math.max(0, Math.min(length, size - offset));
        if (offset < start || offset + wanted > start + window.length) {
          const room = Buffer.alloc(Math.max(wanted, Math.min(windowBytes, size - offset)));
          const { bytesRead } = await file.read(room, 0, room.length, offset);
          [start, window] = [offset, room.subarray(0, bytesRead)];
        }
        return window.subarray(offset - start, offset - start + wanted);
      },
    });
  } finally {
    await file.close();
  }
}

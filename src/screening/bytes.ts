/** A file of any size read in pieces, wherever one is wanted. */
import { open } from 'node:fs/promises';

export type Bytes = {
  size: number;
  /** What lies at `offset`: `length` bytes, fewer at the end of the file, none behind it. */
  read(offset: number, length: number): Promise<Buffer>;
};

/** Opens the file for as long as `use` takes. Throws as `fs` does. */
export async function withBytes<T>(path: string | Buffer, use: (bytes: Bytes) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await use({
      size,
      async read(offset, length) {
        const room = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
        const { bytesRead } = await file.read(room, 0, room.length, offset);
        return room.subarray(0, bytesRead);
      },
    });
  } finally {
    await file.close();
  }
}

/** Reading here and there in a large file, mostly forward. */
import type { FileHandle } from 'node:fs/promises';

/** `length` bytes from `at` on, fewer at the end of the file. */
export type Read = (at: number, length: number) => Promise<Buffer>;

const windowBytes = 1 << 16;

/** Bytes of the file, from a window that moves along. */
export function windowOf(file: FileHandle): Read {
  let window = Buffer.alloc(0);
  let start = 0;
  return async (at, length) => {
    if (at < start || at + length > start + window.length) {
      const next = Buffer.alloc(Math.max(length, windowBytes));
      const { bytesRead } = await file.read(next, 0, next.length, at);
      [window, start] = [next.subarray(0, bytesRead), at];
    }
    return window.subarray(at - start, at - start + length);
  };
}

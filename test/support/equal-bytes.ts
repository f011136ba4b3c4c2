/**
 * Lets `toEqual` compare the bytes of typed arrays first. Left to itself it asks for every element by name, millions in a clip's frames. Only that they are equal
 * is said here, of arrays of one kind with the very same bytes; whatever else there is, vitest compares as ever and shows the difference.
 */
import { expect } from 'vitest';

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

expect.addEqualityTesters([
  (a, b) => {
    if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return undefined;
    return bytesOf(a).equals(bytesOf(b)) ? true : undefined;
  },
]);

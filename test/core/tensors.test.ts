import { expect, test } from 'vitest';
import { decodeTensors, encodeTensors } from '../../src/tensors.ts';

const tensors = {
  weights: { shape: [2, 3], data: Float32Array.from([1, -2, 3.5, Number.MIN_VALUE, 0, 1e30]) },
  indices: { shape: [2], data: Int32Array.from([-5, 7]) },
  empty: { shape: [0, 4], data: new Float32Array(0) },
};

test('what is written is read back, and equal tensors give equal bytes in any order', () => {
  const bytes = encodeTensors(tensors);
  expect(decodeTensors(bytes)).toEqual(tensors);
  expect(encodeTensors(Object.fromEntries(Object.entries(tensors).toReversed()))).toEqual(bytes);
});

test('the header is the safetensors layout', () => {
  const bytes = encodeTensors(tensors);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
  expect(header.indices).toEqual({ dtype: 'I32', shape: [2], data_offsets: [0, 8] });
  expect((8 + length) % 8).toBe(0);
});

test('damage is refused', () => {
  const bytes = encodeTensors(tensors);
  expect(() => decodeTensors(bytes.subarray(0, 4))).toThrow('not a tensor file');
  expect(() => decodeTensors(bytes.subarray(0, bytes.length - 8))).toThrow('damaged');
  expect(() => encodeTensors({ bad: { shape: [3], data: new Float32Array(2) } })).toThrow('does not hold');
});

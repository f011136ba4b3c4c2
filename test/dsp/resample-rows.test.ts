import { expect, test } from 'vitest';
import { resampleRows } from '../../src/dsp/resample-rows.ts';

test('rows of a straight line stay on it, and the last is held', () => {
  const rows = Float32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? i / 2 : -i));
  const result = resampleRows(rows, { width: 2, fromRate: 50, toRate: 30, count: 8 });
  const times = Array.from({ length: 8 }, (_, j) => Math.min(9, (j * 50) / 30));
  times.forEach((time, j) => {
    expect(result[j * 2]).toBeCloseTo(time, 5);
    expect(result[j * 2 + 1]).toBeCloseTo(-(2 * time + 1), 5);
  });
});

test('rows that do not fit their width are refused', () => {
  expect(() => resampleRows(new Float32Array(5), { width: 2, fromRate: 1, toRate: 1, count: 1 })).toThrow(
    RangeError,
  );
});

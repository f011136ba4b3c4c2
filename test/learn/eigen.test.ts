import { expect, test } from 'vitest';
import { leadingEigenvectors, symmetricEigen } from '../../src/learn/eigen.ts';
import { createRng } from '../../src/random.ts';

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Rows with `rank` directions of falling strength. */
function rowsOf(count: number, width: number, rank: number): Float64Array[] {
  const rng = createRng(1, 'eigen', count, width, rank);
  const directions = Array.from({ length: rank }, () =>
    Float64Array.from({ length: width }, () => rng.normal()),
  );
  return Array.from({ length: count }, () => {
    const row = new Float64Array(width);
    directions.forEach((direction, k) => {
      const strength = rng.normal() / (k + 1) ** 2;
      direction.forEach((value, i) => (row[i]! += strength * value));
    });
    return row;
  });
}

function gramOf(rows: readonly Float64Array[], width: number): Float64Array {
  const gram = new Float64Array(width * width);
  for (const row of rows)
    for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) gram[i * width + j]! += row[i]! * row[j]!;
  return gram;
}

test('eigenvectors are of length 1, at right angles, and only stretched by the matrix', () => {
  const n = 9;
  const matrix = gramOf(rowsOf(30, n, n), n);
  const { values, vectors } = symmetricEigen(matrix, n);
  const row = (i: number): Float64Array => vectors.subarray(i * n, (i + 1) * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) expect(dot(row(i), row(j))).toBeCloseTo(i === j ? 1 : 0, 10);
    const image = Float64Array.from({ length: n }, (_, k) =>
      dot(matrix.subarray(k * n, (k + 1) * n), row(i)),
    );
    image.forEach((value, k) =>
      expect(value / values[0]!).toBeCloseTo((values[i]! * row(i)[k]!) / values[0]!, 10),
    );
    if (i > 0) expect(values[i]!).toBeLessThanOrEqual(values[i - 1]!);
  }
  expect(() => symmetricEigen(matrix, 8)).toThrow('81 values are not a 8×8 matrix');
});

test('the leading eigenvectors of many rows are those of their Gram matrix', () => {
  const [width, count] = [24, 4];
  const rows = rowsOf(60, width, width);
  const all = symmetricEigen(gramOf(rows, width), width);
  const { values, vectors } = leadingEigenvectors(rows, width, count, createRng(1, 'start'));
  for (let i = 0; i < count; i++) {
    expect(values[i]! / all.values[i]!).toBeCloseTo(1, 6);
    const [a, b] = [vectors, all.vectors].map((from) => from.subarray(i * width, (i + 1) * width));
    expect(Math.abs(dot(a!, b!))).toBeCloseTo(1, 5);
  }
});

test('directions that the rows do not have are zeros', () => {
  const { values, vectors } = leadingEigenvectors(rowsOf(20, 30, 2), 30, 5, createRng(1, 'start'));
  expect([...values].map((value) => value > 0)).toEqual([true, true, false, false, false]);
  expect(vectors.subarray(60).every((value) => value === 0)).toBe(true);
  expect(leadingEigenvectors([], 6, 2, createRng(1, 'start')).values).toEqual(new Float64Array(2));
});

import { expect, it } from 'vitest';
import { solvePositiveDefinite } from '../../src/learn/cholesky.ts';
import { createRng } from '../../src/random.ts';

it('solves A·X = B to rounding, reading the lower triangle alone', () => {
  const rng = createRng(1, 'cholesky-test');
  const [n, columns] = [7, 3];
  const factor = Float64Array.from({ length: n * n }, () => rng.normal());
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) a[i * n + j]! += factor[i * n + k]! * factor[j * n + k]!;
  const b = Float64Array.from({ length: n * columns }, () => rng.normal());
  const lower = a.map((value, at) => (at % n > Math.floor(at / n) ? Number.NaN : value));
  const x = solvePositiveDefinite(lower, b, columns);
  for (let i = 0; i < n; i++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * x[k * columns + column]!;
      expect(sum).toBeCloseTo(b[i * columns + column]!, 9);
    }
  }
});

it('refuses a matrix that is not positive definite or does not fit', () => {
  expect(() => solvePositiveDefinite(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1))).toThrow(
    'not positive definite',
  );
  expect(() => solvePositiveDefinite(Float64Array.of(1, 2, 2), Float64Array.of(1, 1))).toThrow(
    'not a 2×2 matrix',
  );
});

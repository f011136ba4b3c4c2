/**
 * Solves A·X = B for a symmetric positive definite A by Cholesky's decomposition A = L·Lᵀ (Golub and Van Loan, Matrix
 * Computations, 4.2).
 * @param matrix A, n×n values, row-major; only the lower triangle is read.
 * @param right B, n×`columns` values, row-major. Neither is changed.
 * Throws RangeError when A is not positive definite.
 */
export function solvePositiveDefinite(matrix: Float64Array, right: Float64Array, columns = 1): Float64Array {
  const n = right.length / columns;
  if (matrix.length !== n * n) throw new RangeError(`${matrix.length} values are not a ${n}×${n} matrix`);
  const lower = factor(matrix, n);
  const x = Float64Array.from(right);
  for (let column = 0; column < columns; column++) {
    for (let i = 0; i < n; i++) {
      let sum = x[i * columns + column]!;
      for (let k = 0; k < i; k++) sum -= lower[i * n + k]! * x[k * columns + column]!;
      x[i * columns + column] = sum / lower[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i * columns + column]!;
      for (let k = i + 1; k < n; k++) sum -= lower[k * n + i]! * x[k * columns + column]!;
      x[i * columns + column] = sum / lower[i * n + i]!;
    }
  }
  return x;
}

/** L, with what stands above its diagonal left as it was. */
function factor(matrix: Float64Array, n: number): Float64Array {
  const lower = Float64Array.from(matrix);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      if (i === j && !(sum > 0)) throw new RangeError(notDefinite);
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j]!;
    }
  }
  return lower;
}

const notDefinite =
  'the matrix is not positive definite: the samples do not determine the solution, regularise more';

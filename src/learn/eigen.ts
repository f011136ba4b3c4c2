/** Eigenvectors of symmetric matrices: all of a small one, the leading ones of a large one. */
import type { Rng } from '../random.ts';

/** `values` from the largest down, `vectors` row by row in the same order, each of length 1. */
export type Eigen = { values: Float64Array; vectors: Float64Array };

const sweeps = 60;

/** All eigenvectors of a symmetric n×n matrix (row-major), by Jacobi's cyclic rotations (Golub and Van Loan, Matrix Computations, 8.5). For n up to some tens. */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): Eigen {
  if (matrix.length !== n * n) throw new RangeError(`${matrix.length} values are not a ${n}×${n} matrix`);
  const a = Float64Array.from(matrix);
  const v = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const size = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let beside = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) beside += a[p * n + q]! ** 2;
    if (beside <= 1e-30 * size) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).toSorted((i, j) => a[j * n + j]! - a[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => vectors.set(v.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

/** One rotation, which makes a_pq zero. The rows of `v` become the eigenvectors. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const turn = (values: Float64Array, i: number, j: number): void => {
    const [x, y] = [values[i]!, values[j]!];
    values[i] = c * x - s * y;
    values[j] = s * x + c * y;
  };
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k);
  for (let k = 0; k < n; k++) turn(v, p * n + k, q * n + k);
}

const iterations = 30;
/** Below this share of the largest eigenvalue there is nothing left but rounding. */
const negligible = 1e-9;

/**
 * The `count` leading eigenvectors of XᵀX for `rows` (X, row by row, `width` values each), by orthogonal iteration with Rayleigh–Ritz (Golub
 * and Van Loan, 8.2.4): XᵀX is never multiplied out. Where the rows span fewer dimensions, the rest are zeros with value 0.
 */
export function leadingEigenvectors(
  rows: readonly Float64Array[],
  width: number,
  count: number,
  rng: Rng,
): Eigen {
  const first = Float64Array.from({ length: count * width }, () => rng.normal());
  let vectors = orthonormal(first, count, width);
  let values: Float64Array = new Float64Array(count);
  for (let i = 0; i < iterations; i++) {
    const image = imageOf(rows, vectors, count, width);
    const small = new Float64Array(count * count);
    for (let a = 0; a < count; a++)
      for (let b = 0; b < count; b++) small[a * count + b] = dot(vectors, a, image, b, width);
    const ritz = symmetricEigen(small, count);
    values = ritz.values;
    vectors = orthonormal(combine(ritz.vectors, image, count, width), count, width);
  }
  const isLost = (a: number): boolean => values[a]! <= negligible * values[0]!;
  return {
    values: values.map((value, a) => (isLost(a) ? 0 : value)),
    vectors: vectors.map((value, i) => (isLost(Math.floor(i / width)) ? 0 : value)),
  };
}

/** Every row of `weights` as a sum of vectors. */
function combine(weights: Float64Array, vectors: Float64Array, count: number, width: number): Float64Array {
  const sums = new Float64Array(count * width);
  for (let a = 0; a < count; a++)
    for (let b = 0; b < count; b++) {
      const weight = weights[a * count + b]!;
      for (let k = 0; k < width; k++) sums[a * width + k]! += weight * vectors[b * width + k]!;
    }
  return sums;
}

/** XᵀX times every vector. */
function imageOf(rows: readonly Float64Array[], basis: Float64Array, count: number, width: number) {
  const image = new Float64Array(count * width);
  for (const row of rows)
    for (let a = 0; a < count; a++) {
      let weight = 0;
      for (let k = 0; k < width; k++) weight += row[k]! * basis[a * width + k]!;
      for (let k = 0; k < width; k++) image[a * width + k]! += weight * row[k]!;
    }
  return image;
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, width: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += a[i * width + k]! * b[j * width + k]!;
  return sum;
}

/** Gram–Schmidt, twice, which is enough in double precision. */
function orthonormal(vectors: Float64Array, count: number, width: number): Float64Array {
  for (let pass = 0; pass < 2; pass++)
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < a; b++) {
        const share = dot(vectors, a, vectors, b, width);
        for (let k = 0; k < width; k++) vectors[a * width + k]! -= share * vectors[b * width + k]!;
      }
      const length = Math.sqrt(dot(vectors, a, vectors, a, width));
      if (length > 0) for (let k = 0; k < width; k++) vectors[a * width + k]! /= length;
    }
  return vectors;
}

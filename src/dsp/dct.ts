/** The orthonormal discrete cosine transform (type II) as a matrix. */

/** Row k, column n: c(k) · cos(π (2n + 1) k / 2N) with c(0) = √(1/N), else √(2/N). Its transpose is its inverse. Row-major, N × N. */
export function dctMatrix(size: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let k = 0; k < size; k++)
    for (let n = 0; n < size; n++)
      matrix[k * size + n] =
        Math.sqrt((k === 0 ? 1 : 2) / size) * Math.cos((Math.PI * (2 * n + 1) * k) / (2 * size));
  return matrix;
}

/** 1 where `first` ≤ row + column ≤ `last`, else 0; row-major, size × size. The band of a transform's coefficients. */
export function diagonalBand(size: number, first: number, last: number): Float32Array {
  const band = new Float32Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) band[i * size + j] = i + j >= first && i + j <= last ? 1 : 0;
  return band;
}

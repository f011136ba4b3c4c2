/** Wavelet transforms of square pictures: Daubechies' orthonormal filters of eight taps (db4), periodic at the borders. */

/** The scaling filter (Daubechies: Ten Lectures on Wavelets, 1992, table 6.1, four vanishing moments). */
const low = [
  0.23037781330885523, 0.7148465705525415, 0.6308807679295904, -0.02798376941698385, -0.18703481171888114,
  0.030841381835986965, 0.032883011666982945, -0.010597401784997278,
];
const high = low.map((_, n) => (n % 2 === 0 ? 1 : -1) * low[low.length - 1 - n]!);

/**
 * One picture of size×size as its coefficients, in place of the picture: after each level the approximation stands in the upper left
 * quarter of the one before, the details beside and below it. `size` is divisible by 2^levels.
 */
export function waveletTransform(picture: ArrayLike<number>, size: number, levels: number): Float64Array {
  const values = Float64Array.from(picture);
  for (let level = 0, side = size; level < levels; level++, side /= 2) alongBoth(values, size, side, analyse);
  return values;
}

/** The picture of these coefficients. */
export function inverseWavelet(coefficients: ArrayLike<number>, size: number, levels: number): Float64Array {
  const values = Float64Array.from(coefficients);
  for (let level = levels - 1; level >= 0; level--) alongBoth(values, size, size / 2 ** level, synthesise);
  return values;
}

type Step = (line: Float64Array, out: Float64Array) => void;

/** Rows and columns of the upper left `side`×`side` values. Each is orthonormal, so their order does not matter. */
function alongBoth(values: Float64Array, size: number, side: number, step: Step): void {
  const [line, out] = [new Float64Array(side), new Float64Array(side)];
  for (const [across, along] of [
    [size, 1],
    [1, size],
  ] as const) {
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) line[j] = values[i * across + j * along]!;
      step(line, out);
      for (let j = 0; j < side; j++) values[i * across + j * along] = out[j]!;
    }
  }
}

function analyse(line: Float64Array, out: Float64Array): void {
  const half = line.length / 2;
  for (let k = 0; k < half; k++) {
    let [a, d] = [0, 0];
    for (let n = 0; n < low.length; n++) {
      const value = line[(2 * k + n) % line.length]!;
      a += low[n]! * value;
      d += high[n]! * value;
    }
    out[k] = a;
    out[half + k] = d;
  }
}

function synthesise(line: Float64Array, out: Float64Array): void {
  const half = line.length / 2;
  out.fill(0);
  for (let k = 0; k < half; k++)
    for (let n = 0; n < low.length; n++)
      out[(2 * k + n) % line.length]! += low[n]! * line[k]! + high[n]! * line[half + k]!;
}

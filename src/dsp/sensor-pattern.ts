/**
 * The fixed pattern of a camera's sensor (photo response non-uniformity) in what denoising takes away: Lukáš, Fridrich, Goljan: Digital
 * Camera Identification from Sensor Pattern Noise, IEEE TIFS 2006; Chen, Fridrich, Goljan, Lukáš: Determining Image Origin and
 * Integrity Using Sensor Noise, IEEE TIFS 2008. Pictures are square, row-major, their side a power of two of at least 16 px, in grey levels.
 */
import { type Complex, fft2d } from './fft.ts';
import { inverseWavelet, waveletTransform } from './wavelet.ts';

const levels = 4;
/** Variance of the noise that is looked for, in grey levels squared. */
const noiseVariance = 25;
const windows = [3, 5, 7, 9];
/** Around a peak of the correlation; not counted as its background. */
const neighbourhood = 2;

/** What an adaptive Wiener filter of the four-level wavelet coefficients takes for noise. */
export function noiseResidual(picture: ArrayLike<number>, size: number): Float64Array {
  const coefficients = waveletTransform(picture, size, levels);
  const noise = new Float64Array(size * size);
  for (let half = size / 2; half >= size / 2 ** levels; half /= 2) {
    for (const [left, top] of [
      [half, 0],
      [0, half],
      [half, half],
    ] as const) {
      const band = new Float64Array(half * half);
      for (let y = 0; y < half; y++)
        for (let x = 0; x < half; x++) band[y * half + x] = coefficients[(top + y) * size + left + x]!;
      const found = wienerNoise(band, half, noiseVariance);
      for (let y = 0; y < half; y++)
        for (let x = 0; x < half; x++) noise[(top + y) * size + left + x] = found[y * half + x]!;
    }
  }
  return inverseWavelet(noise, size, levels);
}

/**
 * The part of each value that is noise of the given variance: x · v / (s + v), where s is the least variance of the signal that windows
 * of 3, 5, 7 and 9 around it show (mean of x² − v, at least 0; zeros beyond the border).
 */
export function wienerNoise(values: Float64Array, size: number, variance: number): Float64Array {
  const sums = integralOfSquares(values, size);
  const inside = (i: number): number => Math.max(0, Math.min(size, i));
  return values.map((value, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    let signal = Infinity;
    for (const width of windows) {
      const reach = (width - 1) / 2;
      const [left, right] = [inside(x - reach), inside(x + reach + 1)];
      const [top, bottom] = [inside(y - reach) * (size + 1), inside(y + reach + 1) * (size + 1)];
      const energy = sums[bottom + right]! - sums[bottom + left]! - sums[top + right]! + sums[top + left]!;
      signal = Math.min(signal, Math.max(0, energy / (width * width) - variance));
    }
    return variance === 0 ? 0 : (value * variance) / (signal + variance);
  });
}

/** Entry (y, x) of (size + 1)² is the sum of squares above and left of it. */
function integralOfSquares(values: Float64Array, size: number): Float64Array {
  const sums = new Float64Array((size + 1) ** 2);
  for (let y = 0; y < size; y++) {
    let row = 0;
    for (let x = 0; x < size; x++) {
      row += values[y * size + x]! ** 2;
      sums[(y + 1) * (size + 1) + x + 1] = sums[y * (size + 1) + x + 1]! + row;
    }
  }
  return sums;
}

/** Estimates a pattern K from pictures I with residuals W: ΣW·I / (ΣI² + 1), cleaned of what lines and periods all cameras share. */
export function sensorPattern(pictures: readonly ArrayLike<number>[], size: number): Float64Array {
  const [product, square] = [new Float64Array(size * size), new Float64Array(size * size)];
  for (const picture of pictures) {
    const residual = noiseResidual(picture, size);
    for (let i = 0; i < product.length; i++) {
      product[i]! += residual[i]! * picture[i]!;
      square[i]! += picture[i]! ** 2;
    }
  }
  return cleaned(
    product.map((value, i) => value / (square[i]! + 1)),
    size,
  );
}

/** Rows and columns of each 2×2 sub-lattice with mean 0, and peaks of the spectrum flattened by a Wiener filter. */
export function cleaned(pattern: Float64Array, size: number): Float64Array {
  const centred = zeroMeans(pattern, size);
  const mean = centred.reduce((sum, value) => sum + value, 0) / centred.length;
  const variance = centred.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (centred.length - 1);
  const { real, imaginary } = fft2d(centred, size);
  const heights = real.map((value, i) => Math.hypot(value, imaginary[i]!) / size);
  const noise = wienerNoise(heights, size, variance);
  const kept = heights.map((height, i) => (height > 0 ? noise[i]! / height : 0));
  return inverseReal(
    { real: real.map((v, i) => v * kept[i]!), imaginary: imaginary.map((v, i) => v * kept[i]!) },
    size,
  );
}

/** Without the means of rows and columns of each 2×2 sub-lattice, as colour filters and read-out lines leave them. */
export function zeroMeans(values: Float64Array, size: number): Float64Array {
  const out = Float64Array.from(values);
  const half = size / 2;
  for (const along of [1, size]) {
    const across = along === 1 ? size : 1;
    for (let line = 0; line < size; line++) {
      for (const first of [0, 1]) {
        const at = (j: number): number => line * across + (first + 2 * j) * along;
        let sum = 0;
        for (let j = 0; j < half; j++) sum += out[at(j)]!;
        for (let j = 0; j < half; j++) out[at(j)]! -= sum / half;
      }
    }
  }
  return out;
}

/**
 * Peak to correlation energy of two patterns that lie on one another, with the sign of their correlation: the square of the circular
 * cross-correlation without shift, over its mean square at all shifts, those within two pixels of none counted as 0.
 * 0 where either is empty.
 */
export function signedPce(a: Float64Array, b: Float64Array, size: number): number {
  const [first, second] = [fft2d(a, size), fft2d(b, size)];
  const cross = inverseReal(
    {
      real: first.real.map((re, i) => re * second.real[i]! + first.imaginary[i]! * second.imaginary[i]!),
      imaginary: first.imaginary.map((im, i) => im * second.real[i]! - first.real[i]! * second.imaginary[i]!),
    },
    size,
  );
  const far = (i: number): boolean => Math.min(i, size - i) > neighbourhood;
  let energy = 0;
  for (let i = 0; i < cross.length; i++)
    if (far(i % size) || far(Math.floor(i / size))) energy += cross[i]! ** 2 / cross.length;
  return energy > 0 ? (Math.sign(cross[0]!) * cross[0]! ** 2) / energy : 0;
}

/** The inverse transform of a spectrum whose picture is real, by two transforms of real pictures: x = (Re F{Re X} + Im F{Im X}) / N. */
function inverseReal({ real, imaginary }: Complex, size: number): Float64Array {
  const [a, b] = [fft2d(real, size), fft2d(imaginary, size)];
  return a.real.map((value, i) => (value + b.imaginary[i]!) / (size * size));
}

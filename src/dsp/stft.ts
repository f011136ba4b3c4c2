/** Short-time Fourier transforms: periodic Hann windows, the first one centred on sample 0, silence beyond the ends. */
import { type Complex, fft, realFft } from './fft.ts';

/** Samples of a window (a power of two) and from one to the next. */
export type Frames = { size: number; hop: number };

/** w[n] = ½ − ½ cos(2πn / size). */
export function hann(size: number): Float64Array {
  const window = new Float64Array(size);
  for (let n = 0; n < size; n++) window[n] = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size);
  return window;
}

/** One spectrum (bins 0 to size / 2) per hop, 1 + ⌊length / hop⌋ of them. */
export function stft(samples: Float32Array, { size, hop }: Frames): Complex[] {
  const window = hann(size);
  const segment = new Float64Array(size);
  return Array.from({ length: 1 + Math.floor(samples.length / hop) }, (_, t) => {
    for (let n = 0; n < size; n++) segment[n] = window[n]! * (samples[t * hop - size / 2 + n] ?? 0);
    return realFft(segment);
  });
}

/** |X|² of each bin. */
export const powerOf = ({ real, imaginary }: Complex): Float64Array =>
  real.map((value, k) => value * value + imaginary[k]! * imaginary[k]!);

/**
 * The sound of `length` samples whose spectra come nearest to these in the least squares (Griffin & Lim: Signal Estimation from
 * Modified Short-Time Fourier Transform, 1984, eq. 6): windowed again, added, over the sum of the squared windows.
 */
export function inverseStft(
  spectra: readonly Complex[],
  { size, hop }: Frames,
  length: number,
): Float32Array {
  const window = hann(size);
  const sum = new Float64Array(length);
  const weight = new Float64Array(length);
  spectra.forEach((spectrum, t) => {
    const segment = inverseRealFft(spectrum);
    for (let n = 0; n < size; n++) {
      const at = t * hop - size / 2 + n;
      if (at < 0 || at >= length) continue;
      sum[at]! += window[n]! * segment[n]!;
      weight[at]! += window[n]! ** 2;
    }
  });
  const samples = new Float32Array(length);
  for (let i = 0; i < length; i++) samples[i] = weight[i]! > 1e-8 ? sum[i]! / weight[i]! : 0;
  return samples;
}

/** The real samples whose transform has these bins 0 to N/2. */
export function inverseRealFft({ real, imaginary }: Complex): Float64Array {
  const size = 2 * (real.length - 1);
  // The conjugate of the transform of the conjugate, over N.
  const all = { real: new Float64Array(size), imaginary: new Float64Array(size) };
  for (let k = 0; k < size; k++) {
    const mirrored = k > size / 2;
    const bin = mirrored ? size - k : k;
    all.real[k] = real[bin]!;
    all.imaginary[k] = mirrored ? imaginary[bin]! : -imaginary[bin]!;
  }
  const result = fft(all).real;
  return result.map((value) => value / size);
}

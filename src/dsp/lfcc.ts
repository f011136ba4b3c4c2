/** Linear-frequency cepstral coefficients with their first and second differences, as the baselines of ASVspoof 2021 take them. */
import { realFft } from './fft.ts';
import { filtered, type Triangle, triangles } from './filter-bank.ts';
import { dctMatrix } from './dct.ts';

export type LfccOptions = {
  windowSeconds: number;
  hopSeconds: number;
  filterCount: number;
  highHz: number;
};

/** Of the GMM baseline: 30 ms windows 15 ms apart, 70 triangles up to 4 kHz. */
export const gmmLfcc: LfccOptions = { windowSeconds: 0.03, hopSeconds: 0.015, filterCount: 70, highHz: 4000 };
/** Of the LCNN baseline: 20 ms windows 10 ms apart, 20 triangles up to half the sampling rate. */
export const lcnnLfcc: LfccOptions = {
  windowSeconds: 0.02,
  hopSeconds: 0.01,
  filterCount: 20,
  highHz: Number.POSITIVE_INFINITY,
};

export const lfccCount = 20;
/** Values of a row: coefficients, differences, differences of these. */
export const lfccWidth = 3 * lfccCount;
const fftSize = 1024;
/** Keeps silence from being minus infinity. */
const smallest = 2 ** -52;

/**
 * Rows of 60, one per window that lies wholly in the sound: 20 coefficients (Hamming window, 1024-point power spectrum, log10, orthonormal
 * DCT-II), their differences by the kernel [1 0 −1] (the ends held), and the differences of those. Empty where the sound is shorter than a window.
 * Throws RangeError where a window is longer than the transform (above 34 kHz).
 */
export function lfcc(samples: Float32Array, sampleRate: number, options: LfccOptions): Float32Array[] {
  const { windowSeconds, hopSeconds, filterCount } = options;
  const [length, hop] = [Math.round(windowSeconds * sampleRate), Math.round(hopSeconds * sampleRate)];
  if (length > fftSize)
    throw new RangeError(`lfcc: ${sampleRate} Hz needs a longer transform than ${fftSize}`);
  const bank = triangles(
    filterCount,
    { size: fftSize, sampleRate },
    { lowHz: 0, highHz: Math.min(options.highHz, sampleRate / 2), mel: false },
  );
  const dct = dctMatrix(filterCount);
  const count = Math.max(0, 1 + Math.floor((samples.length - length) / hop));
  const still = Array.from({ length: count }, (_, t) =>
    cepstrum(samples.subarray(t * hop, t * hop + length), bank, dct),
  );
  const moving = differences(still);
  const bending = differences(moving);
  return still.map((row, t) => Float32Array.of(...row, ...moving[t]!, ...bending[t]!));
}

function cepstrum(segment: Float32Array, bank: Triangle[], dct: Float32Array): Float64Array {
  const windowed = new Float64Array(fftSize);
  for (let n = 0; n < segment.length; n++)
    windowed[n] = segment[n]! * (0.54 - 0.46 * Math.cos((2 * Math.PI * n) / (segment.length - 1)));
  const { real, imaginary } = realFft(windowed);
  const power = real.map((value, k) => value * value + imaginary[k]! * imaginary[k]!);
  const logarithms = filtered(bank, power).map((value) => Math.log10(value + smallest));
  const row = new Float64Array(lfccCount);
  for (let c = 0; c < lfccCount; c++)
    for (let f = 0; f < bank.length; f++) row[c]! += dct[c * bank.length + f]! * logarithms[f]!;
  return row;
}

function differences(rows: readonly Float64Array[]): Float64Array[] {
  const last = rows.length - 1;
  return rows.map((row, t) =>
    row.map((_, c) => rows[Math.min(last, t + 1)]![c]! - rows[Math.max(0, t - 1)]![c]!),
  );
}

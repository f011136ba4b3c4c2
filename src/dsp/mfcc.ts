/**
 * Mel-frequency cepstral coefficients as DeepSpeech 0.1.0 takes them: those of python_speech_features with its defaults
 * (Lyons, github.com/jameslyons/python_speech_features: 25 ms rectangular window, pre-emphasis 0.97, 512-point power
 * spectrum, 26 triangular mel filters, orthonormal DCT-II, lifter 22, log energy in place of the first coefficient).
 */
import { realFft } from './fft.ts';

export const mfccCount = 26;
const windowSeconds = 0.025;
const fftSize = 512;
const filterCount = 26;
const preEmphasis = 0.97;
const lifter = 22;
const smallest = Number.EPSILON;

/** One coefficient vector per hop; `rows` is row-major, `count` rows of `mfccCount` values. */
export type FeatureRows = { rows: Float32Array; count: number };

/**
 * MFCC of mono `samples` in [-1, 1] at `sampleRate` Hz (up to 20,480 Hz, so that a window fits the transform), one row
 * every `hopSeconds`. Samples are scaled to 16-bit first, as DeepSpeech reads them; the last window is filled with zeros.
 */
export function mfcc(samples: Float32Array, sampleRate: number, hopSeconds: number): FeatureRows {
  const windowSamples = Math.round(windowSeconds * sampleRate);
  const hopSamples = Math.round(hopSeconds * sampleRate);
  if (windowSamples > fftSize)
    throw new RangeError(`mfcc: ${sampleRate} Hz needs a longer transform than ${fftSize}`);
  const count =
    samples.length <= windowSamples ? 1 : 1 + Math.ceil((samples.length - windowSamples) / hopSamples);
  const bank = melFilters(sampleRate);
  const cosines = dctMatrix();
  const rows = new Float32Array(count * mfccCount);
  const window = new Float64Array(fftSize);
  const logMel = new Float64Array(filterCount);
  for (let row = 0; row < count; row++) {
    window.fill(0);
    const end = Math.min(windowSamples, samples.length - row * hopSamples);
    for (let i = 0; i < end; i++) {
      const at = row * hopSamples + i;
      window[i] = 32768 * (samples[at]! - (at > 0 ? preEmphasis * samples[at - 1]! : 0));
    }
    const { real, imaginary } = realFft(window);
    const power = real.map((value, k) => (value * value + imaginary[k]! * imaginary[k]!) / fftSize);
    let energy = 0;
    for (const value of power) energy += value;
    for (let f = 0; f < filterCount; f++) logMel[f] = Math.log(Math.max(smallest, weighted(bank[f]!, power)));
    const at = row * mfccCount;
    for (let c = 0; c < mfccCount; c++) {
      let sum = 0;
      for (let f = 0; f < filterCount; f++) sum += cosines[c * filterCount + f]! * logMel[f]!;
      rows[at + c] = sum * (1 + (lifter / 2) * Math.sin((Math.PI * c) / lifter));
    }
    rows[at] = Math.log(Math.max(smallest, energy));
  }
  return { rows, count };
}

type Triangle = { first: number; weights: Float64Array };

/** Triangles between the FFT bins nearest below 28 points equally spaced in mel = 2595·log10(1 + f/700). */
function melFilters(sampleRate: number): Triangle[] {
  const highest = 2595 * Math.log10(1 + sampleRate / 2 / 700);
  const bins = Array.from({ length: filterCount + 2 }, (_, i) => {
    const hertz = 700 * (10 ** ((highest * i) / (filterCount + 1) / 2595) - 1);
    return Math.floor(((fftSize + 1) * hertz) / sampleRate);
  });
  return Array.from({ length: filterCount }, (_, f) => {
    const [left, centre, right] = [bins[f]!, bins[f + 1]!, bins[f + 2]!];
    const weights = Float64Array.from({ length: right - left }, (_, i) =>
      left + i < centre ? i / (centre - left) : (right - left - i) / (right - centre),
    );
    return { first: left, weights };
  });
}

function weighted({ first, weights }: Triangle, power: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * power[first + i]!;
  return sum;
}

function dctMatrix(): Float64Array {
  return Float64Array.from({ length: mfccCount * filterCount }, (_, at) => {
    const c = Math.floor(at / filterCount);
    const f = at % filterCount;
    return (
      Math.sqrt((c === 0 ? 1 : 2) / filterCount) * Math.cos((Math.PI * c * (2 * f + 1)) / (2 * filterCount))
    );
  });
}

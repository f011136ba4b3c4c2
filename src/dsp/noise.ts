/** Noises that voices are heard in. None knows the sound that it is laid under; levels are whatever they are. */
import type { Rng } from '../random.ts';
import { convolve } from './convolve.ts';
import { inverseRealFft } from './stft.ts';

export type Noise = (length: number, sampleRate: number, rng: Rng) => Float64Array;

/** Normal and independent from sample to sample. */
export const whiteNoise: Noise = (length, _sampleRate, rng) =>
  Float64Array.from({ length }, () => rng.normal());

/** Below, where nobody hears it, pink noise is white. */
const lowestHz = 20;

/** Its power falls with the frequency, 3 dB an octave: white noise, integrated by half (Kasdin: Discrete Simulation of Colored Noise and Stochastic Processes, Proc. IEEE 83, 1995). */
export const pinkNoise: Noise = (length, sampleRate, rng) => {
  const kernel = new Float64Array(Math.ceil(sampleRate / lowestHz)).fill(1);
  for (let k = 1; k < kernel.length; k++) kernel[k] = (kernel[k - 1]! * (k - 0.5)) / k;
  return through(kernel, length, sampleRate, rng);
};

/** Centre frequencies of thirds of octaves, from 63 Hz, and the level of speech in each in dB: men and women of twelve languages (Byrne et al.: An International Comparison of Long-Term Average Speech Spectra, JASA 96, 1994). */
const speechHz = [
  63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000,
  6300, 8000, 10000, 12500, 16000,
];
const speechDb = [
  38.6, 43.5, 54.4, 57.7, 56.8, 60.2, 60.3, 59, 62.1, 62.1, 60.5, 56.8, 53.7, 53, 52, 48.7, 48.1, 46.8, 45.6,
  44.5, 44.3, 43.7, 43.4, 41.3, 40.7,
];

const talkers = 6;
/** From the middle of a syllable to the pause behind it. */
const knotSeconds = 0.125;
const deepestDb = 30;

/**
 * Babble without words: noise of the spectrum of speech, as loud at every moment as six talkers together, each of whom swells and fades over
 * 30 dB at the pace of syllables (after the noises of ICRA; Dreschler et al., Audiology 40, 2001). No pitch, no vowels.
 */
export const babble: Noise = (length, sampleRate, rng) => {
  const noise = through(speechKernel(sampleRate), length, sampleRate, rng.fork('noise'));
  const knot = knotSeconds * sampleRate;
  const powers = Float64Array.from({ length: Math.ceil(length / knot) + 1 }, () => {
    let sum = 0;
    for (let talker = 0; talker < talkers; talker++) sum += 10 ** (rng.uniform(-deepestDb, 0) / 10);
    return sum;
  });
  return noise.map((value, n) => {
    const at = Math.floor(n / knot);
    const share = 0.5 - 0.5 * Math.cos(Math.PI * (n / knot - at));
    return value * Math.sqrt(powers[at]! * (1 - share) + powers[at + 1]! * share);
  });
};

/** White noise through the kernel, taken from where the kernel has all its past. */
function through(kernel: Float64Array, length: number, sampleRate: number, rng: Rng): Float64Array {
  const white = whiteNoise(length + kernel.length, sampleRate, rng);
  return convolve(white, kernel).subarray(kernel.length);
}

/** A filter that gives white noise the spectrum of speech, symmetric about its middle. */
function speechKernel(sampleRate: number): Float64Array {
  const size = 2 ** Math.max(1, Math.ceil(Math.log2(sampleRate / lowestHz)));
  const real = Float64Array.from({ length: size / 2 + 1 }, (_, k) => speechSize((k * sampleRate) / size));
  const kernel = inverseRealFft({ real, imaginary: new Float64Array(real.length) });
  return kernel.map(
    (_, n) => kernel[(n + size / 2) % size]! * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size)),
  );
}

/** Amplitude per hertz, straight in dB over the logarithm of frequency, held above 16 kHz and gone below 63 Hz. A third of an octave is as wide as its frequency is high. */
function speechSize(hz: number): number {
  const above = speechHz.findIndex((centre) => centre > hz);
  if (above === 0) return 0;
  const low = above < 0 ? speechHz.length - 1 : above - 1;
  const high = above < 0 ? low : above;
  const share = high === low ? 0 : Math.log(hz / speechHz[low]!) / Math.log(speechHz[high]! / speechHz[low]!);
  const db = speechDb[low]! * (1 - share) + speechDb[high]! * share;
  return Math.sqrt(10 ** (db / 10) / hz);
}

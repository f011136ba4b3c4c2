/** How far apart two sounds of the same words are, frame by frame. */
import { dctMatrix } from './dct.ts';
import { filtered, triangles } from './filter-bank.ts';
import { powerOf, stft } from './stft.ts';
import type { Audio, Span } from '../types.ts';

/** Decibels, means over the frames in which the first sound is heard. */
export type SpeechDistance = { melCepstralDb: number; logSpectralDb: number };

const bandCount = 80;
/** Coefficients 1 to 24; the 0th is loudness. */
const cepstrumOrder = 24;
/** Frames this far below the loudest one are silence. */
const heardDb = 40;
/** Added to powers: far below speech, above the errors of 16 bits. */
const smallest = 1e-9;

/**
 * `logSpectralDb`: root mean square over the bins of the difference of the two power spectra in dB (Gray & Markel: Distance Measures for
 * Speech Processing, 1976). `melCepstralDb`: (10 / ln 10) √(2 Σ (c − c')²) over mel cepstra 1 to 24 (Kubichek: Mel-Cepstral Distance Measure,
 * 1993), which is the same of spectra that are smoothed and warped to mel. Windows of 64 ms (to a power of two), a quarter apart. `spans`: only frames centred there.
 * Undefined where the reference is silent throughout.
 */
export function speechDistance(
  reference: Audio,
  other: Float32Array,
  spans?: readonly Span[],
): SpeechDistance | undefined {
  const { samples, sampleRate } = reference;
  const size = 2 ** Math.round(Math.log2(0.064 * sampleRate));
  const frames = { size, hop: size / 4 };
  const exact = new Float32Array(samples.length);
  exact.set(other.subarray(0, exact.length));
  const [a, b] = [stft(samples, frames).map(powerOf), stft(exact, frames).map(powerOf)];
  const energies = a.map((power) => power.reduce((sum, value) => sum + value, 0));
  const quietest = Math.max(...energies) * 10 ** (-heardDb / 10);
  const inside = (t: number): boolean => {
    const seconds = (t * frames.hop) / sampleRate;
    return spans?.some(({ start, end }) => seconds >= start && seconds < end) ?? true;
  };
  const heard = energies.flatMap((energy, t) => (energy > 0 && energy >= quietest && inside(t) ? [t] : []));
  if (heard.length === 0) return undefined;
  const bank = triangles(bandCount, { size, sampleRate }, { lowHz: 0, highHz: sampleRate / 2, mel: true });
  const dct = dctMatrix(bandCount);
  let [cepstral, spectral] = [0, 0];
  for (const t of heard) {
    spectral += Math.sqrt(meanSquare(differencesDb(a[t]!, b[t]!)));
    const bands = differencesDb(filtered(bank, a[t]!), filtered(bank, b[t]!));
    let squares = 0;
    for (let c = 1; c <= cepstrumOrder; c++) {
      let sum = 0;
      for (let f = 0; f < bandCount; f++) sum += dct[c * bandCount + f]! * bands[f]!;
      squares += sum * sum;
    }
    // The transform is orthonormal: summed over all coefficients this would be the mean square over the bands.
    cepstral += Math.sqrt(squares / bandCount);
  }
  return { melCepstralDb: cepstral / heard.length, logSpectralDb: spectral / heard.length };
}

const differencesDb = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((value, k) => 10 * Math.log10((value + smallest) / (b[k]! + smallest)));

const meanSquare = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

/**
 * Features of sound by meyda. Its state is global and its filter bank, once made, is never made again: everything is set before each
 * use and the bank is thrown away, so that one use cannot change the values of another.
 */
import { createRequire } from 'node:module';
import type { MeydaAudioFeature } from 'meyda';

const windowSamples = 512;

export const meydaMfccCount = 13;
const mfccRate = 16000;
const mfccHop = 160;

/**
 * 13 MFCC of mono `samples` in [-1, 1] at 16 kHz, one row per 10 ms: row r is centred on sample 160·r (Hann window of 32 ms, zeros
 * beyond the ends). `rows` is row-major, `count` = ⌈samples / 160⌉. Meyda's logarithm is ln(1 + x), therefore samples are
 * scaled to 16 bits first, where speech lies far above the 1.
 */
export function meydaMfcc(samples: Float32Array): { rows: Float32Array; count: number } {
  const meyda = configured(mfccRate);
  const count = Math.ceil(samples.length / mfccHop);
  const rows = new Float32Array(count * meydaMfccCount);
  const window = new Float32Array(windowSamples);
  for (let row = 0; row < count; row++) {
    const start = row * mfccHop - windowSamples / 2;
    for (let i = 0; i < windowSamples; i++) window[i] = 32768 * (samples[start + i] ?? 0);
    rows.set(meyda.extract('mfcc', window), row * meydaMfccCount);
  }
  return { rows, count };
}

/** Of one window of sound: root mean square under its Hann window; centre and 99 % edge of its spectrum in Hz; how noise-like it is, 0 to 1. */
export type SoundWindow = { rms: number; centroidHz: number; rolloffHz: number; flatness: number };

/** Windows of 512 samples side by side; the last, incomplete one is left out. A window of zeros has a spectrum of zeros. */
export function meydaWindows(samples: Float32Array, sampleRate: number): SoundWindow[] {
  const meyda = configured(sampleRate);
  return Array.from({ length: Math.floor(samples.length / windowSamples) }, (_, i): SoundWindow => {
    const window = samples.slice(i * windowSamples, (i + 1) * windowSamples);
    if (window.every((sample) => sample === 0)) return { rms: 0, centroidHz: 0, rolloffHz: 0, flatness: 0 };
    const { rms, spectralCentroid, spectralRolloff, spectralFlatness } = meyda.extract(
      ['rms', 'spectralCentroid', 'spectralRolloff', 'spectralFlatness'],
      window,
    );
    return {
      rms,
      centroidHz: (spectralCentroid * sampleRate) / windowSamples, // meyda counts it in bins
      rolloffHz: spectralRolloff,
      flatness: spectralFlatness,
    };
  });
}

type Spectral = Extract<
  MeydaAudioFeature,
  'rms' | 'spectralCentroid' | 'spectralRolloff' | 'spectralFlatness'
>;
type Meyda = {
  extract(feature: 'mfcc', window: Float32Array): number[];
  extract(features: Spectral[], window: Float32Array): Record<Spectral, number>;
};

function configured(sampleRate: number): Meyda {
  // By `require`: an `import` of this package gives its object at one place or another, depending on who resolves it.
  const meyda = createRequire(import.meta.url)('meyda') as Meyda;
  return Object.assign(meyda, {
    bufferSize: windowSamples,
    sampleRate,
    melBands: 26,
    numberOfMFCCCoefficients: meydaMfccCount,
    windowingFunction: 'hanning',
    melFilterBank: undefined,
  });
}

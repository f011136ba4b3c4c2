/**
 * Mel-frequency cepstra by meyda. Its state is global and its filter bank, once made, is never made again: everything is set
 * before each use and the bank is thrown away, so that no other user of meyda in this process can change a value here.
 * Its logarithm is ln(1 + x), so samples are scaled to 16-bit first, where speech lies far above the 1.
 */
import { createRequire } from 'node:module';

export const meydaMfccCount = 13;
export const meydaSampleRate = 16000;
const windowSamples = 512;
const hopSamples = 160;
const melBands = 26;

/**
 * MFCC of mono `samples` in [-1, 1] at 16 kHz: one row of 13 per 10 ms, row r centred on sample 160·r (Hann window of 32 ms,
 * zeros beyond the ends). `rows` is row-major, `count` = ⌈samples / 160⌉.
 */
export function meydaMfcc(samples: Float32Array): { rows: Float32Array; count: number } {
  const meyda = loadMeyda();
  Object.assign(meyda, {
    bufferSize: windowSamples,
    sampleRate: meydaSampleRate,
    melBands,
    numberOfMFCCCoefficients: meydaMfccCount,
    windowingFunction: 'hanning',
    melFilterBank: undefined,
  });
  const count = Math.ceil(samples.length / hopSamples);
  const rows = new Float32Array(count * meydaMfccCount);
  const window = new Float32Array(windowSamples);
  for (let row = 0; row < count; row++) {
    const start = row * hopSamples - windowSamples / 2;
    for (let i = 0; i < windowSamples; i++) window[i] = 32768 * (samples[start + i] ?? 0);
    rows.set(meyda.extract('mfcc', window), row * meydaMfccCount);
  }
  return { rows, count };
}

type Meyda = { extract(feature: 'mfcc', signal: Float32Array): number[] };

/** By `require`: an `import` of this package gives its object at one place or another, depending on who resolves it. */
function loadMeyda(): Meyda {
  return createRequire(import.meta.url)('meyda') as Meyda;
}

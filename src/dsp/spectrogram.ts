import type { Audio, Frame } from '../types.ts';
import { stft } from './stft.ts';

/** Shown below the loudest point. */
const rangeDb = 70;

/**
 * A picture of a sound: time from left to right, one column per 4 ms, frequency upwards from 0 to half the sampling rate (257 rows), white
 * where it is loudest, black 70 dB below. Windows of 512 samples.
 */
export function spectrogram({ samples, sampleRate }: Audio): Frame {
  const spectra = stft(samples, { size: 512, hop: Math.round(0.004 * sampleRate) });
  const [width, height] = [spectra.length, 257];
  const levels = spectra.map(({ real, imaginary }) =>
    real.map((value, k) => 10 * Math.log10(value * value + imaginary[k]! * imaginary[k]! + 1e-12)),
  );
  const loudest = levels.reduce((most, row) => Math.max(most, ...row), Number.NEGATIVE_INFINITY);
  const data = new Uint8Array(3 * width * height);
  for (const [x, row] of levels.entries())
    for (let k = 0; k < height; k++) {
      const share = Math.max(0, 1 + (row[k]! - loudest) / rangeDb);
      data.fill(
        Math.round(255 * share),
        3 * ((height - 1 - k) * width + x),
        3 * ((height - 1 - k) * width + x) + 3,
      );
    }
  return { width, height, data };
}

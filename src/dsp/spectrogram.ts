import type { Audio, Frame } from '../types.ts';
import { filtered, triangles } from './filter-bank.ts';
import { powerOf, stft } from './stft.ts';

/** Shown below the loudest point. */
const rangeDb = 70;

/**
 * A picture of a sound: time from left to right, one column per 4 ms, frequency upwards from 0 to half the sampling rate (257 rows), white
 * where it is loudest, black 70 dB below. Windows of 512 samples.
 */
export function spectrogram({ samples, sampleRate }: Audio): Frame {
  const spectra = stft(samples, { size: 512, hop: Math.round(0.004 * sampleRate) });
  return greyPicture(spectra.map(powerOf));
}

/**
 * The same as people hear it: `bands` rows equally spaced in mel from 0 to half the sampling rate, and about `columns` columns, however long
 * the sound is. Windows of 1024 samples.
 */
export function melSpectrogram({ samples, sampleRate }: Audio, bands: number, columns: number): Frame {
  const size = 1024;
  const hop = Math.max(1, Math.ceil(samples.length / columns));
  const bank = triangles(bands, { size, sampleRate }, { lowHz: 0, highHz: sampleRate / 2, mel: true });
  return greyPicture(stft(samples, { size, hop }).map((spectrum) => filtered(bank, powerOf(spectrum))));
}

/** Powers, column by column and from the lowest band up, as brightness by their decibels. */
function greyPicture(powers: readonly Float64Array[]): Frame {
  const [width, height] = [powers.length, powers[0]!.length];
  const levels = powers.map((column) => column.map((power) => 10 * Math.log10(power + 1e-12)));
  const loudest = levels.reduce((most, row) => Math.max(most, ...row), Number.NEGATIVE_INFINITY);
  const data = new Uint8Array(3 * width * height);
  for (const [x, row] of levels.entries())
    for (let k = 0; k < height; k++) {
      const share = Math.max(0, 1 + (row[k]! - loudest) / rangeDb);
      const at = 3 * ((height - 1 - k) * width + x);
      data.fill(Math.round(255 * share), at, at + 3);
    }
  return { width, height, data };
}

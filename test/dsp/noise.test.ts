import { expect, test } from 'vitest';
import { babble, type Noise, pinkNoise, whiteNoise } from '../../src/dsp/noise.ts';
import { powerOf, stft } from '../../src/dsp/stft.ts';
import { createRng } from '../../src/random.ts';

const sampleRate = 16000;
const make = (noise: Noise, seconds = 20): Float32Array =>
  Float32Array.from(noise(seconds * sampleRate, sampleRate, createRng(1, 'noise')));

/** Decibels in a third of an octave about each frequency. */
function thirdsDb(samples: Float32Array, centresHz: number[]): number[] {
  const size = 4096;
  const mean = new Float64Array(size / 2 + 1);
  for (const spectrum of stft(samples, { size, hop: size / 2 }))
    powerOf(spectrum).forEach((value, k) => (mean[k]! += value));
  return centresHz.map((centre) => {
    const inside = mean.filter((_, k) => Math.abs(Math.log2((k * sampleRate) / size / centre)) < 1 / 6);
    // The power of a band from its mean density: whole bins fit badly into narrow bands.
    return 10 * Math.log10((inside.reduce((sum, value) => sum + value, 0) / inside.length) * centre);
  });
}

test.each([
  ['white', 3.01, whiteNoise],
  ['pink', 0, pinkNoise],
] as const)('%s noise: thirds of octaves rise by %f dB an octave', (_, perOctaveDb, noise) => {
  const levels = thirdsDb(make(noise), [125, 250, 500, 1000, 2000, 4000]);
  for (const [i, level] of levels.entries())
    expect(Math.abs(level - levels[0]! - perOctaveDb * i)).toBeLessThan(1);
});

test('babble has the long-term spectrum of speech (Byrne et al. 1994) and swells and fades as talkers do', () => {
  const published = { 250: 60.3, 500: 62.1, 1000: 53.7, 2000: 48.7, 4000: 45.6, 6300: 44.3 };
  const levels = thirdsDb(make(babble, 60), Object.keys(published).map(Number));
  const wanted = Object.values(published);
  const offset = wanted.reduce((sum, db, i) => sum + (db - levels[i]!) / wanted.length, 0);
  levels.forEach((db, i) => expect(Math.abs(db + offset - wanted[i]!)).toBeLessThan(1.5));
  expect(loudnessDeviationDb(make(babble))).toBeGreaterThan(3 * loudnessDeviationDb(make(whiteNoise)));
});

/** How much the loudness of pieces of 60 ms differs. */
function loudnessDeviationDb(samples: Float32Array): number {
  const piece = 0.06 * sampleRate;
  const levels = Array.from({ length: Math.floor(samples.length / piece) }, (_, i) => {
    const part = samples.subarray(i * piece, (i + 1) * piece);
    return 10 * Math.log10(part.reduce((sum, value) => sum + value * value, 0));
  });
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  return Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length);
}

import { describe, expect, it } from 'vitest';
import { filtered, triangles } from '../../src/dsp/filter-bank.ts';
import { griffinLim, invertBank } from '../../src/dsp/griffin-lim.ts';
import { hann, inverseRealFft, inverseStft, stft } from '../../src/dsp/stft.ts';
import { realFft } from '../../src/dsp/fft.ts';
import { createRng } from '../../src/random.ts';

const rng = createRng(1, 'stft');
const samples = Float32Array.from({ length: 2000 }, (_, n) => Math.sin(n / 7) + 0.3 * rng.normal());
const frames = { size: 256, hop: 64 };

describe('short-time transform', () => {
  it('is the slow transform of the windowed sound around each hop', () => {
    const spectra = stft(samples, frames);
    expect(spectra).toHaveLength(1 + Math.floor(2000 / 64));
    const window = hann(256);
    for (const [t, k] of [
      [0, 3],
      [7, 20],
      [31, 128],
    ] as const) {
      let [re, im] = [0, 0];
      for (let n = 0; n < 256; n++) {
        const value = window[n]! * (samples[t * 64 - 128 + n] ?? 0);
        re += value * Math.cos((2 * Math.PI * k * n) / 256);
        im -= value * Math.sin((2 * Math.PI * k * n) / 256);
      }
      expect(spectra[t]!.real[k]).toBeCloseTo(re, 9);
      expect(spectra[t]!.imaginary[k]).toBeCloseTo(im, 9);
    }
  });

  it('is inverted by the inverse', () => {
    const segment = samples.slice(0, 64);
    inverseRealFft(realFft(segment)).forEach((value, n) => expect(value).toBeCloseTo(segment[n]!, 12));
    const back = inverseStft(stft(samples, frames), frames, samples.length);
    back.forEach((value, n) => expect(value).toBeCloseTo(samples[n]!, 5));
  });
});

describe('filter bank', () => {
  const shape = { size: 512, sampleRate: 16000 };
  it('covers every bin between its outer corners once where corners are linear', () => {
    const bank = triangles(10, shape, { lowHz: 0, highHz: 8000, mel: false });
    for (let k = 25; k < 230; k++) {
      const sum = bank.reduce((total, { first, weights }) => total + (weights[k - first] ?? 0), 0);
      expect(sum).toBeCloseTo(1, 9);
    }
  });
  it('in mel is wider above, and no filter is empty', () => {
    const bank = triangles(80, shape, { lowHz: 0, highHz: 8000, mel: true });
    expect(bank[79]!.weights.length).toBeGreaterThan(4 * bank[0]!.weights.length);
    for (const { weights } of bank) expect(Math.max(...weights)).toBeGreaterThan(0);
  });
});

describe('Griffin-Lim', () => {
  it('finds a sound whose spectra have the sizes asked for, better with every round', () => {
    const sizes = stft(samples, frames).map(({ real, imaginary }) =>
      real.map((value, k) => Math.hypot(value, imaginary[k]!)),
    );
    const errorAfter = (iterations: number): number => {
      const made = griffinLim(sizes, frames, samples.length, iterations, createRng(1, 'phases'));
      let [error, all] = [0, 0];
      stft(made, frames).forEach(({ real, imaginary }, t) =>
        sizes[t]!.forEach((size, k) => {
          error += (Math.hypot(real[k]!, imaginary[k]!) - size) ** 2;
          all += size ** 2;
        }),
      );
      return error / all;
    };
    const errors = [0, 5, 30].map(errorAfter);
    expect(errors[1]).toBeLessThan(errors[0]! / 2);
    expect(errors[2]).toBeLessThan(errors[1]!);
    expect(errors[2]).toBeLessThan(errors[0]! / 8);
  });

  it('a spectrum found from bands gives these bands again', () => {
    const bank = triangles(20, { size: 256, sampleRate: 16000 }, { lowHz: 0, highHz: 8000, mel: true });
    const power = Float64Array.from({ length: 129 }, () => rng.uniform(0.1, 2));
    const bands = filtered(bank, power);
    const again = filtered(bank, invertBank(bank, bands, 129, 200));
    again.forEach((value, f) => expect(Math.abs(value / bands[f]! - 1)).toBeLessThan(0.02));
  });
});

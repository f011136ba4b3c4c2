import { expect, test } from 'vitest';
import { mfcc, mfccCount } from '../../src/dsp/mfcc.ts';
import { createRng } from '../../src/random.ts';

/** Straight from the definition: no fast transform, filters evaluated bin by bin. */
function slowMfcc(samples: Float32Array, sampleRate: number, hopSeconds: number): number[][] {
  const signal = Array.from(samples, (value, i) => 32768 * (value - (i > 0 ? 0.97 * samples[i - 1]! : 0)));
  const [length, hop] = [Math.round(0.025 * sampleRate), Math.round(hopSeconds * sampleRate)];
  const count = 1 + Math.ceil((signal.length - length) / hop);
  const mel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
  const bins = Array.from({ length: 28 }, (_, i) =>
    Math.floor((513 * 700 * (10 ** ((i * mel(sampleRate / 2)) / 27 / 2595) - 1)) / sampleRate),
  );
  return Array.from({ length: count }, (_, row) => {
    const power = Array.from({ length: 257 }, (_, k) => {
      let [re, im] = [0, 0];
      for (let n = 0; n < length; n++) {
        const value = signal[row * hop + n] ?? 0;
        re += value * Math.cos((2 * Math.PI * k * n) / 512);
        im -= value * Math.sin((2 * Math.PI * k * n) / 512);
      }
      return (re * re + im * im) / 512;
    });
    const logMel = Array.from({ length: 26 }, (_, f) => {
      const [left, centre, right] = [bins[f]!, bins[f + 1]!, bins[f + 2]!];
      const sum = power.reduce((total, value, k) => {
        if (k >= left && k < centre) return total + (value * (k - left)) / (centre - left);
        return k >= centre && k < right ? total + (value * (right - k)) / (right - centre) : total;
      }, 0);
      return Math.log(sum);
    });
    return Array.from({ length: mfccCount }, (_, c) => {
      if (c === 0) return Math.log(power.reduce((total, value) => total + value, 0));
      const sum = logMel.reduce(
        (total, value, f) => total + value * Math.cos((Math.PI * c * (f + 0.5)) / 26),
        0,
      );
      return Math.sqrt(2 / 26) * sum * (1 + 11 * Math.sin((Math.PI * c) / 22));
    });
  });
}

test('the coefficients are those of the definition', () => {
  const rng = createRng(1, 'mfcc');
  const samples = Float32Array.from({ length: 1700 }, (_, i) => 0.3 * Math.sin(i / 7) + rng.normal(0, 0.05));
  const { rows, count } = mfcc(samples, 16000, 0.02);
  const slow = slowMfcc(samples, 16000, 0.02);
  expect(count).toBe(slow.length);
  slow.flat().forEach((value, i) => expect(rows[i]).toBeCloseTo(value, 3));
});

test('digital silence has finite coefficients', () => {
  const { rows, count } = mfcc(new Float32Array(3200), 16000, 0.02);
  expect(count).toBe(10);
  expect(rows.every(Number.isFinite)).toBe(true);
});

test('a sound shorter than one window gives one row, a sampling rate that is too high an error', () => {
  expect(mfcc(new Float32Array(10), 16000, 0.02).count).toBe(1);
  expect(() => mfcc(new Float32Array(10), 44100, 0.02)).toThrow(/44100/);
});

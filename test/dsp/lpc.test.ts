import { describe, expect, it } from 'vitest';
import { lpcVocoder, pitchPeriod, predict } from '../../src/dsp/lpc.ts';
import { createRng } from '../../src/random.ts';

const sampleRate = 16000;
const rng = createRng(1, 'lpc');

describe('linear prediction', () => {
  it('finds the filter that noise went through', () => {
    const a = [1, -1.3, 0.9];
    const samples = new Float64Array(40_000);
    for (let n = 0; n < samples.length; n++)
      samples[n] = 0.5 * rng.normal() - a[1]! * (samples[n - 1] ?? 0) - a[2]! * (samples[n - 2] ?? 0);
    const found = predict(samples, 2);
    a.forEach((value, i) => expect(found.a[i]).toBeCloseTo(value, 1));
    expect(found.gain).toBeCloseTo(0.5, 1);
  });

  it('solves the normal equations', () => {
    const segment = Float64Array.from({ length: 300 }, () => rng.normal());
    const { a } = predict(segment, 6);
    const r = (lag: number): number => {
      let sum = 0;
      for (let n = Math.abs(lag); n < 300; n++) sum += segment[n]! * segment[n - Math.abs(lag)]!;
      return sum / 300;
    };
    for (let i = 1; i <= 6; i++) {
      let sum = 0;
      for (let j = 0; j <= 6; j++) sum += a[j]! * r(i - j);
      expect(sum).toBeCloseTo(0, 6);
    }
  });

  it('has nothing left of silence', () => {
    expect(predict(new Float64Array(100), 4).gain).toBeLessThan(1e-5);
  });
});

describe('pitch', () => {
  it.each([80, 127, 233, 350])('of %i Hz is found to within a fiftieth', (hertz) => {
    const segment = new Float64Array(512);
    for (let n = 0; n < 512; n++)
      for (let k = 1; k * hertz < 4000; k++)
        segment[n]! += Math.cos((2 * Math.PI * k * hertz * n) / sampleRate) / k;
    expect(Math.abs((pitchPeriod(segment, sampleRate) * hertz) / sampleRate - 1)).toBeLessThan(0.02);
  });
  it('of noise and of silence is none', () => {
    expect(
      pitchPeriod(
        Float64Array.from({ length: 512 }, () => rng.normal()),
        sampleRate,
      ),
    ).toBe(0);
    expect(pitchPeriod(new Float64Array(512), sampleRate)).toBe(0);
  });
});

it('the vocoder keeps level, pitch and pauses, and repeats itself for a seed', () => {
  const samples = new Float32Array(16_000);
  for (let n = 4000; n < 12_000; n++)
    for (let k = 1; k < 20; k++)
      samples[n]! += (0.1 * Math.cos((2 * Math.PI * k * 120 * n) / sampleRate)) / k;
  const said = lpcVocoder(samples, sampleRate, createRng(1, 'a'));
  expect(said).toEqual(lpcVocoder(samples, sampleRate, createRng(1, 'a')));
  const level = (from: number, to: number, of: Float32Array): number =>
    Math.sqrt(of.subarray(from, to).reduce((sum, value) => sum + value * value, 0) / (to - from));
  expect(level(500, 3000, said)).toBeLessThan(1e-3);
  const ratio = level(5000, 11_000, said) / level(5000, 11_000, samples);
  expect(Math.abs(20 * Math.log10(ratio))).toBeLessThan(3);
  expect((pitchPeriod(said.subarray(8000, 8512), sampleRate) * 120) / sampleRate).toBeCloseTo(1, 1);
});

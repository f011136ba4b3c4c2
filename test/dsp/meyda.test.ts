import { describe, expect, it } from 'vitest';
import { meydaMfcc, meydaMfccCount, meydaWindows } from '../../src/dsp/meyda.ts';
import { createRng } from '../../src/random.ts';

const rng = createRng(1, 'meyda');
const noise = Float32Array.from({ length: 4000 }, () => rng.normal(0, 0.1));

/** The centre of the magnitudes of a Hann window of 512 samples, in bins, by the definition of the transform. */
function slowCentroid(samples: Float32Array): number {
  const size = 512;
  let [weighted, total] = [0, 0];
  for (let k = 0; k < size / 2; k++) {
    let [re, im] = [0, 0];
    for (let i = 0; i < size; i++) {
      const value = samples[i]! * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (size - 1)));
      re += value * Math.cos((2 * Math.PI * i * k) / size);
      im -= value * Math.sin((2 * Math.PI * i * k) / size);
    }
    weighted += k * Math.hypot(re, im);
    total += Math.hypot(re, im);
  }
  return weighted / total;
}

describe('meydaMfcc', () => {
  it('gives a row per 10 ms, the same whatever meyda was used for before', () => {
    const first = meydaMfcc(noise);
    expect(first.count).toBe(25);
    expect(first.rows).toHaveLength(25 * meydaMfccCount);
    expect([...first.rows].every(Number.isFinite)).toBe(true);
    meydaWindows(noise, 44100);
    expect(meydaMfcc(noise)).toEqual(first);
  });

  it('centres row r on sample 160 r', () => {
    const click = new Float32Array(3200);
    click[1600] = 0.9;
    const { rows, count } = meydaMfcc(click);
    const loudness = Array.from({ length: count }, (_, r) => rows[r * meydaMfccCount]!);
    expect(loudness.indexOf(Math.max(...loudness))).toBe(10);
    // A window of 512 samples reaches 256 to either side: rows 9 and 11 hear the click, row 8 hardly, rows 7 and 13 not.
    expect(loudness[7]).toBe(loudness[0]);
    expect(loudness[13]).toBe(loudness[0]);
  });
});

describe('meydaWindows', () => {
  it('agrees with the definition', () => {
    const [window] = meydaWindows(noise, 16000);
    expect(window!.centroidHz).toBeCloseTo((slowCentroid(noise) * 16000) / 512, 1);
  });

  it('measures the rate it is told, not the one before', () => {
    const tone = Float32Array.from({ length: 1024 }, (_, i) => 0.3 * Math.sin((2 * Math.PI * i) / 8));
    for (const rate of [8000, 16000, 44100]) {
      const windows = meydaWindows(tone, rate);
      expect(windows).toHaveLength(2);
      expect(windows[0]!.centroidHz / (rate / 8)).toBeCloseTo(1, 1);
    }
  });

  it('silence is zeros, noise is flat, a tone is not', () => {
    expect(meydaWindows(new Float32Array(512), 16000)).toEqual([
      { rms: 0, centroidHz: 0, rolloffHz: 0, flatness: 0 },
    ]);
    const tone = Float32Array.from({ length: 512 }, (_, i) => 0.3 * Math.sin(i / 3));
    expect(meydaWindows(noise, 16000)[0]!.flatness).toBeGreaterThan(0.4);
    expect(meydaWindows(tone, 16000)[0]!.flatness).toBeLessThan(0.2);
    expect(meydaWindows(noise.subarray(0, 511), 16000)).toEqual([]);
  });
});

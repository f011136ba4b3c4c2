import { describe, expect, it } from 'vitest';
import { spectrogram } from '../../src/dsp/spectrogram.ts';
import { speechDistance } from '../../src/dsp/speech-distance.ts';
import { createRng } from '../../src/random.ts';

const sampleRate = 16000;
const rng = createRng(1, 'speech-distance');
const samples = Float32Array.from({ length: 8000 }, () => rng.normal(0, 0.1));
const sound = { sampleRate, samples };
const filteredBy = (one: number): Float32Array =>
  samples.map((value, n) => 0.5 * (value + one * (samples[n - 1] ?? 0)));

describe('distances between sounds', () => {
  it('are nothing of a sound from itself', () => {
    expect(speechDistance(sound, samples)).toEqual({ melCepstralDb: 0, logSpectralDb: 0 });
  });

  it('a gain is as far in the spectrum as it is in dB, and nothing in the cepstrum, which leaves loudness out', () => {
    const { melCepstralDb, logSpectralDb } = speechDistance(
      sound,
      samples.map((value) => value / 2),
    )!;
    expect(logSpectralDb).toBeCloseTo(20 * Math.log10(2), 3);
    expect(melCepstralDb).toBeLessThan(1e-3);
  });

  it('the cepstral one is (10 / ln 10) √(2 Σ (c − c′)²) of mel cepstra 1 to 24', () => {
    // Noise through 1 + ½ z⁻¹ and through 1 − ½ z⁻¹: the difference of ln |H|, sampled at the middles of the mel bands.
    const other = filteredBy(0.5);
    const reference = filteredBy(-0.5);
    const bands = 80;
    const highest = 2595 * Math.log10(1 + sampleRate / 2 / 700);
    const differences = Array.from({ length: bands }, (_, f) => {
      const hertz = 700 * (10 ** ((highest * (f + 1)) / (bands + 1) / 2595) - 1);
      const angle = (2 * Math.PI * hertz) / sampleRate;
      return 0.5 * Math.log((1.25 - Math.cos(angle)) / (1.25 + Math.cos(angle)));
    });
    let squares = 0;
    for (let c = 1; c <= 24; c++) {
      let sum = 0;
      for (const [f, value] of differences.entries())
        sum += (value * Math.cos((Math.PI * c * (2 * f + 1)) / (2 * bands))) / bands;
      squares += (2 * sum) ** 2;
    }
    // Cepstra are those of ln |H|² here, ln |H|² = c₀ + Σ c cos, twice the ones summed.
    const expected = (10 / Math.log(10)) * Math.sqrt(2 * squares);
    const { melCepstralDb } = speechDistance({ sampleRate, samples: reference }, other)!;
    expect(expected).toBeGreaterThan(3);
    expect(Math.abs(melCepstralDb / expected - 1)).toBeLessThan(0.03);
  });

  it('only what lies in the spans counts', () => {
    const half = samples.map((value, n) => (n < 4000 ? value : -0.3 * value));
    expect(speechDistance(sound, half, [{ start: 0, end: 0.2 }])!.logSpectralDb).toBe(0);
    expect(speechDistance(sound, half, [{ start: 0.3, end: 0.5 }])!.logSpectralDb).toBeGreaterThan(5);
  });

  it('there is none from silence', () => {
    expect(speechDistance({ sampleRate, samples: new Float32Array(8000) }, samples)).toBeUndefined();
  });
});

it('a spectrogram is white at the frequency of a tone, counted from below', () => {
  const tone = Float32Array.from({ length: 1600 }, (_, n) => Math.sin((2 * Math.PI * 2000 * n) / sampleRate));
  const { width, height, data } = spectrogram({ sampleRate, samples: tone });
  expect([width, height]).toEqual([26, 257]);
  const column = Array.from({ length: height }, (_, k) => data[3 * ((height - 1 - k) * width + 12)]!);
  expect(column.indexOf(Math.max(...column))).toBe((2000 / 8000) * 256);
  expect(Math.max(...column)).toBeGreaterThan(250);
  expect(column[200]).toBe(0);
});

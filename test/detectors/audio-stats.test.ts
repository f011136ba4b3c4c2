import { expect, test } from 'vitest';
import { audioFeatures } from '../../detectors/audio-stats.job.ts';
import { createRng } from '../../src/random.ts';
import type { Audio } from '../../src/types.ts';
import { openFrames } from '../support/clips.ts';

const sampleRate = 16000;
const featuresOf = (samples: Float32Array): Promise<number[]> =>
  audioFeatures({ ...openFrames('clip', []), audio: async (): Promise<Audio> => ({ sampleRate, samples }) });
const sine = (hertz: number, amplitude: number): Float32Array =>
  Float32Array.from(
    { length: 16384 },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / sampleRate),
  );

test('a steady tone: no silence, its level, its pitch, no spread', async () => {
  const [silent, mean, spread, low, high, peak, centre, centreSpread] = await featuresOf(sine(2000, 0.5));
  expect(silent).toBe(0);
  // The Hann window has a mean square of 3/8; a sine of amplitude ½ one of 1/8.
  expect(mean).toBeCloseTo(10 * Math.log10((3 / 8) * (1 / 8)), 1);
  expect(spread).toBeLessThan(0.1);
  expect(high! - low!).toBeLessThan(0.2);
  expect(peak).toBeCloseTo(20 * Math.log10(0.5), 2);
  expect(centre).toBeCloseTo(2, 1);
  expect(centreSpread).toBeLessThan(0.01);
});

test('half silence is counted as half, and does not dilute the spectrum', async () => {
  const samples = sine(2000, 0.5);
  samples.fill(0, 8192);
  const features = await featuresOf(samples);
  expect(features[0]).toBe(0.5);
  expect(features[6]).toBeCloseTo(2, 1);
});

test('noise reaches further than a tone; silence alone gives finite numbers', async () => {
  const rng = createRng(1, 'audio-stats');
  const noise = await featuresOf(Float32Array.from({ length: 16384 }, () => rng.normal(0, 0.1)));
  const tone = await featuresOf(sine(500, 0.2));
  expect(noise[8]!).toBeGreaterThan(tone[8]! + 3);
  expect((await featuresOf(new Float32Array(4096))).every(Number.isFinite)).toBe(true);
});

test('less than a window is refused by name', async () => {
  await expect(featuresOf(new Float32Array(400))).rejects.toMatchObject({ code: 'E_TOO_SHORT' });
});

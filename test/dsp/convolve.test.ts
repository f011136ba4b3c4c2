import { expect, test } from 'vitest';
import { convolve } from '../../src/dsp/convolve.ts';
import { bandPassKernel, filterCentred, lowPassKernel } from '../../src/dsp/low-pass.ts';
import { createRng } from '../../src/random.ts';

const normal = (length: number, name: string): Float64Array => {
  const rng = createRng(1, 'convolve', name);
  return Float64Array.from({ length }, () => rng.normal());
};

test.each([
  [1, 1, 0],
  [1, 7, 3],
  [5, 1, 0],
  [40, 9, 4],
  [1000, 33, 0],
  [1000, 33, 16],
  [257, 64, 63],
  [30, 400, 200],
])('%i samples through a kernel of %i held back by %i: the sum that defines it', (length, taps, delay) => {
  const [x, kernel] = [normal(length, 'x'), normal(taps, 'kernel')];
  const slow = x.map((_, n) => {
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += kernel[k]! * (x[n + delay - k] ?? 0);
    return sum;
  });
  const fast = convolve(x, kernel, delay);
  expect(fast).toHaveLength(length);
  fast.forEach((value, n) => expect(value).toBeCloseTo(slow[n]!, 9));
});

/** What is left of the amplitude of a tone. */
function left(kernel: Float64Array, hz: number, sampleRate: number): number {
  const middle = (kernel.length - 1) / 2;
  return Math.abs(
    kernel.reduce((sum, tap, i) => sum + tap * Math.cos((2 * Math.PI * hz * (i - middle)) / sampleRate), 0),
  );
}

test.each([8000, 16000, 22050, 44100, 48000])(
  'at %i Hz a low-pass lets pass what is 50 Hz below its limit, halves what lies at it and stops what is 50 Hz above',
  (sampleRate) => {
    for (const cutoffHz of [2000, 3400]) {
      const kernel = lowPassKernel(cutoffHz, sampleRate);
      for (const hz of [0, 100, cutoffHz / 2, cutoffHz - 50])
        expect(Math.abs(left(kernel, hz, sampleRate) - 1)).toBeLessThan(1e-3);
      expect(left(kernel, cutoffHz, sampleRate)).toBeCloseTo(0.5, 2);
      for (const hz of [cutoffHz + 50, cutoffHz + 300, sampleRate / 2])
        expect(left(kernel, hz, sampleRate)).toBeLessThan(10 ** (-70 / 20));
    }
  },
);

test('a band-pass has both limits', () => {
  const kernel = bandPassKernel(300, 3400, 16000);
  for (const hz of [350, 1000, 3350]) expect(Math.abs(left(kernel, hz, 16000) - 1)).toBeLessThan(1e-3);
  for (const hz of [0, 100, 250, 3450, 8000])
    expect(left(kernel, hz, 16000)).toBeLessThan(2 * 10 ** (-70 / 20));
});

test('a low-pass beyond half the sampling rate changes nothing, and no filter moves a sound in time', () => {
  const sound = Float32Array.from(normal(500, 'sound'));
  filterCentred(sound, lowPassKernel(4000, 8000)).forEach((value, n) =>
    expect(value).toBeCloseTo(sound[n]!, 5),
  );
  const impulse = new Float32Array(2001);
  impulse[1000] = 1;
  const heard = filterCentred(impulse, bandPassKernel(300, 3400, 16000));
  expect(heard.indexOf(Math.max(...heard))).toBe(1000);
  for (let n = 1; n <= 1000; n++) expect(heard[1000 + n]).toBeCloseTo(heard[1000 - n]!, 6);
});

import { describe, expect, it } from 'vitest';
import { fft, fft2d, realFft } from '../../src/dsp/fft.ts';
import { createRng } from '../../src/random.ts';

const rng = createRng(1, 'fft-test');
const noise = (length: number): Float64Array => Float64Array.from({ length }, () => rng.normal());

/** The definition, term by term. */
function slowDft(real: Float64Array, imaginary: Float64Array): { real: number[]; imaginary: number[] } {
  const size = real.length;
  const result = { real: [] as number[], imaginary: [] as number[] };
  for (let k = 0; k < size; k++) {
    let [re, im] = [0, 0];
    for (let n = 0; n < size; n++) {
      const angle = (-2 * Math.PI * ((k * n) % size)) / size;
      re += real[n]! * Math.cos(angle) - imaginary[n]! * Math.sin(angle);
      im += real[n]! * Math.sin(angle) + imaginary[n]! * Math.cos(angle);
    }
    result.real.push(re);
    result.imaginary.push(im);
  }
  return result;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-11);
}

describe('fft', () => {
  it.each([1, 2, 4, 8, 64, 256])('equals the definition for N = %i', (size) => {
    const input = { real: noise(size), imaginary: noise(size) };
    const before = structuredClone(input);
    const actual = fft(input);
    const expected = slowDft(input.real, input.imaginary);
    expectClose(actual.real, expected.real);
    expectClose(actual.imaginary, expected.imaginary);
    expect(input).toEqual(before);
  });

  it('gives the first N/2 + 1 bins of real numbers', () => {
    const samples = noise(32);
    const { real, imaginary } = realFft(samples);
    const expected = slowDft(samples, new Float64Array(32));
    expectClose(real, expected.real.slice(0, 17));
    expectClose(imaginary, expected.imaginary.slice(0, 17));
  });

  it('refuses sizes that are no power of two', () => {
    expect(() => realFft(new Float64Array(0))).toThrow('0 is not a power of two');
    expect(() => realFft(new Float64Array(12))).toThrow('12 is not a power of two');
  });
});

describe('fft2d', () => {
  it('equals the definition', () => {
    const size = 8;
    const picture = noise(size * size);
    const { real, imaginary } = fft2d(picture, size);
    for (let v = 0; v < size; v++) {
      for (let u = 0; u < size; u++) {
        let [re, im] = [0, 0];
        for (let y = 0; y < size; y++) {
          for (let x = 0; x < size; x++) {
            const angle = (-2 * Math.PI * (u * x + v * y)) / size;
            re += picture[y * size + x]! * Math.cos(angle);
            im += picture[y * size + x]! * Math.sin(angle);
          }
        }
        expect(real[v * size + u]).toBeCloseTo(re, 10);
        expect(imaginary[v * size + u]).toBeCloseTo(im, 10);
      }
    }
  });

  it('refuses values that are not size×size', () => {
    expect(() => fft2d(new Float64Array(15), 4)).toThrow('15 values are not 4×4');
  });
});

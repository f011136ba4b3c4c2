import { expect, test } from 'vitest';
import {
  cleaned,
  noiseResidual,
  sensorPattern,
  signedPce,
  wienerNoise,
  zeroMeans,
} from '../../src/dsp/sensor-pattern.ts';
import { inverseWavelet, waveletTransform } from '../../src/dsp/wavelet.ts';
import { createRng } from '../../src/random.ts';

const noise = (name: string, count: number, size = 1): Float64Array => {
  const rng = createRng(1, 'sensor-pattern', name);
  return Float64Array.from({ length: count }, () => rng.normal(0, size));
};

test('the wavelet transform is orthonormal and comes back', () => {
  const picture = noise('picture', 32 * 32);
  const coefficients = waveletTransform(picture, 32, 4);
  const energy = (values: Float64Array): number => values.reduce((sum, v) => sum + v * v, 0);
  expect(energy(coefficients)).toBeCloseTo(energy(picture), 8);
  inverseWavelet(coefficients, 32, 4).forEach((value, i) => expect(value).toBeCloseTo(picture[i]!, 10));
});

test('four vanishing moments: a cubic along the rows has details at the border alone', () => {
  const size = 64;
  const cubic = Float64Array.from({ length: size * size }, (_, i) => ((i % size) / size) ** 3);
  const coefficients = waveletTransform(cubic, size, 1);
  for (let y = 0; y < size; y++)
    for (let x = size / 2; x < size - 4; x++) expect(coefficients[y * size + x]).toBeCloseTo(0, 9);
  expect(Math.abs(coefficients[size - 1]!)).toBeGreaterThan(0.01);
});

test('the adaptive filter is its definition', () => {
  const size = 12;
  const values = noise('values', size * size, 8);
  const found = wienerNoise(values, size, 25);
  for (const [x, y] of [
    [0, 0],
    [5, 6],
    [11, 3],
  ] as const) {
    const signals = [3, 5, 7, 9].map((width) => {
      let sum = 0;
      for (let dy = -(width - 1) / 2; dy <= (width - 1) / 2; dy++)
        for (let dx = -(width - 1) / 2; dx <= (width - 1) / 2; dx++) {
          const inside = x + dx >= 0 && x + dx < size && y + dy >= 0 && y + dy < size;
          if (inside) sum += values[(y + dy) * size + x + dx]! ** 2;
        }
      return Math.max(0, sum / width ** 2 - 25);
    });
    const i = y * size + x;
    expect(found[i]).toBeCloseTo((values[i]! * 25) / (Math.min(...signals) + 25), 9);
  }
});

test('peak to correlation energy is its definition, sign and all', () => {
  const size = 16;
  const [a, b] = [noise('a', size * size), noise('b', size * size)];
  b.forEach((_, i) => (b[i]! -= 0.5 * a[i]!));
  let [peak, energy] = [0, 0];
  for (let dy = 0; dy < size; dy++)
    for (let dx = 0; dx < size; dx++) {
      let sum = 0;
      for (let i = 0; i < a.length; i++) {
        const [x, y] = [((i % size) + dx) % size, (Math.floor(i / size) + dy) % size];
        sum += a[y * size + x]! * b[i]!;
      }
      if (dx === 0 && dy === 0) peak = sum;
      const near = Math.min(dx, size - dx) <= 2 && Math.min(dy, size - dy) <= 2;
      if (!near) energy += sum ** 2 / a.length;
    }
  expect(signedPce(a, b, size)).toBeCloseTo((Math.sign(peak) * peak ** 2) / energy, 6);
  expect(signedPce(a, b, size)).toBeLessThan(-10);
  expect(signedPce(new Float64Array(256), b, size)).toBe(0);
});

test('rows and columns of the sub-lattices have mean 0', () => {
  const size = 8;
  const zero = zeroMeans(noise('lattice', size * size), size);
  for (let line = 0; line < size; line++)
    for (const first of [0, 1]) {
      const across = [0, 1, 2, 3].reduce((sum, j) => sum + zero[line * size + first + 2 * j]!, 0);
      const down = [0, 1, 2, 3].reduce((sum, j) => sum + zero[(first + 2 * j) * size + line]!, 0);
      expect(Math.abs(across) + Math.abs(down)).toBeLessThan(1e-12);
    }
});

test('a painted pattern is found in other pictures of its camera, and in no other camera’s', () => {
  const size = 64;
  const cameras = ['one', 'two'].map((name) => noise(name, size * size, 0.02));
  const shoot = (camera: number, shot: number): Float64Array => {
    const grain = noise(`grain ${camera} ${shot}`, size * size, 2);
    return grain.map((value, i) => {
      const scene = 120 + 60 * Math.sin((i % size) / 9 + shot) * Math.cos(i / size / 11);
      return scene * (1 + cameras[camera]![i]!) + value;
    });
  };
  const shots = (camera: number, from: number): Float64Array[] =>
    Array.from({ length: 8 }, (_, i) => shoot(camera, from + i));
  const pattern = sensorPattern(shots(0, 0), size);
  const agreement = (camera: number): number => {
    const picture = shoot(camera, 20);
    return signedPce(
      pattern.map((value, i) => value * picture[i]!),
      cleaned(noiseResidual(picture, size), size),
      size,
    );
  };
  expect(agreement(0)).toBeGreaterThan(100);
  expect(Math.abs(agreement(1))).toBeLessThan(20);
});

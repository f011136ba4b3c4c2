/** Colour transfer, seamless cloning, and the warp of training, beside what defines them. */
import { describe, expect, it } from 'vitest';
import { labOf, labStatistics, matchColours, rgbOf } from '../../src/faces/colour.ts';
import { poissonBlend } from '../../src/faces/poisson.ts';
import { randomWarp } from '../../src/faces/random-warp.ts';
import { createRng } from '../../src/random.ts';
import { paint } from '../support/clips.ts';

const size = 24;
const inDisc = (x: number, y: number): boolean => Math.hypot(x - 12, y - 11) < 8;
const mask = Float32Array.from({ length: size * size }, (_, i) =>
  inDisc(i % size, Math.floor(i / size)) ? 1 : 0,
);

describe('colours', () => {
  it('go to CIELAB and back; white, black, red and green are where the standard has them', () => {
    const known = [
      [
        [255, 255, 255],
        [100, 0, 0],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      [
        [255, 0, 0],
        [53.24, 80.09, 67.2],
      ],
      [
        [0, 255, 0],
        [87.73, -86.18, 83.18],
      ],
    ] as const;
    for (const [[r, g, b], lab] of known)
      labOf(r, g, b).forEach((value, c) => expect(Math.abs(value - lab[c]!)).toBeLessThan(0.02));
    const rng = createRng(1, 'lab');
    for (let i = 0; i < 300; i++) {
      const rgb = [rng.int(256), rng.int(256), rng.int(256)] as const;
      rgbOf(...labOf(...rgb)).forEach((value, c) => expect(Math.abs(value - rgb[c]!)).toBeLessThan(0.05));
    }
  });

  it('a face takes mean and spread of another inside the mask; what lies outside has no say', () => {
    const face = paint(size, size, (x, y) => (inDisc(x, y) ? [90 + 3 * x, 80 + 2 * y, 70 + x] : [255, 0, 0]));
    const like = paint(size, size, (x, y) => (inDisc(x, y) ? [150 + 2 * y, 110 + 2 * x, 100] : [0, 0, 255]));
    const [wanted, found] = [labStatistics(like, mask), labStatistics(matchColours(face, like, mask), mask)];
    for (let c = 0; c < 3; c++) {
      expect(Math.abs(found.mean[c]! - wanted.mean[c]!)).toBeLessThan(0.3);
      expect(Math.abs(found.deviation[c]! - wanted.deviation[c]!)).toBeLessThan(0.3);
    }
    expect(() => labStatistics(face, new Float32Array(size * size))).toThrow('empty');
  });

  it('means and deviations are those of the definition, weighed by the mask', () => {
    const rng = createRng(1, 'statistics');
    const frame = paint(6, 6, () => [rng.int(256), rng.int(256), rng.int(256)]);
    const weights = Float32Array.from({ length: 36 }, () => rng.uniform());
    const total = weights.reduce((sum, value) => sum + value, 0);
    const lightness = Array.from(
      weights,
      (_, i) => labOf(...(frame.data.subarray(i * 3, i * 3 + 3) as unknown as [number, number, number]))[0],
    );
    const mean = lightness.reduce((sum, value, i) => sum + value * weights[i]!, 0) / total;
    const variance = lightness.reduce((sum, value, i) => sum + weights[i]! * (value - mean) ** 2, 0) / total;
    const found = labStatistics(frame, weights);
    expect(found.mean[0]).toBeCloseTo(mean, 6);
    expect(found.deviation[0]).toBeCloseTo(Math.sqrt(variance), 6);
  });
});

describe('seamless cloning', () => {
  const base = paint(size, size, (x, y) => [60 + 4 * x, 100 + 2 * y, 90]);
  const patch = paint(size, size, (x, y) => [180 + 10 * Math.sin(x), 60 + 5 * Math.cos(y / 2), 90 + x]);
  const blended = poissonBlend(base, patch, mask);
  const at = (frame: typeof base, x: number, y: number, c: number): number =>
    frame.data[(y * size + x) * 3 + c]!;

  it('leaves everything outside as it is', () => {
    for (let i = 0; i < mask.length; i++)
      if (mask[i] === 0)
        for (let c = 0; c < 3; c++) expect(blended.data[i * 3 + c]).toBe(base.data[i * 3 + c]);
  });

  it('is the solution that plain relaxation comes to', () => {
    for (let c = 0; c < 3; c++) {
      const value = Float64Array.from({ length: size * size }, (_, i) => base.data[i * 3 + c]!);
      for (let sweep = 0; sweep < 3000; sweep++)
        for (let i = 0; i < mask.length; i++) {
          if (mask[i] === 0) continue;
          let sum = 0;
          for (const next of [i - size, i - 1, i + 1, i + size])
            sum += value[next]! + patch.data[i * 3 + c]! - patch.data[next * 3 + c]!;
          value[i] = sum / 4;
        }
      for (let i = 0; i < mask.length; i++)
        expect(Math.abs(blended.data[i * 3 + c]! - Math.max(0, Math.min(255, value[i]!)))).toBeLessThan(1);
    }
  });

  it('a patch that differs by one colour everywhere disappears', () => {
    const shifted = paint(size, size, (x, y) => [
      at(base, x, y, 0) + 30,
      at(base, x, y, 1) - 20,
      at(base, x, y, 2) + 5,
    ]);
    const same = poissonBlend(base, shifted, mask);
    for (let i = 0; i < base.data.length; i++)
      expect(Math.abs(same.data[i]! - base.data[i]!)).toBeLessThanOrEqual(1);
  });

  it('the edge of the picture stays, whatever the mask', () => {
    const whole = poissonBlend(base, patch, new Float32Array(size * size).fill(1));
    for (let x = 0; x < size; x++) expect(at(whole, x, 0, 0)).toBe(at(base, x, 0, 0));
    expect(at(whole, 12, 12, 0)).not.toBe(at(base, 12, 12, 0));
  });
});

describe('the warp of training', () => {
  it('moves 25 nodes by the published spread, and what lies between in straight lines', () => {
    const side = 64;
    let [sum, squares, count] = [0, 0, 0];
    for (let i = 0; i < 300; i++) {
      const places = randomWarp(createRng(1, 'warp', i), side);
      const shift = (x: number, y: number, c: number): number =>
        places[(y * side + x) * 2 + c]! - (c === 0 ? x : y) - 0.5;
      // Half a pixel beside a node the shift is nearly the node's.
      for (const node of [0, 16, 32, 48]) {
        sum += shift(node, node, 0);
        squares += shift(node, node, 0) ** 2;
        count++;
      }
      // Between two columns of nodes shifts lie on a line.
      const third = shift(24, 40, 1) - (shift(20, 40, 1) + shift(28, 40, 1)) / 2;
      expect(Math.abs(third)).toBeLessThan(1e-4);
    }
    expect(Math.abs(sum / count)).toBeLessThan(0.1);
    const nodeShare = 1 - 2 * (0.5 / 16) * (1 - 0.5 / 16);
    expect(Math.sqrt(squares / count)).toBeCloseTo((5 / 256) * side * nodeShare, 1);
  });
});

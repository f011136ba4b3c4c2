import { describe, expect, test } from 'vitest';
import { fromYcbcr, toYcbcr } from '../../src/perturbations/colour.ts';
import {
  blocks,
  blur,
  contrast,
  noise,
  pixelate,
  saturate,
  severities,
} from '../../src/perturbations/pixels.ts';
import { createRng } from '../../src/random.ts';
import type { Frame } from '../../src/types.ts';
import { paint } from '../support/clips.ts';

const colourful = paint(256, 256, (x, y) => [x, y, (x + y) / 2]);
const grey = (value: number, side = 256): Frame => paint(side, side, () => [value, value, value]);
const meanOf = ({ data }: Frame): number => data.reduce((sum, value) => sum + value, 0) / data.length;
const deviationOf = (values: ArrayLike<number>): number => {
  const all = Float64Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
};

test('colours come back, and lie where video has them', () => {
  expect(toYcbcr(0, 0, 0)[0]).toBeCloseTo(16 / 255, 12);
  expect(toYcbcr(255, 255, 255)[0]).toBeCloseTo(235 / 255, 12);
  for (const [r, g, b] of [
    [10, 200, 30],
    [255, 0, 128],
  ] as const)
    fromYcbcr(toYcbcr(r, g, b)).forEach((value, c) => expect(value).toBeCloseTo([r, g, b][c]!, 0));
  expect(toYcbcr(77, 77, 77).slice(1)).toEqual([
    expect.closeTo(128 / 255, 12),
    expect.closeTo(128 / 255, 12),
  ]);
});

/** Bilinear by its definition: every pixel of the source weighs by a triangle of one pixel about the place that is looked up; places beyond the outermost centres are these. */
function resized(frame: Frame, width: number, height: number): Frame {
  const weights = (to: number, from: number, at: number): number[] => {
    const place = Math.min(from - 1, Math.max(0, (from * (2 * at + 1)) / (2 * to) - 0.5));
    return Array.from({ length: from }, (_, i) => Math.max(0, 1 - Math.abs(place - i)));
  };
  return paint(width, height, (x, y) => {
    const [across, down] = [weights(width, frame.width, x), weights(height, frame.height, y)];
    const sum = [0, 0, 0] as [number, number, number];
    down.forEach((wy, row) =>
      across.forEach((wx, column) => {
        for (let c = 0; c < 3; c++) sum[c]! += wy * wx * frame.data[3 * (row * frame.width + column) + c]!;
      }),
    );
    return sum;
  });
}

describe('each severity has the effect that defines it', () => {
  test.each(severities.CS)('colours: %f of their distance from grey is left', (left) => {
    const distance = ({ data }: Frame): number =>
      data.reduce((sum, value, i) => sum + (i % 3 === 0 ? Math.abs(value - data[i + 1]!) : 0), 0);
    expect(distance(saturate(colourful, left, true)) / distance(colourful)).toBeCloseTo(left, 1);
  });

  test.each(severities.CC)(
    'contrast: %f of the deviation is left, the mean stays; published, both fall',
    (left) => {
      const [fixed, published] = [contrast(colourful, left, true), contrast(colourful, left, false)];
      expect(deviationOf(fixed.data) / deviationOf(colourful.data)).toBeCloseTo(left, 2);
      expect(meanOf(fixed)).toBeCloseTo(meanOf(colourful), 0);
      expect(meanOf(published) / meanOf(colourful)).toBeCloseTo(left, 1);
    },
  );

  test.each(severities.BW)(
    'blocks: %i of 8×8 px of 128 in 256 px, none in a smaller frame as published, fewer and smaller ones if fixed',
    (count) => {
      const changed = (frame: Frame): number => frame.data.filter((value) => value === 128).length / 3;
      // Some lie over others; of so many squares at random the share of the area is known.
      const free = (1 - 64 / (249 * 249)) ** count;
      const one = changed(blocks(grey(0), count, false, createRng(1)));
      expect(one).toBeGreaterThan(0.8 * (1 - free) * 256 * 256);
      expect(one).toBeLessThanOrEqual(64 * count);
      expect(changed(blocks(grey(0, 128), count, false, createRng(1)))).toBe(0);
      const half = changed(blocks(grey(0, 128), count, true, createRng(1)));
      expect(half).toBeGreaterThan(0.7 * 16 * count);
      expect(half).toBeLessThanOrEqual(16 * count);
    },
  );

  test.each(severities.GNC)(
    'noise of variance %f: its deviation after the way back, of the luma and of each colour',
    (variance) => {
      const made = noise(grey(128), variance, createRng(2));
      const luma: number[] = [];
      for (let i = 0; i < made.data.length; i += 3)
        luma.push(0.299 * made.data[i]! + 0.587 * made.data[i + 1]! + 0.114 * made.data[i + 2]!);
      const expected = (255 * 255 * Math.sqrt(variance)) / 219;
      // The strongest noise is clipped at black and white.
      expect(deviationOf(luma) / expected).toBeGreaterThan(variance < 0.05 ? 0.97 : 0.8);
      expect(deviationOf(luma) / expected).toBeLessThan(1.03);
      expect(noise(grey(128), variance, createRng(2)).data).toEqual(made.data);
    },
  );

  test.each(severities.GB)('a blur of %i taps has a σ of a sixth of them', (taps) => {
    const middle = 64;
    const point = blur(
      paint(129, 129, (x) => (x >= middle ? [255, 255, 255] : [0, 0, 0])),
      taps,
    );
    const row = Array.from({ length: 129 }, (_, x) => point.data[3 * (64 * 129 + x)]!);
    // The slope of a blurred edge is the kernel.
    const slope = row.slice(1).map((value, i) => value - row[i]!);
    const total = slope.reduce((sum, value) => sum + value, 0);
    const centre = slope.reduce((sum, value, i) => sum + (value * i) / total, 0);
    const sigma = Math.sqrt(slope.reduce((sum, value, i) => sum + (value * (i - centre) ** 2) / total, 0));
    expect(sigma / (taps / 6)).toBeGreaterThan(0.93);
    expect(sigma / (taps / 6)).toBeLessThan(1.05);
  });

  test.each(severities.JPEG)(
    'pixelation by %i is two resizings by their definition, of any size',
    (factor) => {
      const rng = createRng(4, 'pixelate', factor);
      for (const [width, height] of [
        [60, 30],
        [31, 47],
        [factor, 2 * factor + 1],
      ] as const) {
        const frame = paint(width, height, () => [rng.int(256), rng.int(256), rng.int(256)]);
        const small = resized(frame, Math.floor(width / factor), Math.floor(height / factor));
        const [made, wanted] = [pixelate(frame, factor), resized(small, width, height)];
        const apart = made.data.map((value, i) => Math.abs(value - wanted.data[i]!));
        // Means that lie between two bytes, as many do here, may be rounded either way.
        expect(Math.max(...apart)).toBeLessThanOrEqual(1);
        expect(apart.filter((difference) => difference > 0).length).toBeLessThan(0.05 * apart.length);
      }
    },
  );

  test.each(severities.JPEG)('pixelation by %i: nothing finer than so many pixels is left', (factor) => {
    const stripes = paint(240, 240, (x) => (x % 2 === 0 ? [255, 255, 255] : [0, 0, 0]));
    expect(deviationOf(pixelate(stripes, factor).data)).toBeLessThan(factor === 3 || factor === 5 ? 128 : 10);
    expect(pixelate(grey(90), factor).data.every((value) => value === 90)).toBe(true);
    expect(pixelate(colourful, factor)).toMatchObject({ width: 256, height: 256 });
  });
});

test('a frame of one pixel comes through all of them', () => {
  const one = paint(1, 1, () => [10, 20, 30]);
  for (const made of [
    saturate(one, 0.1, false),
    contrast(one, 0.35, true),
    blocks(one, 80, true, createRng(1)),
    noise(one, 0.01, createRng(1)),
    blur(one, 21),
    pixelate(one, 6),
  ])
    expect(made.data).toHaveLength(3);
});

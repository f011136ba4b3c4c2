import { expect, test } from 'vitest';
import { pearson } from '../../src/metrics/correlation.ts';
import { type Box, psnr, ssim } from '../../src/metrics/image.ts';
import { createRng } from '../../src/random.ts';
import type { Frame } from '../../src/types.ts';

const rng = createRng(4, 'pictures');
function noise(width: number, height: number): Frame {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => rng.int(256)) };
}
function disturbed(frame: Frame, by: number): Frame {
  return {
    ...frame,
    data: frame.data.map((value) => Math.max(0, Math.min(255, value + Math.round(rng.normal(0, by))))),
  };
}
const pixel = (frame: Frame, x: number, y: number, channel: number) =>
  frame.data[(y * frame.width + x) * 3 + channel]!;
const luma = (frame: Frame, x: number, y: number) =>
  0.299 * pixel(frame, x, y, 0) + 0.587 * pixel(frame, x, y, 1) + 0.114 * pixel(frame, x, y, 2);

/** The definition: local statistics under a two-dimensional window at every place, one after the other. */
function naiveSsim(a: Frame, b: Frame, box: Box): number {
  const weights = Array.from({ length: 121 }, (_, i) => {
    const [dx, dy] = [(i % 11) - 5, Math.floor(i / 11) - 5];
    return Math.exp(-(dx * dx + dy * dy) / (2 * 1.5 * 1.5));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const values: number[] = [];
  for (let y = box.y; y + 11 <= box.y + box.height; y++)
    for (let x = box.x; x + 11 <= box.x + box.width; x++) {
      const expectation = (of: (x: number, y: number) => number) =>
        weights.reduce((sum, weight, i) => sum + weight * of(x + (i % 11), y + Math.floor(i / 11)), 0) /
        total;
      const muA = expectation((u, v) => luma(a, u, v));
      const muB = expectation((u, v) => luma(b, u, v));
      const varA = expectation((u, v) => (luma(a, u, v) - muA) ** 2);
      const varB = expectation((u, v) => (luma(b, u, v) - muB) ** 2);
      const cov = expectation((u, v) => (luma(a, u, v) - muA) * (luma(b, u, v) - muB));
      const [c1, c2] = [2.55 ** 2, 7.65 ** 2];
      values.push(
        ((2 * muA * muB + c1) * (2 * cov + c2)) / ((muA ** 2 + muB ** 2 + c1) * (varA + varB + c2)),
      );
    }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test.each([3, 20, 80])(
  'SSIM equals the naive window sum (noise %d), in the whole picture and in a box',
  (by) => {
    const a = noise(23, 19);
    const b = disturbed(a, by);
    const box = { x: 4, y: 3, width: 14, height: 12 };
    expect(ssim(a, b).value).toBeCloseTo(naiveSsim(a, b, { x: 0, y: 0, width: 23, height: 19 }), 9);
    expect(ssim(a, b, box).value).toBeCloseTo(naiveSsim(a, b, box), 9);
  },
);

test('SSIM of a picture with itself is 1, with its negative below 0', () => {
  const a = noise(16, 16);
  expect(ssim(a, a).value).toBeCloseTo(1, 12);
  expect(ssim(a, { ...a, data: a.data.map((value) => 255 - value) }).value).toBeLessThan(0);
});

test('PSNR equals its definition in a box and does not see what lies outside', () => {
  const a = noise(12, 9);
  const b = disturbed(a, 10);
  const box = { x: 2, y: 1, width: 5, height: 4 };
  let squares = 0;
  for (let y = 1; y < 5; y++)
    for (let x = 2; x < 7; x++)
      for (let c = 0; c < 3; c++) squares += (pixel(a, x, y, c) - pixel(b, x, y, c)) ** 2;
  expect(psnr(a, b, box).value).toBeCloseTo(10 * Math.log10(255 ** 2 / (squares / 60)), 10);
  const outside = { ...b, data: b.data.slice() };
  outside.data[0] = 255 - outside.data[0]!;
  expect(psnr(a, outside, box)).toEqual(psnr(a, b, box));
});

test('one grey level everywhere is 48.13 dB', () => {
  const a: Frame = { width: 4, height: 4, data: new Uint8Array(48).fill(100) };
  expect(psnr(a, { ...a, data: new Uint8Array(48).fill(101) }).value).toBeCloseTo(48.1308, 4);
});

test('what is undefined has a reason, what is wrong is refused', () => {
  const a = noise(12, 12);
  expect(psnr(a, a)).toEqual({ value: null, reason: expect.stringContaining('identical') });
  expect(ssim(a, a, { x: 0, y: 0, width: 10, height: 12 })).toEqual({
    value: null,
    reason: expect.stringContaining('10×12'),
  });
  expect(() => psnr(a, noise(12, 13))).toThrow('12×12 and 12×13');
  expect(() => psnr(a, a, { x: 5, y: 0, width: 8, height: 2 })).toThrow('does not lie in');
  expect(() => psnr(a, a, { x: 0.5, y: 0, width: 8, height: 2 })).toThrow('whole pixels');
});

test('correlation: exact lines, the definition, and its gaps', () => {
  expect(pearson([1, 2, 3], [5, 7, 9]).value).toBeCloseTo(1, 12);
  expect(pearson([1, 2, 3], [9, 7, 5]).value).toBeCloseTo(-1, 12);
  expect(pearson([1, 2, 3, 4], [1, 3, 2, 4]).value).toBeCloseTo(0.8, 12);
  expect(pearson([1, 1], [1, 2])).toEqual({ value: null, reason: 'one of the series is constant' });
  expect(pearson([1], [1])).toMatchObject({ value: null });
  expect(() => pearson([1, Number.NaN], [1, 2])).toThrow('finite');
  expect(() => pearson([1, 2], [1])).toThrow('2 and 1 values');
});

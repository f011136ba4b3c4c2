import { describe, expect, it, test } from 'vitest';
import { compose, fitSimilarity, invert, mapPoints } from '../../src/faces/align.ts';
import { cropFace, cropMap } from '../../src/faces/crop.ts';
import { meanFace } from '../../src/faces/mean-face.ts';
import { fitAffine } from '../../src/faces/warp.ts';
import { createRng } from '../../src/random.ts';
import { paint } from '../support/clips.ts';

describe('the similarity between two sets of points', () => {
  const from = [10, 20, 40, 22, 25, 45, 15, 60, 38, 61];
  const to = [0.2, 0.3, 0.8, 0.3, 0.5, 0.55, 0.3, 0.8, 0.7, 0.8];

  it('is that of the singular value decomposition, worked out elsewhere', () => {
    const [a, minusB, tx, b, again, ty] = fitSimilarity(from, to);
    expect(a).toBeCloseTo(0.0145354, 7);
    expect(b).toBeCloseTo(-2.179e-5, 8);
    expect([tx, ty]).toEqual([expect.closeTo(0.1269874, 7), expect.closeTo(-0.0541144, 7)]);
    expect([minusB, again]).toEqual([-b, a]);
  });

  it('has the least squares: whatever else is tried is worse', () => {
    const errorOf = (map: ReturnType<typeof fitSimilarity>): number =>
      mapPoints(map, from).reduce((sum, value, i) => sum + (value - to[i]!) ** 2, 0);
    const [a, , tx, b, , ty] = fitSimilarity(from, to);
    const best = errorOf(fitSimilarity(from, to));
    const rng = createRng(1, 'similarity');
    for (let i = 0; i < 200; i++) {
      const [p, q] = [a + rng.normal(0, 1e-3), b + rng.normal(0, 1e-3)];
      const moved = [p, -q, tx + rng.normal(0, 0.02), q, p, ty + rng.normal(0, 0.02)] as const;
      expect(errorOf(moved)).toBeGreaterThan(best);
    }
  });

  it('finds a known one, and refuses points that say nothing', () => {
    const known = [1.2, -0.5, 7, 0.5, 1.2, -3] as const;
    const found = fitSimilarity(from, mapPoints(known, from));
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(known[i]!, 4);
    expect(() => fitSimilarity([1, 1, 1, 1], [0, 0, 1, 1])).toThrow('two different points');
    expect(() => fitSimilarity([1, 1], [0, 0, 1, 1])).toThrow('1 points cannot be laid on 2');
  });
});

test('maps are undone and joined', () => {
  const [one, other] = [
    [1.2, -0.5, 7, 0.3, 0.9, -3],
    [0.4, 0.1, -2, -0.2, 1.5, 4],
  ] as const;
  const points = [3, 4, -1, 8, 0.5, -7];
  const there = mapPoints(one, points);
  mapPoints(invert(one), there).forEach((value, i) => expect(value).toBeCloseTo(points[i]!, 4));
  const joined = mapPoints(compose(other, one), points);
  mapPoints(other, there).forEach((value, i) => expect(joined[i]).toBeCloseTo(value, 4));
});

test('the mean face fills the unit square and is the same on both sides', () => {
  expect(meanFace).toHaveLength(102);
  const axis = (c: number): number[] => meanFace.filter((_, i) => i % 2 === c);
  expect([Math.min(...axis(0)), Math.max(...axis(0))]).toEqual([0, 1]);
  expect((Math.min(...axis(1)) + Math.max(...axis(1))) / 2).toBeCloseTo(0.5, 3);
  // Brows, from the outer end of one to that of the other; corners of eyes and mouth.
  for (const [left, right] of [
    [0, 9],
    [4, 5],
    [19, 28],
    [22, 25],
    [31, 37],
    [43, 47],
  ] as const) {
    expect(meanFace[left * 2]! + meanFace[right * 2]!).toBeCloseTo(1, 2);
    expect(meanFace[left * 2 + 1]).toBeCloseTo(meanFace[right * 2 + 1]!, 2);
  }
});

describe('crops', () => {
  const sizePx = 32;

  it('bring a turned and enlarged face to the mean face’s place', () => {
    const [cos, sin] = [Math.cos(0.4) * 90, Math.sin(0.4) * 90];
    const landmarks = mapPoints([cos, -sin, 70, sin, cos, 20], meanFace);
    const found = mapPoints(cropMap(landmarks, sizePx), landmarks);
    const wanted = fitAffine(meanFace, found, 2);
    expect([wanted[0], wanted[4]]).toEqual([expect.closeTo(20.8, 3), expect.closeTo(20.8, 3)]);
    expect([wanted[1], wanted[3]]).toEqual([expect.closeTo(0, 3), expect.closeTo(0, 3)]);
    expect([wanted[2], wanted[5]]).toEqual([expect.closeTo(5.6, 3), expect.closeTo(2.72, 3)]);
  });

  it('show what lies there, and keep a crop of itself', () => {
    const frame = paint(90, 80, (x, y) => [x * 2, y * 3, 100]);
    const [a, b, c, d, e, f] = invert([0.5, 0, -6, 0, 0.5, -4]);
    const crop = cropFace(frame, [0.5, 0, -6, 0, 0.5, -4], sizePx);
    for (const [x, y] of [
      [0, 0],
      [10, 20],
      [31, 31],
    ] as const) {
      const [u, v] = [a * (x + 0.5) + b * (y + 0.5) + c, d * (x + 0.5) + e * (y + 0.5) + f];
      const at = (y * sizePx + x) * 3;
      expect(Math.abs(crop.data[at]! - (u - 0.5) * 2)).toBeLessThanOrEqual(1);
      expect(Math.abs(crop.data[at + 1]! - (v - 0.5) * 3)).toBeLessThanOrEqual(1);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDelong, delong } from '../../src/metrics/delong.ts';
import { normalBelow, probit, studentQuantile, twoSided } from '../../src/metrics/distributions.ts';
import { rankScores } from '../../src/metrics/ranking.ts';

const fakes = [0.9, 0.8, 0.7, 0.6, 0.55, 0.3];
const reals = [0.65, 0.5, 0.4, 0.35, 0.2, 0.1, 0.05, 0.7];
const labels = [...fakes.map(() => 1), ...reals.map(() => 0)];
const first = [...fakes, ...reals];
const second = [0.95, 0.6, 0.85, 0.4, 0.65, 0.5, 0.45, 0.55, 0.3, 0.2, 0.35, 0.15, 0.1, 0.62];

/** The definition: every pair compared, the structural components' covariances over n. */
function slowCovariance(a: number[], b: number[], isFake: boolean[]): number {
  const win = (x: number, y: number): number => (x > y ? 1 : x === y ? 0.5 : 0);
  const [fakeAt, realAt] = [true, false].map((fake) => isFake.flatMap((own, i) => (own === fake ? [i] : [])));
  const components = (s: number[]): [number[], number[]] => [
    fakeAt!.map((i) => mean(realAt!.map((j) => win(s[i]!, s[j]!)))),
    realAt!.map((j) => mean(fakeAt!.map((i) => win(s[i]!, s[j]!)))),
  ];
  const [ofA, ofB] = [components(a), components(b)];
  return [0, 1].reduce((sum, k) => {
    const [x, y] = [ofA[k]!, ofB[k]!];
    const [mx, my] = [mean(x), mean(y)];
    return sum + x.reduce((s, value, i) => s + (value - mx) * (y[i]! - my), 0) / (x.length - 1) / x.length;
  }, 0);
}
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('DeLong', () => {
  test('the published vector: one AUC, and two on the same items', () => {
    expect(delong(rankScores(first, labels))).toMatchObject({
      value: expect.closeTo(0.8020833, 7),
      variance: expect.closeTo(0.0159164187, 10),
    });
    const both = compareDelong(first, second, labels);
    expect(both).toMatchObject({
      variance: expect.closeTo(0.0097160218, 10),
      z: expect.closeTo(-0.7397459, 7),
    });
    expect(both.p).toBeCloseTo(0.45945, 5);
  });

  test('the slow definition, on 2,000 random cases with ties', () => {
    const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -9, max: 9, noNaN: true }));
    const cases = fc
      .array(fc.record({ a: score, b: score, fake: fc.boolean() }), { minLength: 4, maxLength: 20 })
      .filter((items) =>
        [true, false].every((fake) => items.filter((item) => item.fake === fake).length >= 2),
      );
    fc.assert(
      fc.property(cases, (items) => {
        const [a, b, fake] = [
          items.map((item) => item.a),
          items.map((item) => item.b),
          items.map((item) => item.fake),
        ];
        const own = delong(rankScores(a, fake));
        if (own.variance !== undefined)
          expect(Math.abs(own.variance - slowCovariance(a, a, fake))).toBeLessThanOrEqual(1e-12);
        const wanted =
          slowCovariance(a, a, fake) + slowCovariance(b, b, fake) - 2 * slowCovariance(a, b, fake);
        expect(Math.abs(compareDelong(a, b, fake).variance! - Math.max(0, wanted))).toBeLessThanOrEqual(
          1e-12,
        );
      }),
      { numRuns: 2000, seed: 5 },
    );
  });

  test('the interval lies within 0 and 1 and holds the AUC', () => {
    const { value, low, high } = delong(rankScores(first, labels)) as {
      value: number;
      low: number;
      high: number;
    };
    expect([0 < low, low < value, value < high, high < 1]).toEqual([true, true, true, true]);
  });

  test('classes that do not overlap, one class, one item of a class, labels missing', () => {
    expect(delong(rankScores([1, 2, 3, 4], [0, 0, 1, 1]))).toMatchObject({
      value: 1,
      low: null,
      reason: expect.stringContaining('do not overlap'),
    });
    expect(delong(rankScores([1, 2], [0, 0]))).toMatchObject({
      value: null,
      reason: expect.stringContaining('both classes'),
    });
    expect(delong(rankScores([1, 2, 3], [0, 0, 1]))).toMatchObject({
      value: null,
      reason: expect.stringContaining('two items of each class'),
    });
    expect(() => compareDelong([1], [1], [0, 1])).toThrow('1 scores, but 2 labels');
    expect(() => compareDelong([1], [0, 1], [1])).toThrow('pairs are needed');
  });
});

test('tails of the normal distribution', () => {
  expect(twoSided(0)).toBe(1);
  expect(twoSided(1.959963984540054)).toBeCloseTo(0.05, 14);
  expect(twoSided(-1)).toBeCloseTo(0.3173105078629141, 14);
  expect(twoSided(2 * Math.SQRT2 - 1e-9) / twoSided(2 * Math.SQRT2 + 1e-9)).toBeCloseTo(1, 7);
  expect(twoSided(6) / 1.973175290075396e-9).toBeCloseTo(1, 10);
  expect(twoSided(37) / 1.14511424450494e-299).toBeCloseTo(1, 10);
});

test('quantiles of Student’s t from its table, and of very many degrees of freedom', () => {
  const table: [number, number][] = [
    [1, 12.706204736],
    [2, 4.30265273],
    [7, 2.364624252],
    [10, 2.228138852],
    [63, 1.998340543],
  ];
  for (const [freedom, t] of table) expect(studentQuantile(0.975, freedom)).toBeCloseTo(t, 7);
  expect(studentQuantile(0.975, 100_001)).toBeCloseTo(1.959963985, 4);
});

test('the share below a quantile is the share it was asked for', () => {
  for (const p of [1e-6, 0.025, 0.3, 0.5, 0.9, 0.999]) expect(normalBelow(probit(p)) / p).toBeCloseTo(1, 7);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortScores } from '../../src/metrics/sort-scores.ts';
import { createRng } from '../../src/random.ts';

describe('sorting is that of the language', () => {
  const bySign = (a: number, b: number): number =>
    a - b || (Object.is(a, -0) ? -1 : 0) - (Object.is(b, -0) ? -1 : 0);

  test('of any numbers, with ties', () => {
    const near = fc.integer({ min: -40, max: 40 }).map((step) => 1 + step * 2 ** -50);
    const score = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 }), near, near);
    fc.assert(
      fc.property(fc.array(score, { maxLength: 60 }), (scores) => {
        expect([...sortScores(Float64Array.from(scores))]).toEqual(scores.toSorted(bySign));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test('of a part of an array', () => {
    expect([...sortScores(new Float64Array([9, 3, -1, 2, -9]).subarray(1, 4))]).toEqual([-1, 2, 3]);
  });

  test('of many whose upper halves are alike', () => {
    const rng = createRng(1);
    const scores = Float64Array.from({ length: 3000 }, () => -1 - rng.int(1 << 20) * 2 ** -50);
    expect(sortScores(scores.slice())).toEqual(scores.toSorted());
  });
});

/** The counts that the review page derives from measured rates, against their definitions. */
import { expect, test } from 'vitest';

type Detection = { maker: string; seen: boolean; found: number; tested: number };
type Calls = { asMeasured: Counts; atWorst: Counts; fakes: number; genuine: number };
type Counts = { fakes: number; genuine: number };
/** A module of the browser, which has no types. */
const { exactBounds, callsAmong } = (await import(
  new URL('../../src/screening/page/counts.js', import.meta.url).href
)) as {
  exactBounds(found: number, tested: number): { low: number; high: number };
  callsAmong(rates: { detection: Detection[]; fpr: object }, prevalence: number): Calls | null;
};

/** P(from ≤ X ≤ to), X binomial, term by term. */
function probability(n: number, p: number, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k <= to; k++) {
    let term = 1;
    for (let i = 1; i <= k; i++) term *= ((n - k + i) / i) * p;
    sum += term * (1 - p) ** (n - k);
  }
  return sum;
}

test.each([
  [1, 10],
  [9, 10],
  [61, 120],
  [118, 120],
])('%d of %d: at each bound what was seen, or more extreme, has a chance of 5 %%', (found, tested) => {
  const { low, high } = exactBounds(found, tested);
  expect(probability(tested, low, found, tested)).toBeCloseTo(0.05, 9);
  expect(probability(tested, high, 0, found)).toBeCloseTo(0.05, 9);
  expect(low).toBeLessThan(found / tested);
  expect(high).toBeGreaterThan(found / tested);
});

test('none and all of n have the bounds that can be solved by hand; of none tested nothing is known', () => {
  expect(exactBounds(0, 59)).toEqual({ low: 0, high: expect.closeTo(1 - 0.05 ** (1 / 59), 12) });
  expect(exactBounds(59, 59)).toEqual({ low: expect.closeTo(0.05 ** (1 / 59), 12), high: 1 });
  expect(exactBounds(0, 0)).toEqual({ low: 0, high: 1 });
  expect(exactBounds(5000, 100_000).low).toBeCloseTo(0.0489, 3);
});

test('of 1,000 files with 100 fakes: found as in the tests together, at worst as the maker found least and the bound of false alarms', () => {
  const detection = [
    { maker: 'a', seen: false, found: 80, tested: 100 },
    { maker: 'b', seen: false, found: 10, tested: 50 },
    { maker: 'never made any', seen: false, found: 0, tested: 0 },
  ];
  const calls = callsAmong({ detection, fpr: { stated: 0.01, upper: 0.03 } }, 0.1)!;
  expect(calls).toMatchObject({ fakes: 100, genuine: 900 });
  expect(calls.asMeasured).toEqual({ fakes: expect.closeTo(60), genuine: expect.closeTo(9) });
  expect(calls.atWorst).toEqual({
    fakes: expect.closeTo(100 * exactBounds(10, 50).low),
    genuine: expect.closeTo(27),
  });
  expect(callsAmong({ detection: detection.slice(2), fpr: { stated: 0.01, upper: 0.03 } }, 0.1)).toBeNull();
});

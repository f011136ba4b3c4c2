import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrated, fitCalibration } from '../../src/learn/calibrate.ts';
import { brier, ece, logLoss, reliability } from '../../src/metrics/probabilities.ts';
import { createRng } from '../../src/random.ts';

describe('probabilities', () => {
  test('log-loss and Brier score by hand; certainty that errs is capped', () => {
    expect(logLoss([0.8, 0.4], [1, 0]).value).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 14);
    expect(brier([0.8, 0.4], [1, 0]).value).toBeCloseTo((0.04 + 0.16) / 2, 14);
    expect(logLoss([0], [1]).value).toBeCloseTo(-Math.log(1e-15), 12);
  });

  test('ECE by hand: two bins of three, upper edges belong to the bin below', () => {
    const given = [0.1, 0.5, 0.9, 1];
    expect(reliability(given, [0, 1, 1, 1], { bins: 2, by: 'equal-width' })).toEqual([
      { confidence: 0.3, fakeShare: 0.5, count: 2 },
      { confidence: 0.95, fakeShare: 1, count: 2 },
    ]);
    expect(ece(given, [0, 1, 1, 1], { bins: 2, by: 'equal-width' }).value).toBeCloseTo(
      (2 * 0.2 + 2 * 0.05) / 4,
      14,
    );
  });

  test('bins of equal count do not part items of one probability', () => {
    const bins = reliability([0.2, 0.2, 0.2, 0.7], [0, 0, 1, 1], { bins: 2, by: 'equal-count' });
    expect(bins.map(({ count }) => count)).toEqual([3, 1]);
  });

  test('every item lies in one bin, whatever the bins', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), { minLength: 1 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('equal-width' as const, 'equal-count' as const),
        (items, bins, by) => {
          const found = reliability(
            items.map(([p]) => p),
            items.map(([, fake]) => fake),
            { bins, by },
          );
          expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(items.length);
          expect(found.length).toBeLessThanOrEqual(bins);
        },
      ),
      { seed: 4 },
    );
  });

  test('what is no probability is refused; without items there is a reason', () => {
    for (const bad of [-0.1, 1.1, Number.NaN]) expect(() => brier([bad], [1])).toThrow('must lie in [0, 1]');
    for (const metric of [logLoss, brier, ece])
      expect(metric([], [])).toEqual({ value: null, reason: 'there are no items' });
  });
});

describe('calibration', () => {
  const rng = createRng(2);
  const logits = Array.from({ length: 4000 }, () => rng.normal(0, 2));
  const truth = logits.map((logit) => rng.uniform() < 1 / (1 + Math.exp(-logit)));

  test('Platt finds the line that scores were bent by; a temperature, how far they were stretched', () => {
    const platt = fitCalibration(
      'platt',
      logits.map((logit) => 3 * logit - 5),
      truth,
    );
    expect(platt).toMatchObject({ slope: expect.closeTo(1 / 3, 1), offset: expect.closeTo(5 / 3, 0) });
    expect(
      fitCalibration(
        'temperature',
        logits.map((logit) => 4 * logit),
        truth,
      ),
    ).toMatchObject({ slope: expect.closeTo(0.25, 1) });
  });

  test.each(['platt', 'temperature'] as const)(
    '%s: no neighbouring line has a lower cross-entropy with the same targets',
    (kind) => {
      const fit = fitCalibration(kind, logits, truth) as { slope: number; offset?: number };
      const fakes = truth.filter(Boolean).length;
      const target = (fake: boolean): number =>
        fake ? (fakes + 1) / (fakes + 2) : 1 / (truth.length - fakes + 2);
      const loss = (slope: number, offset: number): number =>
        logits.reduce((sum, x, i) => {
          const z = slope * x + offset;
          return sum + Math.log1p(Math.exp(z)) - target(truth[i]!) * z;
        }, 0);
      const least = loss(fit.slope, fit.offset ?? 0);
      for (const d of [-1e-3, 1e-3]) {
        expect(loss(fit.slope + d, fit.offset ?? 0)).toBeGreaterThan(least);
        if (kind === 'platt') expect(loss(fit.slope, fit.offset! + d)).toBeGreaterThan(least);
      }
    },
  );

  test('scores that part the classes have a finite slope', () => {
    for (const kind of ['platt', 'temperature'] as const) {
      const fit = fitCalibration(kind, [-2, -1, 1, 2], [0, 0, 1, 1]);
      expect(calibrated(fit, 1)).toBeGreaterThan(0.5);
      expect(calibrated(fit, 1)).toBeLessThan(1);
    }
  });

  test('isotonic: nearest of all rising curves, by pooling; straight between, held beyond', () => {
    const fit = fitCalibration('isotonic', [1, 2, 3, 4, 4], [0, 1, 0, 1, 1]);
    expect(fit).toEqual({ kind: 'isotonic', scores: [1, 2, 3, 4], probabilities: [0, 0.5, 0.5, 1] });
    expect([0, 1, 1.5, 2.5, 3.5, 9].map((score) => calibrated(fit, score))).toEqual([
      0, 0, 0.25, 0.5, 0.75, 1,
    ]);
  });

  test('an isotonic curve never falls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.boolean()), { minLength: 2 }),
        (items) => {
          fc.pre(new Set(items.map(([, fake]) => fake)).size === 2);
          const fit = fitCalibration(
            'isotonic',
            items.map(([score]) => score),
            items.map(([, fake]) => fake),
          );
          const curve = Array.from({ length: 50 }, (_, i) => calibrated(fit, i / 4 - 6));
          expect(curve.every((p, i) => i === 0 || p >= curve[i - 1]! - 1e-15)).toBe(true);
        },
      ),
      { seed: 6 },
    );
  });

  test('one class, equal scores and what is no number are refused', () => {
    expect(() => fitCalibration('platt', [1, 2], [1, 1])).toThrow('both classes are needed');
    expect(() => fitCalibration('platt', [1, 1], [0, 1])).toThrow('all scores are equal');
    expect(() => fitCalibration('isotonic', [1, Number.NaN], [0, 1])).toThrow('score 2 of 2 is NaN');
  });
});

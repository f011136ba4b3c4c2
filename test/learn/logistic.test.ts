import { describe, expect, it } from 'vitest';
import {
  balancedLogLoss,
  chooseLogistic,
  type FeatureSet,
  fitLogistic,
  type Logistic,
  logisticScore,
} from '../../src/learn/logistic.ts';
import { createRng } from '../../src/random.ts';

/** Two features that tell a little and one that tells nothing; unequal classes. */
function overlapping(scope: string, fakes = 30, reals = 50): FeatureSet {
  const rng = createRng(1, 'logistic-test', scope);
  const isFake = [...Array<boolean>(fakes).fill(true), ...Array<boolean>(reals).fill(false)];
  return {
    isFake,
    rows: isFake.map((fake) => [rng.normal(fake ? 3 : 2, 2), rng.normal(fake ? -40 : 40, 100), rng.normal()]),
  };
}

/** The objective written down a second time, from its definition and in standardised weights. */
function objective(model: Logistic, set: FeatureSet, regularisation: number): number {
  const deviations = model.mean.map((mean, j) =>
    Math.sqrt(set.rows.reduce((sum, row) => sum + (row[j]! - mean) ** 2, 0) / set.rows.length),
  );
  const penalty = model.weights.reduce((sum, weight, j) => sum + (weight * deviations[j]!) ** 2, 0);
  const loss = (fake: boolean): number => {
    const losses = set.rows
      .filter((_, i) => set.isFake[i] === fake)
      .map((row) => {
        const probability = 1 / (1 + Math.exp(-logisticScore(model, row)));
        return -Math.log(fake ? probability : 1 - probability);
      });
    return losses.reduce((sum, value) => sum + value, 0) / losses.length;
  };
  return (loss(true) + loss(false)) / 2 + (regularisation / 2) * penalty;
}

describe('fitLogistic', () => {
  it.each([1e-4, 0.1, 10])(
    'finds the point where the objective is flat (regularisation %d)',
    (regularisation) => {
      const set = overlapping('flat');
      const model = fitLogistic(set, regularisation);
      const least = objective(model, set, regularisation);
      const h = 1e-4;
      const units = [1, 0.01, 1]; // about one over each feature's spread
      const nudged = (j: number, by: number): Logistic =>
        j < 3
          ? { ...model, weights: model.weights.map((w, k) => (k === j ? w + by * units[j]! : w)) }
          : { ...model, bias: model.bias + by };
      for (let j = 0; j < 4; j++) {
        const [up, down] = [
          objective(nudged(j, h), set, regularisation),
          objective(nudged(j, -h), set, regularisation),
        ];
        expect(Math.abs(up - down) / (2 * h)).toBeLessThan(1e-7);
        expect(Math.min(up, down)).toBeGreaterThan(least);
      }
    },
  );

  it('finds the log odds of a two-by-two table when the penalty vanishes', () => {
    // 30 of 40 fakes and 10 of 40 real items show the sign: log odds ratio ln 9.
    const isFake = Array.from({ length: 80 }, (_, i) => i < 40);
    const rows = isFake.map((fake, i) => [i % 40 < (fake ? 30 : 10) ? 1 : 0]);
    const model = fitLogistic({ rows, isFake }, 1e-12);
    expect(model.weights[0]).toBeCloseTo(Math.log(9), 6);
    expect(logisticScore(model, [1])).toBeCloseTo(Math.log(3), 6);
  });

  it('stays finite on classes that a line separates', () => {
    const set = { rows: [[-2], [-1], [1], [2]], isFake: [false, false, true, true] };
    const model = fitLogistic(set, 1e-4);
    expect(model.weights[0]).toBeGreaterThan(1);
    expect(Number.isFinite(model.weights[0])).toBe(true);
  });

  it('gives score 0 when features are constant in training, whatever the class sizes and later values', () => {
    const rows = Array.from({ length: 9 }, () => [256, 0.1 + 0.2, -7]);
    const model = fitLogistic({ rows, isFake: rows.map((_, i) => i < 2) }, 0.01);
    expect(logisticScore(model, rows[0]!)).toBeCloseTo(0, 12);
    expect(logisticScore(model, [512, 1, 4])).toBeCloseTo(0, 12);
  });

  it('does not depend on the unit of a feature', () => {
    const set = overlapping('units');
    const scaled = { ...set, rows: set.rows.map(([a, b, c]) => [a! * 1000, b! / 1e6, c! + 1e4]) };
    const [model, other] = [fitLogistic(set, 0.1), fitLogistic(scaled, 0.1)];
    set.rows.forEach((row, i) =>
      expect(logisticScore(other, scaled.rows[i]!)).toBeCloseTo(logisticScore(model, row), 6),
    );
  });

  it('is the same every time and leaves its input alone', () => {
    const set = overlapping('same');
    const before = structuredClone(set);
    expect(fitLogistic(set, 0.1)).toEqual(fitLogistic(structuredClone(set), 0.1));
    expect(set).toEqual(before);
  });

  it('says what is wrong with the examples', () => {
    expect(() => fitLogistic({ rows: [[1], [2]], isFake: [true, true] }, 1)).toThrow('2 fake of 2 examples');
    expect(() => fitLogistic({ rows: [[1], [Number.NaN]], isFake: [true, false] }, 1)).toThrow('finite');
    expect(() => fitLogistic({ rows: [[1], [2, 3]], isFake: [true, false] }, 1)).toThrow('equal length');
    expect(() => fitLogistic(overlapping('wrong'), 0)).toThrow('not above 0');
  });
});

describe('chooseLogistic', () => {
  it('takes the regularisation with the least loss on validation', () => {
    const [train, validation] = [overlapping('train', 6, 6), overlapping('validation')];
    const candidates = [1e-4, 1e-2, 1, 100];
    const choice = chooseLogistic(train, validation, candidates);
    const losses = candidates.map((candidate) => balancedLogLoss(fitLogistic(train, candidate), validation));
    expect(choice.validationLoss).toBe(Math.min(...losses));
    expect(choice.regularisation).toBe(candidates[losses.indexOf(choice.validationLoss)]);
  });

  it('takes the strongest of equals', () => {
    const rows = [[1], [1], [1], [1]];
    const set = { rows, isFake: [true, false, true, false] };
    expect(chooseLogistic(set, set, [0.1, 10, 1]).regularisation).toBe(10);
  });
});

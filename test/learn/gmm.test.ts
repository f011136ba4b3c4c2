import { expect, it } from 'vitest';
import { fitGmm, type Gmm, logLikelihood } from '../../src/learn/gmm.ts';
import { createRng } from '../../src/random.ts';

const rng = createRng(1, 'gmm');
const truth: Gmm = {
  width: 2,
  weights: [0.3, 0.7],
  means: [
    [-3, 1],
    [2, 0],
  ],
  variances: [
    [0.25, 1],
    [1, 0.5],
  ],
};
const rows = Array.from({ length: 3000 }, () => {
  const c = rng.uniform() < 0.3 ? 0 : 1;
  return Float32Array.from([0, 1], (d) =>
    rng.normal(truth.means[c]![d]!, Math.sqrt(truth.variances[c]![d]!)),
  );
});

it('the density is that of the definition', () => {
  const row = [0.5, -1];
  const density = truth.weights.reduce((sum, weight, c) => {
    const factor = row.reduce((product, x, d) => {
      const [mean, variance] = [truth.means[c]![d]!, truth.variances[c]![d]!];
      return (product * Math.exp(-((x - mean) ** 2) / (2 * variance))) / Math.sqrt(2 * Math.PI * variance);
    }, 1);
    return sum + weight * factor;
  }, 0);
  expect(logLikelihood(truth, row)).toBeCloseTo(Math.log(density), 12);
});

it('finds the Gaussians that rows came from, and no round makes the rows less likely', () => {
  const likelihood = (gmm: Gmm): number => rows.reduce((sum, row) => sum + logLikelihood(gmm, row), 0);
  const after = (rounds: number): Gmm => fitGmm(rows, 2, rounds, createRng(1, 'fit'));
  const likelihoods = [0, 1, 2, 5, 30].map((rounds) => likelihood(after(rounds)));
  for (let i = 1; i < likelihoods.length; i++)
    expect(likelihoods[i]).toBeGreaterThanOrEqual(likelihoods[i - 1]! - 1e-6);
  const found = after(30);
  const order = found.means[0]![0]! < found.means[1]![0]! ? [0, 1] : [1, 0];
  order.forEach((c, i) => {
    expect(found.weights[c]).toBeCloseTo(truth.weights[i]!, 1);
    for (const d of [0, 1]) {
      expect(found.means[c]![d]).toBeCloseTo(truth.means[i]![d]!, 0);
      expect(Math.abs(found.variances[c]![d]! / truth.variances[i]![d]! - 1)).toBeLessThan(0.15);
    }
  });
});

it('equal rows leave a density that is finite, and too few are refused', () => {
  const equal = Array.from({ length: 8 }, () => Float32Array.of(1, 2));
  expect(Number.isFinite(logLikelihood(fitGmm(equal, 2, 5, createRng(1, 'equal')), [1, 2]))).toBe(true);
  expect(() => fitGmm(equal, 9, 5, createRng(1, 'few'))).toThrow('8 rows are too few for 9');
});

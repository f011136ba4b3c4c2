/** Gradients by differences, and how close numbers must be. */
import { expect } from 'vitest';
import type { Case } from './case.ts';
import type { Nd } from './reference.ts';

/** Gradient of Σ weights · f(inputs) for input `k`, by central differences. */
export function numericGradient(
  { reference }: Case,
  inputs: Nd[],
  k: number,
  weights: Float32Array,
): number[] {
  const step = 1e-5;
  const loss = (): number =>
    reference(inputs).data.reduce((total, value, i) => total + value * weights[i]!, 0);
  return Array.from(inputs[k]!.data, (value, i) => {
    const { data } = inputs[k]!;
    data[i] = value + step;
    const above = loss();
    data[i] = value - step;
    const below = loss();
    data[i] = value;
    return (above - below) / (2 * step);
  });
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs));
  const worst = Math.max(...Array.from(expected, (value, i) => Math.abs(value - actual[i]!)));
  expect(worst / scale).toBeLessThan(tolerance);
}

import { expect, test } from 'vitest';
import { createOptimizer } from '../../src/compute/optimizer.ts';
import { createRng } from '../../src/random.ts';

const normal = (seed: string, length: number): Float32Array => {
  const rng = createRng(seed);
  return Float32Array.from({ length }, () => rng.normal());
};

test('Adam follows algorithm 1 of Kingma & Ba for arrays of any length', () => {
  const initial = [1, 3, 4, 30].map((length, i) => normal(`values ${i}`, length));
  const options = { kind: 'adam', beta1: 0.7, beta2: 0.95, epsilon: 1e-4 } as const;
  const optimizer = createOptimizer(options, initial);
  const expected = initial.map((values) => Array.from(values, (value) => ({ value, m: 0, v: 0 })));
  for (let t = 1; t <= 5; t++) {
    const gradients = initial.map(({ length }, i) => normal(`gradient ${i} ${t}`, length));
    for (const [i, gradient] of gradients.entries()) optimizer.gradients[i]!.set(gradient);
    optimizer.update(0.01 * t);
    for (const [i, states] of expected.entries()) {
      for (const [j, state] of states.entries()) {
        const g = gradients[i]![j]!;
        state.m = 0.7 * state.m + 0.3 * g;
        state.v = 0.95 * state.v + 0.05 * g * g;
        const [mean, square] = [state.m / (1 - 0.7 ** t), state.v / (1 - 0.95 ** t)];
        state.value -= (0.01 * t * mean) / (Math.sqrt(square) + 1e-4);
      }
    }
  }
  for (const [i, states] of expected.entries()) {
    expect(optimizer.values[i]).toHaveLength(states.length);
    for (const [j, { value }] of states.entries()) expect(optimizer.values[i]![j]).toBeCloseTo(value, 5);
  }
  expect(initial[3]).toEqual(normal('values 3', 30));
});

test('gradient descent', () => {
  const optimizer = createOptimizer({ kind: 'sgd' }, [Float32Array.of(1, 2), Float32Array.of(3)]);
  optimizer.gradients[0]!.set([2, -2]);
  optimizer.gradients[1]!.set([4]);
  optimizer.update(0.25);
  expect(optimizer.values).toEqual([Float32Array.of(0.5, 2.5), Float32Array.of(2)]);
});

import { expect, test } from 'vitest';
import { ridge } from '../../src/dsp/ridge.ts';
import { createRng } from '../../src/random.ts';

const [count, inputs, outputs] = [40, 5, 3];
const rng = createRng(2, 'ridge');
const x = Float64Array.from({ length: count * inputs }, () => rng.normal());
const y = Float64Array.from({ length: count * outputs }, () => rng.normal());

test('the weights are the stationary point of the penalised squared error', () => {
  const strength = 0.1;
  const w = ridge(x, y, { inputs, outputs, strength });
  const lambda = (strength * x.reduce((sum, value) => sum + value * value, 0)) / inputs;
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      let gradient = lambda * w[i * outputs + o]!;
      for (let n = 0; n < count; n++) {
        let error = -y[n * outputs + o]!;
        for (let k = 0; k < inputs; k++) error += x[n * inputs + k]! * w[k * outputs + o]!;
        gradient += error * x[n * inputs + i]!;
      }
      expect(gradient).toBeCloseTo(0, 9);
    }
  }
});

test('without noise and almost without penalty the true weights come back', () => {
  const truth = Float64Array.from({ length: inputs * outputs }, () => rng.normal());
  const exact = Float64Array.from({ length: count * outputs }, (_, at) => {
    const [n, o] = [Math.floor(at / outputs), at % outputs];
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += x[n * inputs + i]! * truth[i * outputs + o]!;
    return sum;
  });
  const w = ridge(x, exact, { inputs, outputs, strength: 1e-12 });
  w.forEach((value, i) => expect(value).toBeCloseTo(truth[i]!, 8));
});

test('samples that say nothing are refused', () => {
  expect(() =>
    ridge(new Float64Array(10), new Float64Array(2), { inputs: 5, outputs: 1, strength: 1 }),
  ).toThrow(/determine/);
  expect(() => ridge(x, y, { inputs: 7, outputs, strength: 1 })).toThrow(RangeError);
});

import { expect, it } from 'vitest';
import { counterpartsIn, dropMask, probabilityError } from '../../src/learn/two-kinds.ts';
import { createRng } from '../../src/random.ts';

it('pairs lessons of one moment, else of one person, else any', () => {
  const lesson = (person: string, moment?: string) => ({ person, ...(moment ? { moment } : {}) });
  const real = [lesson('ann', 'a1'), lesson('ann', 'a2'), lesson('bob'), lesson('cy', 'c1')];
  const fake = [lesson('ann', 'a1'), lesson('bob', 'b1'), lesson('bob')];
  const counterparts = counterpartsIn({ real, fake });
  expect(counterparts(real[0]!, 'fake')).toEqual([fake[0]]);
  expect(counterparts(real[1]!, 'fake')).toEqual([fake[0]]);
  expect(counterparts(real[2]!, 'fake')).toEqual([fake[1], fake[2]]);
  expect(counterparts(real[3]!, 'fake')).toEqual(fake);
  expect(counterparts(fake[2]!, 'real')).toEqual([real[2]]);
});

it('hides the share that is asked for and keeps the mean', () => {
  const mask = dropMask(20_000, 0.2, createRng(1, 'mask'));
  const mean = mask.reduce((sum, value) => sum + value, 0) / mask.length;
  expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.8)]));
  expect(mean).toBeGreaterThan(0.98);
  expect(mean).toBeLessThan(1.02);
});

it('the error is that of the probability, real and fake weighing the same', () => {
  expect(probabilityError({ real: [0, 0, 0], fake: [0] })).toBe(0.25);
  const [p, q] = [1 / (1 + Math.exp(1)), 1 / (1 + Math.exp(-2))];
  expect(probabilityError({ real: [-1, 2], fake: [2] })).toBeCloseTo(
    ((p ** 2 + q ** 2) / 2 + (q - 1) ** 2) / 2,
    12,
  );
});

import { expect, test } from 'vitest';
import { surpriseOf } from '../../src/learn/surprise.ts';

test('is −log of the softmax by its definition, and does not overflow where that does', () => {
  const logits = [0.5, -2, 3, 1.25];
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  for (const own of logits) {
    expect(surpriseOf(own, logits)).toBeCloseTo(-Math.log(Math.exp(own) / total), 12);
    expect(
      surpriseOf(
        own + 5000,
        logits.map((logit) => logit + 5000),
      ),
    ).toBeCloseTo(surpriseOf(own, logits), 9);
  }
});

/** Our metrics beside scikit-learn's own, on the same random scores with ties; one Python process for all. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ap, auc, eer } from '../../src/metrics/detection.ts';
import { partialAuc } from '../../src/metrics/operating-point.ts';
import { brier, logLoss } from '../../src/metrics/probabilities.ts';
import { deepfakebenchEer } from '../../src/metrics/published-eer.ts';
import { rankScores } from '../../src/metrics/ranking.ts';
import { createRng } from '../../src/random.ts';
import { findPython } from '../support/python.ts';

type Case = { scores: number[]; fake: number[] };
type Figures = Record<string, number>;

const python = findPython('sklearn');

/** Both classes; a third each of few whole numbers, of probabilities in steps within 0 and 1, and of numbers that hardly ever tie. */
const cases = Array.from({ length: 2000 }, (_, i): Case => {
  const rng = createRng(1, 'scikit-learn', i);
  const count = 2 + rng.int(60);
  const steps = 1 + rng.int(12);
  const draw = [() => rng.int(steps) - 3, () => (rng.int(steps) + 0.5) / steps, () => rng.normal(0, 10)][
    i % 3
  ]!;
  const fake = Array.from({ length: count }, (__, k) => (k < 2 ? k : rng.int(2)));
  return { fake, scores: fake.map(() => draw()) };
});

const ours: Record<string, (item: Case) => number | null> = {
  auc: ({ scores, fake }) => auc(rankScores(scores, fake)).value,
  ap: ({ scores, fake }) => ap(rankScores(scores, fake)).value,
  partialAuc: ({ scores, fake }) => partialAuc(rankScores(scores, fake), 0.3).value,
  eerDeepfakebench: ({ scores, fake }) => deepfakebenchEer(rankScores(scores, fake)).value,
  eerBrentq: ({ scores, fake }) => eer(rankScores(scores, fake)).value,
  logLoss: ({ scores, fake }) => logLoss(scores, fake).value,
  brier: ({ scores, fake }) => brier(scores, fake).value,
};

describe.skipIf(!python)('beside scikit-learn, on 2,000 random cases with ties', () => {
  let theirs: Figures[];
  beforeAll(() => {
    const script = join(import.meta.dirname, '../support/run-sklearn.py');
    const options = { input: JSON.stringify(cases), maxBuffer: 1 << 26 };
    theirs = JSON.parse(execFileSync(python!, [script], options).toString()) as Figures[];
  });

  test.each(Object.keys(ours))('%s differs by less than 1e-12', (name) => {
    const both = theirs.flatMap((figures, i) =>
      name in figures ? [[figures[name]!, ours[name]!(cases[i]!)]] : [],
    );
    expect(both.length).toBeGreaterThan(100);
    const apart = both.map(([their, own]) => Math.abs((own ?? Number.NaN) - their!));
    expect(
      apart.every((difference) => difference < 1e-12),
      `at most ${Math.max(...apart)}`,
    ).toBe(true);
  });
});

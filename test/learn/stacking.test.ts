import { describe, expect, test } from 'vitest';
import { type FeatureSet, fitLogistic, logisticScore } from '../../src/learn/logistic.ts';
import { bestSingle, chooseStack, fitStack, stackScore } from '../../src/learn/stacking.ts';
import { createRng } from '../../src/random.ts';

/** `clips` clips of `people` people, half of them fake, as detectors of the given strengths score them. */
function scored(
  name: string,
  people: number,
  clips: number,
  strengths: number[],
  scale = 1,
): FeatureSet & { people: string[] } {
  const rng = createRng(1, 'stacking', name);
  const isFake = Array.from({ length: clips }, (_, i) => i % 2 === 1);
  return {
    isFake,
    rows: isFake.map((fake) => strengths.map((strength) => scale * (rng.normal() + (fake ? strength : 0)))),
    people: isFake.map((_, i) => `person ${Math.floor(i / 2) % people}`),
  };
}
const aucOf = (score: (row: number[]) => number, { rows, isFake }: FeatureSet): number =>
  bestSingle({ rows: rows.map((row) => [score(row)]), isFake }).aucs[0]!;

test('two that know different things know more together, on clips that it has not seen', () => {
  const [validation, unseen] = [
    scored('validation', 8, 200, [1, 1, 0]),
    scored('unseen', 8, 2000, [1, 1, 0]),
  ];
  const { stack } = chooseStack(validation, validation.people);
  const { aucs, best } = bestSingle(unseen);
  // Two equal independent detectors of strength d are one of strength √2·d: AUC Φ(1) instead of Φ(1/√2).
  expect(aucs[best]!).toBeCloseTo(0.76, 1);
  expect(aucOf((row) => stackScore(stack, row), unseen)).toBeGreaterThan(0.82);
});

test('is calibration and regression, one after the other, by their definitions', () => {
  const { rows, isFake } = scored('definition', 4, 60, [2, 1]);
  const stack = fitStack({ rows, isFake }, 0.5);
  const calibrations = [0, 1].map((j) => fitLogistic({ rows: rows.map((row) => [row[j]!]), isFake }, 1e-2));
  const regression = fitLogistic(
    {
      rows: rows.map((row) => calibrations.map((calibration, j) => logisticScore(calibration, [row[j]!]))),
      isFake,
    },
    0.5,
  );
  for (const row of rows.slice(0, 5)) {
    const logits = calibrations.map(
      ({ mean, weights, bias }, j) => bias + weights[0]! * (row[j]! - mean[0]!),
    );
    expect(stackScore(stack, row)).toBeCloseTo(logisticScore(regression, logits), 12);
  }
});

test('the unit of a detector does not matter', () => {
  const [small, large] = [scored('unit', 4, 80, [1, 0.5]), scored('unit', 4, 80, [1, 0.5], 1000)];
  const [a, b] = [chooseStack(small, small.people), chooseStack(large, large.people)];
  expect(a.regularisation).toBe(b.regularisation);
  small.rows.forEach((row, i) =>
    expect(stackScore(b.stack, large.rows[i]!)).toBeCloseTo(stackScore(a.stack, row), 6),
  );
});

test('one that says the opposite on validation is taken as knowing nothing', () => {
  const { rows, isFake } = scored('opposite', 4, 200, [1, -2]);
  const stack = fitStack({ rows, isFake }, 0.1);
  expect(stack.calibrations[0]!.weights[0]!).toBeGreaterThan(0);
  expect(stack.calibrations[1]!.weights).toEqual([0]);
  expect(stackScore(stack, [0.5, 100])).toBe(stackScore(stack, [0.5, -100]));
});

describe('regularisation', () => {
  test('is chosen on people held out: large where what one person shows does not hold for the next', () => {
    // What the score means turns round from person to person, so nothing that is learned holds.
    const { rows, isFake, people } = scored('turning', 6, 60, [3, 3]);
    const turned = rows.map((row, i) =>
      Number(people[i]!.at(-1)) % 2 === 0 ? row.map((value) => -value) : row,
    );
    expect(chooseStack({ rows: turned, isFake }, people).regularisation).toBe(10);
    expect(chooseStack({ rows, isFake }, people).regularisation).toBeLessThan(10);
    expect(chooseStack({ rows, isFake }, people).heldOutLoss!).toBeLessThan(Math.LN2);
  });

  test('is 1 where nobody can be held out', () => {
    const set = scored('one', 1, 20, [1, 1]);
    expect(chooseStack(set, set.people)).toMatchObject({ regularisation: 1, heldOutLoss: null });
    const people = set.isFake.map((fake) => (fake ? 'a' : 'b'));
    expect(chooseStack(set, people)).toMatchObject({ regularisation: 1, heldOutLoss: null });
  });
});

test('the best single is the one with the largest AUC, the first of equals', () => {
  const rows = [
    [0, 3, 3],
    [1, 2, 2],
    [0, 4, 4],
    [1, 5, 5],
  ];
  expect(bestSingle({ rows, isFake: [false, false, true, true] })).toEqual({ aucs: [0.5, 1, 1], best: 1 });
});

describe('a detector that some clips are no question for', () => {
  /** Every third clip, and all of the first person, are nothing to the second detector. */
  const { rows, isFake, people } = scored('silent', 4, 90, [1, 2]);
  const some = rows.map(([a, b], i) => [a!, i % 3 === 0 || people[i] === 'person 0' ? null : b!]);

  test('knows nothing of them: log-odds 0, and its calibration is fitted on the others', () => {
    const judged = some.flatMap(([, b], i) => (b === null ? [] : [{ row: [b!], fake: isFake[i]! }]));
    const calibrations = [
      fitLogistic({ rows: rows.map(([a]) => [a!]), isFake }, 1e-2),
      fitLogistic({ rows: judged.map(({ row }) => row), isFake: judged.map(({ fake }) => fake) }, 1e-2),
    ];
    const logits = some.map((row) =>
      row.map((value, j) => (value === null ? 0 : logisticScore(calibrations[j]!, [value]))),
    );
    const regression = fitLogistic({ rows: logits, isFake }, 0.5);
    const stack = fitStack({ rows: some, isFake }, 0.5);
    some.forEach((row, i) =>
      expect(stackScore(stack, row)).toBeCloseTo(logisticScore(regression, logits[i]!), 12),
    );
    expect(chooseStack({ rows: some, isFake }, people).heldOutLoss!).toBeLessThan(Math.LN2);
  });

  test('stands alone by what it judged; one that judged a single kind, or nothing, has no AUC and is never the best', () => {
    const table = [
      [0, 3, null, null],
      [1, null, null, null],
      [0.5, 4, 9, null],
      [2, 5, 8, null],
    ];
    const set = { rows: table, isFake: [false, false, true, true] };
    expect(bestSingle(set)).toEqual({ aucs: [0.75, 1, null, null], best: 1 });
    const { calibrations } = fitStack(set, 1);
    expect(calibrations.map(({ weights }) => weights[0]! > 0)).toEqual([true, true, false, false]);
    expect(() => bestSingle({ rows: [[1], [null]], isFake: [true, false] })).toThrow(RangeError);
  });
});

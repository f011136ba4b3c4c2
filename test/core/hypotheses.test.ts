import { expect, test } from 'vitest';
import type { Fakes } from '../../src/pipeline/make-fakes.ts';
import { meanWithInterval } from '../../src/metrics/resampling.ts';
import { judgeHypotheses } from '../../src/pipeline/hypotheses.ts';
import { createRng } from '../../src/random.ts';

type Interval = { low: number; high: number };
const people = ['ann', 'ben', 'cat', 'dan'];
const made = (name: string, label: string, values?: readonly number[]): Fakes => ({
  name,
  label,
  control: false,
  trainSeconds: 0,
  items: [],
  plans: [],
  nobody: false,
  quality: {
    figures: {},
    sheets: [],
    ...(values
      ? { byPerson: { error: Object.fromEntries(values.map((value, i) => [people[i]!, value])) } }
      : {}),
  },
});
const expecting = (expect: 'higher' | 'lower') => ({
  hypothesis: { figure: 'error', expect, because: 'so' },
});
const judge = (entries: Parameters<typeof judgeHypotheses>[0], fakes: Fakes[]) =>
  judgeHypotheses(entries, fakes, { rng: createRng(1), replicates: 100 });

test('the difference is taken person by person, so that what people have in common does not hide it', () => {
  const fakes = [
    made('other', 'other', [9, 9, 9, 9]),
    made('p', 'p', [1, 5, 20, 80]),
    made('p', 'p-a', [1.2, 5.3, 20.1, 80.2]),
    made('p', 'p-b', [0.8, 4.7, 19.9, 79.8]),
    made('p', 'p-c', [1.2, 4.7, 20.1, 79.8]),
  ];
  const outcomes = judge([{}, {}, expecting('higher'), expecting('higher'), expecting('lower')], fakes);
  expect(outcomes.map(({ generator, against, verdict }) => [generator, against, verdict])).toEqual([
    ['p-a', 'p', 'as expected'],
    ['p-b', 'p', 'contrary'],
    ['p-c', 'p', 'undecided'],
  ]);
  expect(outcomes[0]!.difference.value).toBeCloseTo(0.2, 9);
  const differences = [0.2, 0.3, 0.1, 0.2];
  const options = { rng: createRng(1).fork('bootstrap'), replicates: 100 };
  const { low: lowest, high: highest } = meanWithInterval(differences, people, options) as Interval;
  const { low, high } = outcomes[0]!.difference as Interval;
  expect([low, high]).toEqual([expect.closeTo(lowest, 9), expect.closeTo(highest, 9)]);
});

test('people judged in one of the two only are left out, and fewer than three give no verdict', () => {
  const [outcome] = judge([{}, expecting('higher')], [made('p', 'p', [1, 1, 1]), made('p', 'q', [2, 3])]);
  expect(outcome!.difference).toMatchObject({
    value: 1.5,
    low: null,
    reason: expect.stringContaining('at least 3'),
  });
  expect(outcome!.verdict).toBe('undecided');
});

test('a figure that nobody has, and an entry that is itself the first, have their reason', () => {
  const outcomes = judge([expecting('lower'), expecting('lower')], [made('p', 'p', [1]), made('p', 'q')]);
  expect(outcomes.map(({ difference, verdict }) => [difference, verdict])).toEqual([
    [{ value: null, reason: 'it is itself the first of its name' }, 'undecided'],
    [{ value: null, reason: 'nobody has the figure error in both' }, 'undecided'],
  ]);
});

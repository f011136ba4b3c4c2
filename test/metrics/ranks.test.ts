import { expect, test } from 'vitest';
import { auc, type ScoredItem } from '../../src/metrics/detection.ts';
import { compareAucs, compareWithFirst } from '../../src/metrics/compare.ts';
import { type Judge, peopleToRank, rankJudges } from '../../src/metrics/ranks.ts';
import { rankScores } from '../../src/metrics/ranking.ts';
import { createRng } from '../../src/random.ts';

const options = () => ({ rng: createRng(0, 'test'), replicates: 300 });

/** 20 people with three real clips and three fakes, scored with a strength; `skip` leaves every seventh item out. */
function judge(name: string, strength: number, skip = false): Judge {
  const rng = createRng(name, 'judge');
  const items = new Map<string, ScoredItem>();
  for (let i = 0; i < 120; i++) {
    const truth = i % 2 ? 'fake' : 'real';
    const score = rng.normal(truth === 'fake' ? strength : 0);
    if (!skip || i % 7 > 0) items.set(`item ${i}`, { truth, score, group: `person ${Math.floor(i / 6)}` });
  }
  const all = [...items.values()];
  const ranking = rankScores(
    all.map(({ score }) => score),
    all.map(({ truth }) => truth === 'fake'),
  );
  return { auc: auc(ranking).value!, items };
}

test('one against many is what each pair gives alone', () => {
  const judges = [judge('a', 1), judge('b', 0.4), judge('c', 2)];
  const ids = [...judges[0]!.items.keys()];
  const items = ids.map((id) => ({
    ...judges[0]!.items.get(id)!,
    scores: judges.map(({ items: own }) => own.get(id)!.score),
  }));
  const pairs = [1, 2].map((other) =>
    compareAucs(
      items.map(({ scores, truth, group }) => ({ truth, group, a: scores[0]!, b: scores[other]! })),
      options(),
    ),
  );
  expect(compareWithFirst(items, options())).toEqual(pairs);
});

test('detectors far apart have ranks of their own, in whatever order they are given', () => {
  const judges = [judge('weak', 0.2), judge('strong', 6), judge('middle', 1.5)];
  expect(rankJudges(judges, options)).toEqual([3, 1, 2]);
  expect(rankJudges(judges.toReversed(), options)).toEqual([2, 1, 3]);
});

test('who cannot be told from the best shares its rank, and the next rank counts them', () => {
  const judges = [judge('one', 2), judge('two', 2), judge('chance', 0), judge('three', 2.05)];
  expect(rankJudges(judges, options)).toEqual([1, 1, 4, 1]);
});

test('detectors that failed on some items are compared on those they share', () => {
  expect(rankJudges([judge('a', 4), judge('b', 0.2, true), judge('c', 0.3)], options)).toEqual([1, 2, 2]);
});

test('too few people to tell anybody apart: all share the first rank', () => {
  const few = ({ items }: Judge, value: number): Judge => ({
    auc: value,
    items: new Map([...items].slice(0, 12)),
  });
  expect(rankJudges([few(judge('a', 6), 1), few(judge('b', 0), 0.5)], options)).toEqual([1, 1]);
});

test('equal detectors are level about nineteen times in twenty, whatever leads', () => {
  let apart = 0;
  for (let trial = 0; trial < 100; trial++)
    if (
      new Set(rankJudges([judge(`x${trial}`, 1), judge(`y${trial}`, 1), judge(`z${trial}`, 1)], options))
        .size > 1
    )
      apart++;
  expect(apart).toBeLessThanOrEqual(15);
});

test('a rank never falls with the AUC: one that hardly shares an item with the best does not pass those above it', () => {
  const [best, good] = [judge('best', 4), judge('good', 1)];
  const poor = judge('poor', 0.2);
  // Two people are too few to tell it from the best.
  const rare = { ...poor, items: new Map([...poor.items].slice(0, 12)) };
  expect(rare.auc).toBeLessThan(good.auc);
  expect(rankJudges([best, good], options)).toEqual([1, 2]);
  expect(rankJudges([best, rare], options)).toEqual([1, 1]);
  expect(rankJudges([best, good, rare], options)).toEqual([1, 2, 2]);
});

test('how many people it takes to rank is where the least p, times the comparisons, falls below 0.05', () => {
  for (let judges = 2; judges < 40; judges++) {
    const least = (people: number): number => (judges - 1) * 2 ** (1 - people);
    expect(least(peopleToRank(judges))).toBeLessThan(0.05);
    expect(least(peopleToRank(judges) - 1)).toBeGreaterThanOrEqual(0.05);
  }
  expect(peopleToRank(1)).toBe(1);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auc, measureScores } from '../../src/metrics/detection.ts';
import { compareAucs, holm, type PairedItem } from '../../src/metrics/compare.ts';
import { rankScores } from '../../src/metrics/ranking.ts';
import { createRng } from '../../src/random.ts';

const items = (people: number, strength: number, seed = 1): PairedItem[] => {
  const rng = createRng(seed, 'items');
  return Array.from({ length: people * 6 }, (_, i) => {
    const fake = i % 2;
    return {
      truth: fake ? 'fake' : 'real',
      group: `person ${Math.floor(i / 6)}`,
      a: rng.normal(strength * fake),
      b: rng.normal(fake / 2),
    };
  });
};

describe('two detectors on the same items', () => {
  test('the difference, its interval and p', () => {
    const all = items(40, 2);
    const [a, b] = (['a', 'b'] as const).map(
      (who) =>
        auc(
          rankScores(
            all.map((item) => item[who]),
            all.map(({ truth }) => truth === 'fake'),
          ),
        ).value!,
    );
    const found = compareAucs(all, { rng: createRng(1), replicates: 500 });
    expect(found.value).toBeCloseTo(a! - b!, 12);
    expect(found.low!).toBeGreaterThan(0);
    expect(found.p!).toBeLessThan(0.01);
    expect(found.p!).toBeGreaterThan(0);
  });

  test('the words of somebody else count as that person too, as they do in the interval of an AUC', () => {
    const all = items(12, 1).map((item, i) => ({
      ...item,
      b: Math.floor((i % 6) / 2), // an AUC of a half, whoever is drawn
      ...(item.truth === 'fake' ? { driver: `person ${(Math.floor(i / 6) + 5) % 12}` } : {}),
    }));
    const { value, low } = compareAucs(all, { rng: createRng(1), replicates: 300 });
    const scored = all.map((item) => ({ ...item, score: item.a }));
    const { auc: whole } = measureScores(scored, { rng: createRng(1), replicates: 300 });
    expect(whole.value).toBeCloseTo(value! + 0.5, 12);
    // Wilson's end is as many of its own deviations away as the difference's is of those at the estimate.
    const [share, end] = [whole.value!, (whole as { low: number }).low];
    const deviation = Math.sqrt((end * (1 - end)) / (share * (1 - share)));
    expect(share - end).toBeCloseTo((value! - low!) * deviation, 12);
  });

  test('exchanged, everything is mirrored; a detector does not differ from itself', () => {
    const all = items(12, 1);
    const [there, back] = [all, all.map(({ a, b, ...rest }) => ({ ...rest, a: b, b: a }))].map((own) =>
      compareAucs(own, { rng: createRng(3), replicates: 300 }),
    );
    expect(back!.value).toBeCloseTo(-there!.value!, 12);
    expect(back!.low).toBeCloseTo(-there!.high!, 12);
    expect(back!.p).toBe(there!.p);
    expect(
      compareAucs(
        all.map((item) => ({ ...item, b: item.a })),
        { rng: createRng(1), replicates: 100 },
      ),
    ).toMatchObject({ value: 0, low: 0, high: 0, p: 1 });
  });

  test('one that scores all alike is no better or worse than another: a reason, no number', () => {
    const none = { value: null, p: null, low: null, reason: expect.stringContaining('all scores are equal') };
    for (const constant of ['a', 'b'] as const) {
      const all = items(12, 1).map((item) => ({ ...item, [constant]: 7 }));
      expect(compareAucs(all, { rng: createRng(1), replicates: 100 })).toMatchObject(none);
    }
  });

  test('where nothing differs, p is below 0.05 about once in twenty', () => {
    let small = 0;
    for (let trial = 0; trial < 200; trial++)
      if (compareAucs(items(20, 0.5, trial + 10), { rng: createRng(trial), replicates: 200 }).p! < 0.05)
        small++;
    expect(small).toBeGreaterThan(1);
    expect(small).toBeLessThan(26);
  });

  test('too few people: no interval and no p; one class: nothing', () => {
    expect(compareAucs(items(2, 1), { rng: createRng(1) })).toMatchObject({
      value: expect.any(Number),
      p: null,
      low: null,
    });
    expect(
      compareAucs(
        items(9, 1).filter(({ truth }) => truth === 'real'),
        { rng: createRng(1) },
      ),
    ).toMatchObject({ value: null, p: null });
  });
});

describe('Holm', () => {
  test('the smallest is multiplied by how many there are, the next by one less, and none falls behind the one before', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([
      expect.closeTo(0.03, 14),
      expect.closeTo(0.06, 14),
      expect.closeTo(0.06, 14),
    ]);
    expect(holm([0.6, 0.5])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });

  test('rejects what the step-down definition rejects', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (p) => {
          const sorted = p.toSorted((a, b) => a - b);
          const first = sorted.findIndex((own, i) => own * (p.length - i) > 0.05);
          const rejected = first < 0 ? sorted : sorted.slice(0, first);
          const adjusted = holm(p);
          expect(p.filter((_, i) => adjusted[i]! <= 0.05).toSorted((a, b) => a - b)).toEqual(rejected);
        },
      ),
      { seed: 2, numRuns: 500 },
    );
  });
});

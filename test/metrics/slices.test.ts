import { expect, test } from 'vitest';
import { auc } from '../../src/metrics/detection.ts';
import { rankScores } from '../../src/metrics/ranking.ts';
import { type AttributedItem, measureSlices, tooFine } from '../../src/metrics/slices.ts';
import { createRng } from '../../src/random.ts';
import type { Attributes } from '../../src/types.ts';

/** 16 people with four clips each: on dark skin the detector is blind, on light skin it is not. */
const items = (more: (person: number) => Attributes = () => ({})): AttributedItem[] => {
  const rng = createRng(1, 'slices');
  return Array.from({ length: 64 }, (_, i) => {
    const person = Math.floor(i / 4);
    const tone = person % 2 ? 'dark' : 'light';
    const truth = i % 2 ? 'fake' : 'real';
    const score = rng.normal(truth === 'fake' && tone === 'light' ? 3 : 0);
    return { truth, score, group: `p${person}`, attributes: { tone, ...more(person) } };
  });
};
const options = () => ({ rng: createRng(1, 'halves'), replicates: 200 });

test('each slice is the AUC over its own items, with its counts and its interval', () => {
  const all = items();
  const slices = measureSlices(all, options);
  expect(slices.map(({ attribute, value }) => `${attribute} ${value}`)).toEqual(['tone dark', 'tone light']);
  for (const { value, counts, auc: found } of slices) {
    const own = all.filter(({ attributes }) => attributes['tone'] === value);
    const ranking = rankScores(
      own.map(({ score }) => score),
      own.map(({ truth }) => truth === 'fake'),
    );
    expect(found.value).toBe(auc(ranking).value);
    expect(counts).toEqual({ real: 16, fake: 16 });
    expect(found).toMatchObject({ low: expect.any(Number), high: expect.any(Number) });
  }
  expect(slices[1]!.auc.value! - slices[0]!.auc.value!).toBeGreaterThan(0.3);
});

test('what is the same of all, or of each another, is no slice; what is not known of a person is in none', () => {
  const some = measureSlices(
    items((person) => ({
      studio: 'one',
      name: `p${person}`,
      ...(person < 8 ? { age: String(person % 2) } : {}),
    })),
    options,
  );
  expect(some.map(({ attribute, value, counts }) => `${attribute} ${value} ${counts.real}`)).toEqual([
    'age 0 8',
    'age 1 8',
    'tone dark 16',
    'tone light 16',
  ]);
});

test('what has too many values to be classes is named, with how many', () => {
  expect(tooFine(items((person) => ({ name: `p${person}`, age: String(person % 2) })))).toEqual([
    { attribute: 'name', values: 16 },
  ]);
});

test('too few people, or one class alone: the reason stands in place of the number', () => {
  const [few] = measureSlices(
    items((person) => ({ a: person < 2 ? 'few' : 'many' })),
    options,
  );
  expect(few).toMatchObject({
    value: 'few',
    auc: { low: null, reason: expect.stringContaining('at least 3') },
  });
  const reals = items().filter(({ truth, attributes }) => truth === 'real' || attributes['tone'] === 'dark');
  expect(measureSlices(reals, options)[1]).toMatchObject({
    counts: { real: 16, fake: 0 },
    auc: { value: null, reason: 'AUC needs both classes, got 16 real and 0 fake' },
  });
});

test('attributes may be called as what every object has', () => {
  const names = items((person) => ({ constructor: String(person % 2) }));
  expect(measureSlices(names, options).map(({ attribute }) => attribute)).toEqual([
    'constructor',
    'constructor',
    'tone',
    'tone',
  ]);
});

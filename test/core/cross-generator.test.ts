import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { thresholdsOf } from '../../src/pipeline/thresholds.ts';
import type { Scored } from '../../src/pipeline/score.ts';
import type { Detector, Examples, Labels, Split } from '../../src/types.ts';
import { describeClip } from '../support/clips.ts';

/** What each training was shown, by the labels of the makers, as `train: a b | validation: a b`. */
const shown: string[] = [];
const asked: string[] = [];
const makersIn = (examples: Examples, split: 'train' | 'validation'): string =>
  [...new Set(examples[split].map(({ clip }) => clip.origin))].toSorted().join(' ');
const learner = (name: string, more: Partial<Detector> = {}): Detector =>
  ({
    name,
    cite: '',
    family: 'spatial',
    judges: 'video',
    needs: 'frames',
    options: z.strictObject({}),
    label: () => name,
    async train(examples: Examples) {
      shown.push(
        `${name} train: ${makersIn(examples, 'train')} | validation: ${makersIn(examples, 'validation')}`,
      );
      return { files: {}, info: {} };
    },
    load: async () => ({ score: async () => 0 }),
    ...more,
  }) as Detector;

vi.mock('../../experiments/catalog.ts', () => ({
  detectorCode: (name: string) => ({ path: name, sha256: name }),
  catalog: {
    generators: {},
    detectors: {
      one: learner('one'),
      two: learner('two'),
      genuine: learner('genuine', { learnsFrom: 'real' }),
      untrained: { ...learner('untrained'), train: undefined },
      joint: learner('joint', {
        asksOthers: true,
        async train(examples, _options, _context, others) {
          asked.push(others!.labels.join(' '));
          shown.push(`joint validation: ${makersIn(examples, 'validation')}`);
          return { files: {}, info: {} };
        },
      }),
    },
  },
}));
const { trainAll, trainCrossGenerator } = await import('../../experiments/trainings.ts');

const item = (maker: string | undefined, split: Split) => {
  const labels: Labels = { video: maker ? 'fake' : 'real' };
  const clip = { ...describeClip(`${maker ?? 'real'}-${split}`, []), labels, split, origin: maker ?? 'real' };
  return { item: clip, clip, ...(maker ? { generator: maker } : {}) };
};
const splits: Split[] = ['train', 'validation', 'test'];
const schoolOf = (...makers: string[]) =>
  ({
    clips: [],
    controls: [],
    published: Promise.resolve(splits.map((split) => item(undefined, split))),
    fakes: makers.map((maker) => Promise.resolve({ items: splits.map((split) => item(maker, split)) })),
  }) as never;
const experiment = {
  detectors: ['one', 'two', 'genuine', 'untrained', 'joint'].map((name) => ({ name, options: {} })),
} as never;
const context = { seed: 1 } as never;

beforeEach(() => {
  shown.length = 0;
  asked.length = 0;
});

test('whoever is taught by one maker, or by all but one, is shown nothing of the others, on validation neither', async () => {
  const school = schoolOf('a', 'b', 'c');
  const all = trainAll(experiment, school, context);
  await Promise.all(all);
  expect(shown.filter((line) => line.startsWith('one'))).toEqual([
    'one train: a b c real | validation: a b c real',
  ]);
  shown.length = 0;
  const variants = await Promise.all(await trainCrossGenerator(experiment, school, all, context));
  expect(variants.filter(({ variantOf }) => variantOf === 'one').map(({ label }) => label)).toEqual([
    'one←a',
    'one∖a',
    'one←b',
    'one∖b',
    'one←c',
    'one∖c',
  ]);
  expect(shown.filter((line) => line.startsWith('one')).toSorted()).toEqual(
    ['a', 'b', 'c', 'a b', 'a c', 'b c']
      .map((makers) => `one train: ${makers} real | validation: ${makers} real`)
      .toSorted(),
  );
  expect(shown.filter((line) => line.startsWith('joint')).toSorted()).toEqual(
    ['a', 'b', 'c', 'a b', 'a c', 'b c'].map((makers) => `joint validation: ${makers} real`).toSorted(),
  );
  // It joins those that were taught as it is.
  expect(asked).toContain('one∖b two∖b genuine untrained');
  expect(variants.some(({ detector }) => ['genuine', 'untrained'].includes(detector.name))).toBe(false);
});

test('of two makers, all but one is the other alone; of one there is nothing to leave out', async () => {
  const labels = async (...makers: string[]): Promise<string[]> => {
    const school = schoolOf(...makers);
    const found = await trainCrossGenerator(
      experiment,
      school,
      trainAll(experiment, school, context),
      context,
    );
    return (await Promise.all(found)).flatMap(({ variantOf, label }) => (variantOf === 'one' ? label : []));
  };
  expect(await labels('a', 'b')).toEqual(['one←a', 'one←b']);
  expect(await labels('a')).toEqual([]);
});

test('a threshold is chosen on the makers that the detector was taught by', () => {
  const trained = { label: 'one←a', trainedOn: ['a'] };
  const row = (generator: string | undefined, truth: 'real' | 'fake', score: number): Scored =>
    ({ trained, entry: { generator }, perturbation: 'none', level: 0, truth, score }) as never;
  const known = [
    row(undefined, 'real', 0),
    row(undefined, 'real', 1),
    row('a', 'fake', 2),
    row('a', 'fake', 3),
  ];
  expect(thresholdsOf(known).get('one←a')).toEqual({ value: 1.5 });
  expect(thresholdsOf([...known, row('b', 'fake', -5)]).get('one←a')).toEqual({ value: 1.5 });
  expect(thresholdsOf(known.slice(0, 2)).get('one←a')).toMatchObject({ value: null });
});

/** Keys that MLflow takes, readable, and never one for two places. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyed, leavesOf } from '../../src/records/mlflow/keys.ts';

const keysOf = (value: unknown) => [...keyed(leavesOf(value)).keys()];

test.each([
  [
    { generators: [{ label: 'puppetry@cpu-96', quality: { 'psnrDb/mean': { value: 3, low: 1 } } }] },
    [
      'generators/puppetry at cpu-96/label',
      'generators/puppetry at cpu-96/quality/psnrDb/mean',
      'generators/puppetry at cpu-96/quality/psnrDb/mean/low',
    ],
  ],
  [{ 'meso-inception@cpu-128~recomposite': 1 }, ['meso-inception at cpu-128 on recomposite']],
  [{ 'a b': 1, 'a at b': 2, 'a@b': 3 }, ['a  b', 'a  at  b', 'a at b']],
  [{ '../x': 1, '': 2, 'ä😀,': 3, '\u2e2e': 4 }, [' u2e  u2e /x', ' u ', ' ue4  u1f600  u2c ', ' u2e2e ']],
  [{ auc: { value: 1, metrics: { value: 2 } } }, ['auc/value', 'auc/metrics/value']],
  [{ 'a/b': 1, a: { b: 2 }, c: null }, ['a u2f b', 'a/b']],
  [{ info: { curve: [] }, list: ['x', 'y'] }, ['list/0', 'list/1']],
])('%j', (value, keys) => {
  expect(keysOf(value)).toEqual(keys);
});

test.each([
  [
    'pairs',
    [
      [1, 0.5],
      [4, 0.25],
    ],
    [
      { value: 0.5, step: 1 },
      { value: 0.25, step: 4 },
    ],
  ],
  [
    'objects',
    [
      { step: 2, value: 7 },
      { step: 3, value: 8 },
    ],
    [
      { value: 7, step: 2 },
      { value: 8, step: 3 },
    ],
  ],
  [
    'numbers',
    [7, 8],
    [
      { value: 7, step: 0 },
      { value: 8, step: 1 },
    ],
  ],
])('a series of %s is one key with steps', (_, list, points) => {
  expect([...keyed(leavesOf({ loss: list })).entries()].map(([key, leaf]) => [key, leaf.points])).toEqual([
    ['loss', points],
  ]);
});

test('pairs whose first numbers are no rising steps are no curve', () => {
  expect(
    keysOf({
      a: [
        [2, 1],
        [1, 1],
      ],
      b: [[0.5, 1]],
    }),
  ).toEqual(['a/0', 'a/1', 'b/0']);
});

test('any names: allowed characters, at most 250, no two alike', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      'value',
      'info',
      '@',
      '~',
      ' ',
      ' at ',
      '/',
      '.',
      '..',
      'u2f',
      ' u2f ',
      'a/b',
      'a',
      'b',
      'h0',
      'x'.repeat(300),
    ),
  );
  const tree = fc.letrec((tie) => ({
    leaf: fc.oneof(fc.integer(), fc.string()),
    node: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('node')), { maxKeys: 6 }),
  })).node;
  fc.assert(
    fc.property(tree, (value) => {
      const leaves = leavesOf(value);
      const keys = keysOf(value);
      expect(keys).toHaveLength(leaves.length);
      const wrong = (key: string) =>
        key.length > 250 || !/^[\w. -]+(\/[\w. -]+)*$/.test(key) || /(^|\/)\.\.?(\/|$)/.test(key);
      expect(keys.filter(wrong)).toEqual([]);
    }),
    { numRuns: 300, seed: 5 },
  );
});

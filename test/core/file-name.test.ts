/** Names of files that different texts never share. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileName } from '../../src/file-name.ts';

test('an id of clips reads as it is, its slashes replaced', () => {
  expect(fileName('gan@cpu-64/test-00/06')).toBe('gan@cpu-64_test-00_06');
});

test('other characters, dots before it and length cost a hash', () => {
  for (const text of ['a b', 'a//b', '.hidden', '../a', 'x'.repeat(101), 'Größe', ''])
    expect(fileName(text)).toMatch(/^[\w@~-][\w.@~-]{0,99}-[0-9a-f]{8}$|^-[0-9a-f]{8}$/);
});

test('names that are taken are not given again', () => {
  const taken = new Set<string>();
  for (const text of ['a/b', 'a_b', 'a b', 'a b', 'a_b', 'a_b', 'a b']) {
    const name = fileName(text, taken);
    expect(taken.has(name)).toBe(false);
    expect(name).toMatch(/^a_b(-[0-9a-f]{8}(-[23])?)?$/);
    taken.add(name);
  }
});

test('any text gives a name that stays in its folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(fileName(text)).toMatch(/^[\w@~-][\w.@~-]*$/);
    }),
  );
});

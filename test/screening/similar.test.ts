import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differingBits, hamming } from '../../src/screening/similar.ts';

const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const hex = (n: bigint): string => n.toString(16).padStart(16, '0');

test('hamming counts the bits that differ', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const ones = (a ^ b).toString(2).replaceAll('0', '').length;
      expect(hamming(hex(a), hex(b))).toBe(ones);
    }),
  );
});

test('two files differ by the mean over the frames of the shorter, each beside the nearest of the other', () => {
  const frames = fc.array(word.map(hex), { minLength: 1, maxLength: 5 });
  const isTelling = (frame: string): boolean => new Set(frame).size > 1;
  fc.assert(
    fc.property(frames, frames, (a, b) => {
      fc.pre([...a, ...b].every(isTelling));
      const [few, many] = a.length <= b.length ? [a, b] : [b, a];
      const nearest = few.map((frame) => Math.min(...many.map((other) => hamming(frame, other))));
      expect(differingBits(a, b)).toBe(Math.round(nearest.reduce((sum, n) => sum + n, 0) / few.length));
      expect(differingBits(a, a)).toBe(0);
    }),
  );
});

test('pictures of one colour are like nothing', () => {
  expect(differingBits(['0000000000000000'], ['0000000000000000'])).toBe(Number.POSITIVE_INFINITY);
  expect(differingBits([], ['0123456789abcdef'])).toBe(Number.POSITIVE_INFINITY);
  expect(differingBits(['0000000000000000', '0123456789abcdef'], ['0123456789abcdee'])).toBe(1);
});

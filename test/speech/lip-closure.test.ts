import { expect, test } from 'vitest';
import { closedBelow, closureFrames, vowelFrames } from '../../src/speech/lip-closure.ts';

const phones = [
  { phone: 'sil', start: 0, end: 0.1 },
  { phone: 'm', start: 0.1, end: 0.18 },
  { phone: 'aa1', start: 0.18, end: 0.4 },
  { phone: 'p', start: 0.4, end: 0.41 },
];

test('a closure is looked for in the frames in which it is spoken and the moment before', () => {
  // Frames of 40 ms show the middle of their time: 0.02, 0.06, 0.1, 0.14, 0.18, … s.
  expect(closureFrames(phones, 25, 20)).toEqual([[2, 3]]);
  expect(closureFrames(phones, 100, 60)).toEqual([
    [8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
    [38, 39, 40],
  ]);
  expect(vowelFrames(phones, 25, 20)).toEqual([[4, 5, 6, 7, 8, 9]]);
});

test('lips count as closed below the middle between how they close and how they open', () => {
  expect(closedBelow({ closures: [0, 1], vowels: [6, 7, 8] })).toBe(3.75);
  expect(closedBelow({ closures: [], vowels: [6] })).toBeUndefined();
});

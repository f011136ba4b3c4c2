import { expect, test } from 'vitest';
import { labelBand, labeller } from '../../src/export/label.ts';
import { paint } from '../support/clips.ts';

/** The band as text, one sign per dot, sampled in the middle of each dot. */
function dotsOf(width: number, height: number): string[] {
  const { data } = labeller(width, height)(paint(width, height, () => [90, 120, 150]));
  const { top, dotPx, left } = labelBand(width, height);
  const columns = Math.round((width - 2 * left) / dotPx);
  return Array.from({ length: 9 }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const [x, y] = [Math.floor(left + (column + 0.5) * dotPx), Math.floor(top + (row + 0.5) * dotPx)];
      return data[3 * (y * width + x)]! > 0 ? '#' : '.';
    }).join(''),
  );
}

test.each([
  [256, 256],
  [1920, 1080],
  [640, 480],
])('it reads SYNTHETIC MEDIA in a picture of %i×%i', (width, height) => {
  expect(dotsOf(width, height)).toEqual([
    '.........................................................................................',
    '.####.#...#.#...#.#####.#...#.#####.#####..###...###........#...#.#####.####...###...###.',
    '#.....#...#.##..#...#...#...#.#.......#.....#...#...#.......##.##.#.....#...#...#...#...#',
    '#......#.#..#.#.#...#...#...#.#.......#.....#...#...........#.#.#.#.....#...#...#...#...#',
    '.###....#...#..##...#...#####.####....#.....#...#...........#.#.#.####..#...#...#...#####',
    '....#...#...#...#...#...#...#.#.......#.....#...#...........#...#.#.....#...#...#...#...#',
    '....#...#...#...#...#...#...#.#.......#.....#...#...#.......#...#.#.....#...#...#...#...#',
    '####....#...#...#...#...#...#.#####...#....###...###........#...#.#####.####...###..#...#',
    '.........................................................................................',
  ]);
});

test('what lies above the band is untouched, and the frame given stays as it was', () => {
  const frame = paint(64, 48, (x, y) => [x, y, 7]);
  const before = frame.data.slice();
  const labelled = labeller(64, 48)(frame);
  const above = 3 * 64 * labelBand(64, 48).top;
  expect(labelled.data.subarray(0, above)).toEqual(before.subarray(0, above));
  expect(labelled.data.subarray(above).every((value) => value === 0 || value === 255)).toBe(true);
  expect(frame.data).toEqual(before);
});

test.each([
  [1, 1],
  [2, 2],
  [300, 2],
  [2, 300],
])('a picture of %i×%i has a band too', (width, height) => {
  const { data } = labeller(width, height)(paint(width, height, () => [90, 90, 90]));
  expect(data.subarray(3 * width * (height - 1)).every((value) => value !== 90)).toBe(true);
});

import { expect, test } from 'vitest';
import { fitAffine, warpFrame } from '../../src/faces/warp.ts';
import { createRng } from '../../src/random.ts';

test('an affine map is found from the points it moved', () => {
  const rng = createRng(4, 'affine');
  const truth = [1.1, -0.2, 30, 0.3, 0.9, -12];
  const from = Float64Array.from({ length: 30 }, () => rng.uniform(80, 180));
  const to = from.map((_, i) => {
    const [x, y] = [from[i - (i % 2)]!, from[i - (i % 2) + 1]!];
    return i % 2 === 0
      ? truth[0]! * x + truth[1]! * y + truth[2]!
      : truth[3]! * x + truth[4]! * y + truth[5]!;
  });
  fitAffine(from, to, 2).forEach((value, i) => expect(value).toBeCloseTo(truth[i]!, 5));
});

test('a shift by whole pixels copies them, by half a pixel averages two', () => {
  const frame = {
    width: 6,
    height: 1,
    data: Uint8Array.from({ length: 18 }, (_, i) => 10 * Math.floor(i / 3) + (i % 3)),
  };
  const window = { x: 1, y: 0, width: 3, height: 1 };
  expect([...warpFrame(frame, [1, 0, 1, 0, 1, 0], window).data]).toEqual([
    20, 21, 22, 30, 31, 32, 40, 41, 42,
  ]);
  expect(warpFrame(frame, [1, 0, 0.5, 0, 1, 0], window).data[0]).toBe(15);
});

import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/random.ts';
import { leastRows, maxOffset, offsetCount, offsetCurve, readCurve } from '../../src/sync/offsets.ts';

const width = 3;
const rows = (name: string, count: number): Float32Array => {
  const rng = createRng(1, 'offsets', name);
  return Float32Array.from({ length: count * width }, () => rng.normal());
};
const row = (values: Float32Array, t: number): number[] => [...values.subarray(t * width, (t + 1) * width)];

describe('offsetCurve', () => {
  it('is the mean distance of all pairs at each offset', () => {
    const [picture, sound] = [rows('picture', 27), rows('sound', 25)];
    const curve = offsetCurve(picture, sound, width)!;
    expect(curve).toHaveLength(offsetCount);
    for (let offset = -maxOffset; offset <= maxOffset; offset++) {
      const distances: number[] = [];
      for (let t = 0; t < 27; t++)
        if (t + offset >= 0 && t + offset < 25)
          distances.push(
            Math.hypot(...row(picture, t).map((value, j) => value - row(sound, t + offset)[j]!)),
          );
      const mean = distances.reduce((sum, d) => sum + d, 0) / distances.length;
      expect(curve[offset + maxOffset]).toBeCloseTo(mean, 10);
    }
  });

  it.each([-15, -3, 0, 7, 15])('finds sound that comes %i frames late', (late) => {
    const all = rows('both', 80);
    const picture = all.subarray(20 * width, 60 * width);
    const sound = all.subarray((20 - late) * width, (60 - late) * width);
    const { offset, distance, confidence } = readCurve(offsetCurve(picture, sound, width)!);
    expect(offset).toBe(late);
    expect(distance).toBe(0);
    expect(confidence).toBeGreaterThan(1);
  });

  it('says nothing of what is too short', () => {
    expect(offsetCurve(rows('a', leastRows - 1), rows('b', 40), width)).toBeUndefined();
    expect(offsetCurve(rows('a', leastRows), rows('b', leastRows), width)).toBeDefined();
  });
});

it('confidence is the distance between the lowest and the median', () => {
  const curve = Array.from({ length: offsetCount }, (_, i) => (i === 4 ? 0.25 : 1 + i));
  expect(readCurve(curve)).toEqual({ offset: 4 - maxOffset, distance: 0.25, confidence: 1 + 15 - 0.25 });
});

import { describe, expect, it } from 'vitest';
import { azimuthalMeans } from '../../src/dsp/azimuthal.ts';
import { createRng } from '../../src/random.ts';

describe('azimuthalMeans', () => {
  it.each([
    [64, 43],
    [128, 88],
    [256, 179],
    [1024, 722],
  ])('gives the feature counts of the published code: N = %i, %i means', (size, count) => {
    expect(azimuthalMeans(new Float64Array(size * size).fill(3), size)).toEqual(
      new Float64Array(count).fill(3),
    );
  });

  it('equals the definition: shift, then average each ring', () => {
    const size = 16;
    const rng = createRng(1, 'azimuthal-test');
    const spectrum = Float64Array.from({ length: size * size }, () => rng.normal());
    const rings = new Map<number, number[]>();
    for (let v = -8; v < 8; v++) {
      for (let u = -8; u < 8; u++) {
        const ring = Math.floor(Math.sqrt((u + 0.5) ** 2 + (v + 0.5) ** 2));
        rings.set(ring, [
          ...(rings.get(ring) ?? []),
          spectrum[((v + size) % size) * size + ((u + size) % size)]!,
        ]);
      }
    }
    const expected = Array.from({ length: rings.size - 2 }, (_, i) => {
      const ring = rings.get(i + 1)!;
      return ring.reduce((sum, value) => sum + value, 0) / ring.length;
    });
    const actual = azimuthalMeans(spectrum, size);
    expect(actual.length).toBe(expected.length);
    actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
  });
});

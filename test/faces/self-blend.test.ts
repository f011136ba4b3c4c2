import { describe, expect, it } from 'vitest';
import { blurMask, hullMask } from '../../src/faces/mask.ts';
import { type Blend, drawBlend, elasticOf, selfBlend } from '../../src/faces/self-blend.ts';
import { createRng } from '../../src/random.ts';
import { paint } from '../support/clips.ts';

describe('masks', () => {
  it('the hull holds the pixels whose centres every edge has on its inner side', () => {
    const rng = createRng(1, 'hull');
    const points = Array.from({ length: 18 }, () => rng.uniform(4, 36));
    const mask = hullMask(points, 40, 40);
    const pairs = Array.from({ length: 9 }, (_, i) => [points[i * 2]!, points[i * 2 + 1]!] as const);
    for (let y = 0; y < 40; y++)
      for (let x = 0; x < 40; x++) {
        // Outside means: some direction in which the pixel lies beyond all points.
        let outside = false;
        for (let a = 0; a < 720 && !outside; a++) {
          const [dx, dy] = [Math.cos((a * Math.PI) / 360), Math.sin((a * Math.PI) / 360)];
          const reach = Math.max(...pairs.map(([px, py]) => px * dx + py * dy));
          outside = (x + 0.5) * dx + (y + 0.5) * dy > reach + 0.05;
        }
        if (outside) expect(mask[y * 40 + x], `${x} ${y}`).toBe(0);
      }
    expect(mask.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(200);
    expect(hullMask([1, 1, 5, 5, 9, 9], 12, 12).some((value) => value > 0)).toBe(false);
  });

  it('a blur keeps what is even, and spreads a point as the Gaussian says', () => {
    const even = blurMask(new Float32Array(400).fill(0.5), 20, 20, 2);
    for (const value of even) expect(value).toBeCloseTo(0.5, 6);
    const point = new Float32Array(41 * 41);
    point[20 * 41 + 20] = 1;
    const spread = blurMask(point, 41, 41, 2);
    expect(spread[20 * 41 + 24]! / spread[20 * 41 + 20]!).toBeCloseTo(Math.exp(-16 / 8), 5);
    expect(spread.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    // Cut off after two pixels, a wide one is nearly a box of five by five.
    const box = blurMask(point, 41, 41, 30, 2);
    expect(box.filter((value) => value > 0)).toHaveLength(25);
    for (const value of box.filter((one) => one > 0)) expect(value).toBeCloseTo(1 / 25, 3);
  });
});

const size = 128;
const frame = paint(size, size, (x, y) => [
  120 + 40 * Math.sin(x / 6),
  110 + 30 * Math.cos(y / 5),
  100 + (x + y) / 8,
]);
const outline = [40, 40, 88, 40, 88, 92, 40, 92];

it('only the inside of the outline changes, by a mask without steps', async () => {
  let strongest = 0;
  for (let i = 0; i < 12; i++) {
    const rng = createRng(1, 'blend', i);
    const blend: Blend = {
      ...drawBlend(rng),
      finish: { tone: { shift: [0, 0, 0], brightness: 0, contrast: 1 } },
    };
    const elastic = elasticOf(rng, size, size);
    const { real, fake, mask } = await selfBlend(frame, outline, blend, elastic);
    const again = await selfBlend(frame, outline, blend, elastic);
    expect(again.fake.data).toEqual(fake.data);
    const highest = Math.max(...mask);
    expect(highest).toBeLessThanOrEqual(1);
    strongest = Math.max(strongest, highest);
    for (let y = 1; y < size; y++)
      for (let x = 1; x < size; x++) {
        const at = y * size + x;
        // The shortest blur here is over three pixels.
        expect(Math.abs(mask[at]! - mask[at - 1]!)).toBeLessThan(0.4);
        if (mask[at] === 0) expect(fake.data[at * 3]).toBe(real.data[at * 3]);
      }
    if (blend.changesCopy) expect(real.data).toEqual(frame.data);
    else expect(real.data).not.toEqual(frame.data);
  }
  expect(strongest).toBe(1);
});

it('draws lie where the paper has them', () => {
  const blends = Array.from({ length: 400 }, (_, i) => drawBlend(createRng(1, 'draw', i)));
  const share = (holds: (blend: Blend) => boolean): number => blends.filter(holds).length / blends.length;
  expect(share(({ changesCopy }) => changesCopy)).toBeCloseTo(0.5, 1);
  expect(share(({ strength }) => strength === 1)).toBeCloseTo(0.5, 1);
  expect(share(({ finish }) => finish.quality !== undefined)).toBeCloseTo(0.5, 1);
  for (const { move, feather, finish } of blends) {
    expect(Math.abs(move.x)).toBeLessThanOrEqual(0.03);
    expect(Math.abs(move.y)).toBeLessThanOrEqual(0.015);
    expect(move.scale).toBeGreaterThanOrEqual(0.95);
    expect(move.scale).toBeLessThanOrEqual(1 / 0.95);
    expect([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).toContain(feather.reachPx);
    expect(feather.sigmaPx).toBeGreaterThanOrEqual(5);
    expect(feather.sigmaPx).toBeLessThanOrEqual(45);
    expect(finish.quality ?? 40).toBeGreaterThanOrEqual(40);
    expect(finish.quality ?? 100).toBeLessThanOrEqual(100);
  }
});

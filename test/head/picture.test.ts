import { describe, expect, it } from 'vitest';
import { clear, createCanvas, draw } from '../../src/head/draw.ts';
import { evaluateHarmonics, harmonics, projectLobes, transferOf } from '../../src/head/light.ts';
import { normalsOf } from '../../src/head/normals.ts';
import { createSensor } from '../../src/head/sensor.ts';
import { createRng } from '../../src/random.ts';

const white = { width: 1, height: 1, rgba: Uint8Array.of(255, 255, 255, 0) };
const part = (triangles: number[], points: number[]) => ({
  item: {
    triangles: Uint32Array.from(triangles),
    uv: new Float32Array((points.length / 3) * 2),
    texture: white,
    part: 1,
  },
  points: Float32Array.from(points, (value, i) => (i % 3 === 2 ? 1 / value : value)),
  light: new Float32Array((points.length / 3) * 4).fill(0.5),
});

describe('the rasteriser', () => {
  it('covers exactly the samples whose centres lie in a triangle', () => {
    const rng = createRng('triangles');
    const canvas = createCanvas(40, 30);
    let wrong = 0;
    for (let n = 0; n < 200; n++) {
      const corners = Array.from({ length: 3 }, () => [rng.uniform(-10, 50), rng.uniform(-10, 40), 900]);
      const { item, points, light } = part([0, 1, 2], corners.flat());
      clear(canvas);
      draw(canvas, item, points, light);
      const [a, b, c] = corners as [number[], number[], number[]];
      const side = (p: number[], q: number[], x: number, y: number) =>
        (q[0]! - p[0]!) * (y - p[1]!) - (x - p[0]!) * (q[1]! - p[1]!);
      const area = side(a, b, c[0]!, c[1]!);
      for (let y = 0; y < 30; y++) {
        for (let x = 0; x < 40; x++) {
          const edges = [
            side(a, b, x + 0.5, y + 0.5),
            side(b, c, x + 0.5, y + 0.5),
            side(c, a, x + 0.5, y + 0.5),
          ].map((e) => e / area);
          if (area > 0 && edges.some((edge) => Math.abs(edge) < 1e-4)) continue;
          const inside = area > 0 && edges.every((edge) => edge > 0);
          if (canvas.inverseDepth[y * 40 + x]! > 0 !== inside) wrong++;
        }
      }
    }
    expect(wrong).toBe(0);
  });

  it('leaves no gap between triangles that share an edge', () => {
    const canvas = createCanvas(64, 64);
    const rng = createRng('quads');
    for (let n = 0; n < 50; n++) {
      const [x, y] = [rng.uniform(20, 44), rng.uniform(20, 44)];
      // A fan around an inner point over the whole canvas.
      const { item, points, light } = part(
        [0, 1, 2, 0, 2, 3, 0, 3, 4, 0, 4, 1],
        [x, y, 900, -5, -5, 900, 70, -5, 900, 70, 70, 900, -5, 70, 900],
      );
      clear(canvas);
      draw(canvas, item, points, light);
      expect(canvas.inverseDepth.every((value) => value > 0)).toBe(true);
    }
  });

  it('shows the nearer of two surfaces, whichever is drawn first', () => {
    const square = (depth: number) => [-1, -1, depth, 20, -1, depth, 20, 20, depth, -1, 20, depth];
    for (const order of [
      [800, 900],
      [900, 800],
    ]) {
      const canvas = createCanvas(8, 8);
      for (const depth of order) {
        const { item, points, light } = part([0, 1, 2, 0, 2, 3], square(depth));
        draw(canvas, { ...item, part: depth === 800 ? 1 : 2 }, points, light);
      }
      expect(canvas.part.every((id) => id === 1)).toBe(true);
    }
  });
});

/** Evenly spread directions for slow integrals over the sphere. */
const directions = Array.from({ length: 6000 }, (_, i) => {
  const z = 1 - (2 * i + 1) / 6000;
  const phi = i * Math.PI * (3 - Math.sqrt(5));
  const r = Math.sqrt(1 - z * z);
  return [r * Math.cos(phi), r * Math.sin(phi), z] as const;
});
const area = (4 * Math.PI) / directions.length;

describe('light', () => {
  it('uses orthonormal harmonics', () => {
    const products = new Float64Array(harmonics * harmonics);
    const basis = new Float32Array(harmonics);
    for (const direction of directions) {
      evaluateHarmonics(...direction, basis, 0);
      for (let i = 0; i < harmonics; i++)
        for (let j = 0; j < harmonics; j++) products[i * harmonics + j]! += basis[i]! * basis[j]! * area;
    }
    for (let i = 0; i < harmonics; i++) {
      for (let j = 0; j < harmonics; j++) expect(products[i * harmonics + j]).toBeCloseTo(i === j ? 1 : 0, 2);
    }
  });

  const lobes = [
    { direction: [0.48, -0.6, -0.64] as const, colour: [1, 0.8, 0.6] as const, sharpness: 8, shines: true },
  ];
  const radiance = projectLobes(lobes);
  const arriving = (transfer: Float32Array) =>
    transfer.reduce((sum, value, h) => sum + value * radiance[h * 3]!, 0);
  const towardsCamera = { points: Float32Array.of(0, 40, 0), normals: Float32Array.of(0, 0, -1), bias: 1 };

  it('reaches an open point as the integral of radiance times cosine says', () => {
    const [transfer] = transferOf([towardsCamera], []) as [Float32Array];
    const basis = new Float32Array(harmonics);
    let slow = 0;
    for (const direction of directions) {
      evaluateHarmonics(...direction, basis, 0);
      const light = basis.reduce((sum, value, h) => sum + value * radiance[h * 3]!, 0);
      slow += Math.max(0, -direction[2]) * light * area;
    }
    expect(arriving(transfer) / slow).toBeGreaterThan(0.95);
    expect(arriving(transfer) / slow).toBeLessThan(1.05);
    // And about what a facing surface gets, times the cosine.
    expect(slow).toBeGreaterThan(0.64 * 0.85);
    expect(slow).toBeLessThan(0.64 * 1.15);
  });

  it('is blocked by what stands before it and not by what stands behind', () => {
    const wall = (z: number) => ({
      points: Float32Array.from([-150, -110, z, 150, -110, z, 150, 190, z, -150, 190, z]),
      triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
      twoSided: true,
    });
    const [open] = transferOf([towardsCamera], []) as [Float32Array];
    const [shut] = transferOf([towardsCamera], [wall(-20)]) as [Float32Array];
    const [behind] = transferOf([towardsCamera], [wall(20)]) as [Float32Array];
    expect(arriving(shut)).toBeLessThan(0.1 * arriving(open));
    expect(behind).toEqual(open);
  });

  it('falls on normals that point outwards', () => {
    const normals = normalsOf(Float32Array.from([0, 0, 5, 1, 0, 5, 1, 1, 5]), Uint32Array.of(0, 1, 2));
    expect([...normals.subarray(0, 3)]).toEqual([expect.closeTo(0), expect.closeTo(0), -1]);
  });
});

describe('the sensor', () => {
  const settings = {
    exposure: 1,
    balance: [1, 1, 1] as const,
    blur: 0,
    pattern: 0.01,
    readNoise: 0.01,
    shotNoise: 0.0004,
    gamma: 1,
    contrast: 0,
    vignette: 0,
    seed: 'sensor',
  };
  const side = 64;
  const flat = (level: number) => new Float32Array(side * side * 3).fill(level);
  const develop = createSensor(settings, side, side);

  it('adds noise of the stated variance', () => {
    const still = createSensor({ ...settings, pattern: 0 }, side, side);
    const { data } = still(flat(0.4), 1);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
    // Eight-bit rounding adds 1/12.
    const wanted = 255 ** 2 * (0.01 ** 2 + 0.0004 * 0.4) + 1 / 12;
    expect(mean).toBeCloseTo(0.4 * 255, 0);
    expect(variance / wanted).toBeGreaterThan(0.9);
    expect(variance / wanted).toBeLessThan(1.1);
  });

  it('carries its own fixed pattern through all frames, and another camera another one', () => {
    const average = (camera: typeof develop) => {
      const sum = new Float64Array(side * side * 3);
      for (let frame = 0; frame < 40; frame++)
        camera(flat(0.5), frame).data.forEach((value, i) => (sum[i]! += value / 40));
      return sum;
    };
    const correlation = (a: Float64Array, b: Float64Array) => {
      const mean = (values: Float64Array) =>
        values.reduce((total, value) => total + value, 0) / values.length;
      const [ma, mb] = [mean(a), mean(b)];
      let [ab, aa, bb] = [0, 0, 0];
      a.forEach((value, i) => {
        ab += (value - ma) * (b[i]! - mb);
        aa += (value - ma) ** 2;
        bb += (b[i]! - mb) ** 2;
      });
      return ab / Math.sqrt(aa * bb);
    };
    const first = average(develop);
    const later = average((picture, frame) => develop(picture, frame + 1000));
    const other = average(createSensor({ ...settings, seed: 'another' }, side, side));
    expect(correlation(first, later)).toBeGreaterThan(0.6);
    expect(Math.abs(correlation(first, other))).toBeLessThan(0.05);
  });

  it('blurs without losing light', () => {
    const blurred = createSensor(
      { ...settings, blur: 0.12, readNoise: 0, shotNoise: 0, pattern: 0 },
      side,
      side,
    );
    const picture = flat(0);
    picture[(32 * side + 32) * 3] = 1.5;
    const { data } = blurred(picture, 0);
    const lit = [0, 1, 2].flatMap((dy) =>
      [0, 1, 2].map((dx) => data[((31 + dy) * side + 31 + dx) * 3]! / 255),
    );
    expect(lit.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1.4, 0);
    expect(lit[4]! / lit[3]!).toBeCloseTo((1 - 0.24) / 0.12, 0);
  });
});

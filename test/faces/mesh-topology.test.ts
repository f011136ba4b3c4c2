/** The named points against the shape of the mesh itself: an index that is off by one lies elsewhere. */
import { expect, test } from 'vitest';
import { meshPointCount } from '../../src/faces/mesh-track.ts';
import {
  brows,
  eyes,
  innerEyeCorners,
  jaw,
  landmarks51,
  lips,
  meshTopology,
  nose,
  outline,
} from '../../src/faces/mesh-topology.ts';

const { triangles, uv } = meshTopology();
const u = (point: number): number => uv[2 * point]!;
const v = (point: number): number => uv[2 * point + 1]!;
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The point on the other side of the face. */
const partners = Array.from({ length: meshPointCount }, (_, point) => {
  const distance = (other: number): number => Math.hypot(1 - u(point) - u(other), v(point) - v(other));
  return Array.from({ length: meshPointCount }, (_, other) => other).reduce((best, other) =>
    distance(other) < distance(best) ? other : best,
  );
});

/** Edges that belong to one triangle only. */
function borderEdges(): Set<string> {
  const counts = new Map<string, number>();
  for (let i = 0; i < triangles.length; i += 3)
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const key = edge(triangles[i + a]!, triangles[i + b]!);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  expect(Math.max(...counts.values())).toBe(2);
  return new Set([...counts].filter(([, count]) => count === 1).map(([key]) => key));
}
const edge = (a: number, b: number): string => [a, b].toSorted((p, q) => p - q).join();
const loopEdges = (loop: readonly number[]): string[] =>
  loop.map((point, i) => edge(point, loop[(i + 1) % loop.length]!));

test('the mesh is one surface that is open around the face and between the lips, nowhere else', () => {
  expect(new Set(triangles).size).toBe(meshPointCount);
  const border = borderEdges();
  expect([...border].toSorted()).toEqual([...loopEdges(outline), ...loopEdges(lips.inner)].toSorted());
  const edges = (triangles.length + border.size) / 2;
  // Euler's formula for a disc with one hole: V − E + F = 0.
  expect(meshPointCount - edges + triangles.length / 3).toBe(0);
});

test('triangles run clockwise as seen', () => {
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = triangles.subarray(i, i + 3) as unknown as [number, number, number];
    expect((u(b) - u(a)) * (v(c) - v(a)) - (v(b) - v(a)) * (u(c) - u(a))).toBeGreaterThan(0);
  }
});

test('left and right are mirrored', () => {
  expect(partners.every((partner, point) => partners[partner] === point)).toBe(true);
  const mirrored = (points: readonly number[]): number[] => points.map((point) => partners[point]!);
  const sorted = (points: readonly number[]): number[] => points.toSorted((a, b) => a - b);
  expect(sorted(mirrored(eyes.left))).toEqual(sorted(eyes.right));
  expect(mirrored(brows.left)).toEqual(brows.right);
  for (const part of [lips.outer, lips.inner, outline, jaw, landmarks51, nose.base, innerEyeCorners])
    expect(sorted(mirrored(part))).toEqual(sorted(part));
  expect(mirrored(nose.ridge)).toEqual(nose.ridge);
  expect(mean(eyes.left.map(u))).toBeLessThan(mean(eyes.right.map(u)));
});

test('loops run clockwise from the corner at the left and do not cross themselves', () => {
  for (const loop of [lips.outer, lips.inner, eyes.left, eyes.right]) {
    expect(u(loop[0]!)).toBe(Math.min(...loop.map(u)));
    const corner = loop.map(u).indexOf(Math.max(...loop.map(u)));
    const upper = loop.slice(0, corner + 1).map(u);
    const lower = loop.slice(corner).concat(loop[0]!).map(u);
    expect(upper).toEqual(upper.toSorted((a, b) => a - b));
    expect(lower).toEqual(lower.toSorted((a, b) => b - a));
    expect(mean(loop.slice(1, corner).map(v))).toBeLessThan(mean(loop.slice(corner + 1).map(v)));
  }
});

test('from the top of the face to its bottom: brows, eyes, nose, lips, chin', () => {
  const heights = [
    [...brows.left, ...brows.right],
    [...eyes.left, ...eyes.right],
    nose.base,
    lips.outer,
    [152],
  ].map((part) => part.map(v));
  for (let i = 1; i < heights.length; i++)
    expect(Math.max(...heights[i - 1]!)).toBeLessThan(Math.min(...heights[i]!));
  expect(nose.ridge.map(v)).toEqual(nose.ridge.map(v).toSorted((a, b) => a - b));
  const inside = (point: number): boolean => {
    const [left, right] = [Math.min(...lips.outer.map(u)), Math.max(...lips.outer.map(u))];
    return u(point) > left && u(point) < right;
  };
  expect(lips.inner.every(inside)).toBe(true);
});

test('the 51 landmarks lie on the parts they are named after, each once', () => {
  expect(new Set(landmarks51).size).toBe(51);
  const parts: [readonly number[], number, number][] = [
    [brows.left, 0, 5],
    [brows.right, 5, 10],
    [nose.ridge, 10, 14],
    [nose.base, 14, 19],
    [eyes.left, 19, 25],
    [eyes.right, 25, 31],
    [lips.outer, 31, 43],
    [lips.inner, 43, 51],
  ];
  for (const [part, from, to] of parts)
    for (const point of landmarks51.slice(from, to)) expect(part).toContain(point);
  // The scheme's brows run from left to right, its lid and lip loops as ours.
  const row = landmarks51.slice(0, 10).map(u);
  expect(row).toEqual(row.toSorted((a, b) => a - b));
});

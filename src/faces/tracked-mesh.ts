/** The mesh of a filmed person's head, as the rendered heads have one: rest, expressions, texture, landmarks, and an inside of the mouth. */
import { expressionCount } from '../head/expressions.ts';
import type { Mesh } from '../head/mesh.ts';
import { landmarks51, lips, meshTopology } from './mesh-topology.ts';
import { meshPointCount } from './mesh-track.ts';

/** The skin takes so much of the texture's height, and below it lies the inside of the mouth, as on the rendered heads' (`head/grid.ts`). */
const skinShare = 0.9;
const insideV = 0.95;
/** Skin belongs to the mouth region up to so far from the middle part of the lips, as on the rendered heads, mm. */
const mouthReachMm = 20;
const middleShare = 0.6;

/**
 * The points of the face mesh, and behind them once more those around the mouth's opening, between which the mouth is closed by triangles: what shows
 * there is no skin.
 * @param neutral 468×3, mm. @param components K×468×3, mm per unit.
 */
export function trackedMesh(neutral: Float64Array, components: Float64Array): Mesh {
  const { triangles, uv } = meshTopology();
  const ring = lips.inner;
  const withRing = (values: Float64Array): number[] => [
    ...values,
    ...ring.flatMap((p) => [...values.subarray(p * 3, p * 3 + 3)]),
  ];
  const size = meshPointCount * 3;
  const blocks = Array.from({ length: expressionCount }, (_, k) =>
    withRing(components.subarray(k * size, (k + 1) * size)),
  );
  return {
    vertexCount: meshPointCount + ring.length,
    triangles: Uint32Array.from([...triangles, ...insideTriangles(ring.length)]),
    uv: Float32Array.from([
      ...uv.map((value, i) => (i % 2 === 1 ? value * skinShare : value)),
      ...ring.flatMap((p) => [uv[p * 2]!, insideV]),
    ]),
    neutral: Float32Array.from(withRing(neutral)),
    basis: Float32Array.from(blocks.flat()),
    landmarks: Uint32Array.from(landmarks51),
    mouth: Uint8Array.from([...mouthPoints(neutral), ...ring.map(() => 1)]),
  };
}

/** A band across the ring, which runs clockwise from one corner: from each point of the upper lip to the one below it. */
function insideTriangles(count: number): number[] {
  const triangles: number[] = [];
  const at = (i: number): number => meshPointCount + ((i + count) % count);
  for (let i = 0; i < count / 2; i++) {
    const [left, right, below, before] = [at(i), at(i + 1), at(-i - 1), at(-i)];
    if (right !== below) triangles.push(left, right, below);
    if (left !== before) triangles.push(left, below, before);
  }
  return triangles;
}

/** 1 for the lips and the skin around them. */
function mouthPoints(neutral: Float64Array): number[] {
  const of = (p: number, axis: 0 | 1): number => neutral[p * 3 + axis]!;
  const [xs, ys] = [lips.outer.map((p) => of(p, 0)), lips.outer.map((p) => of(p, 1))];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [x, half] = [(left + right) / 2, (right - left) / 2];
  const y = (Math.min(...ys) + Math.max(...ys)) / 2;
  return Array.from({ length: meshPointCount }, (_, p) =>
    Math.hypot(Math.max(0, Math.abs(of(p, 0) - x) - middleShare * half), of(p, 1) - y) < mouthReachMm ? 1 : 0,
  );
}

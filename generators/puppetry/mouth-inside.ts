/**
 * The inside of the mouth. Teeth and tongue are no part of a tracked mesh, which has a bag there that stretches with the lips;
 * but the upper teeth are fixed to the head. So a pixel that shows the bag takes its texel from where its ray meets a plane
 * through the teeth, parallel to the face: a stand-in for their shape, painted over by the networks like all else.
 */
import type { Camera, Mesh, Pose } from '../../src/head/mesh.ts';
import type { Box } from '../../src/head/track.ts';
import { expressionCount } from '../../src/head/expressions.ts';

/** The mesh keeps the bag in the last part of its UV square, below this (`src/head/grid.ts`). */
const insideFromV = 0.905;
export const isInside = (v: number): boolean => v > insideFromV;

/** Inner lip line, iBUG 60 to 67, among the inner 51 landmarks. */
const innerLips = Array.from({ length: 8 }, (_, i) => 60 - 17 + i);
/** How far the plane lies behind the lips, and what of it the texture holds around the middle of the lips, mm. */
const behindLipsMm = 6;
const [halfWidthMm, aboveMm, belowMm] = [32, 10, 24];

/** Head space, mm: the middle of the lips at rest and the depth of the plane. */
export type TeethPlane = { x: number; y: number; z: number };

export function teethPlane({ landmarks, neutral }: Mesh): TeethPlane {
  const mean = (c: number): number =>
    innerLips.reduce((sum, landmark) => sum + neutral[landmarks[landmark]! * 3 + c]!, 0) / innerLips.length;
  return { x: mean(0), y: mean(1), z: mean(2) + behindLipsMm };
}

/** Where a pixel of the window falls on the plane, as shares of the texture's width and height. */
export type InsideShares = (pixel: number) => [across: number, down: number];

export function insideSharesOf(plane: TeethPlane, pose: Pose, camera: Camera, window: Box): InsideShares {
  const at = (row: number, column: number): number => pose[row * 4 + column]!;
  const origin = (row: number): number =>
    at(row, 0) * plane.x + at(row, 1) * plane.y + at(row, 2) * plane.z + at(row, 3);
  const [originX, originY, originZ] = [origin(0), origin(1), origin(2)];
  const dot = (column: number, x: number, y: number, z: number): number =>
    at(0, column) * x + at(1, column) * y + at(2, column) * z;
  const originDepth = dot(2, originX, originY, originZ);
  return (pixel) => {
    // The ray (x, y, 1) through the pixel's middle, as far as the plane, from the plane's origin on.
    const x = (window.x + (pixel % window.width) + 0.5 - camera.centreX) / camera.focalPx;
    const y = (window.y + Math.floor(pixel / window.width) + 0.5 - camera.centreY) / camera.focalPx;
    const distance = originDepth / dot(2, x, y, 1);
    const [dx, dy, dz] = [x * distance - originX, y * distance - originY, distance - originZ];
    return [
      0.5 + dot(0, dx, dy, dz) / (2 * halfWidthMm),
      (dot(1, dx, dy, dz) + aboveMm) / (aboveMm + belowMm),
    ];
  };
}

/**
 * The mesh with the lips' edge doubled where the bag begins, so that no triangle stretches from the skin's part of the UV
 * square into the bag's.
 */
export function separateInside(mesh: Mesh): Mesh {
  const { vertexCount, triangles, uv } = mesh;
  const inside = (vertex: number): boolean => isInside(uv[vertex * 2 + 1]!);
  const doubles = new Map<number, number>();
  const corners = triangles.slice();
  for (let t = 0; t < triangles.length; t += 3) {
    const three = triangles.subarray(t, t + 3);
    if (!three.some(inside)) continue;
    three.forEach((vertex, i) => {
      if (inside(vertex)) return;
      if (!doubles.has(vertex)) doubles.set(vertex, vertexCount + doubles.size);
      corners[t + i] = doubles.get(vertex)!;
    });
  }
  const sources = [...doubles.keys()];
  const extend = (values: Float32Array): Float32Array =>
    Float32Array.from([
      ...values,
      ...sources.flatMap((vertex) => [...values.subarray(vertex * 3, vertex * 3 + 3)]),
    ]);
  const size = vertexCount * 3;
  const blocks = Array.from({ length: expressionCount }, (_, k) =>
    extend(mesh.basis.subarray(k * size, (k + 1) * size)),
  );
  const basis = new Float32Array(blocks.length * blocks[0]!.length);
  blocks.forEach((block, k) => basis.set(block, k * block.length));
  return {
    ...mesh,
    vertexCount: vertexCount + sources.length,
    triangles: corners,
    uv: Float32Array.from([...uv, ...sources.flatMap((vertex) => [uv[vertex * 2]!, 1])]),
    neutral: extend(mesh.neutral),
    basis,
    mouth: Uint8Array.from([...mesh.mouth, ...sources.map((vertex) => mesh.mouth[vertex]!)]),
  };
}

/**
 * A deformable face mesh and the camera that looks at it. Head space: millimetres, origin at the head's centre, x to the
 * viewer's right, y down, z away from the camera; a pose [R|t] takes it to camera space, which has the same axes.
 */
import { expressionCount } from './expressions.ts';

/** The skin of the face with the inside of the mouth: what a face tracker would know. One topology for all heads. */
export type Mesh = {
  vertexCount: number;
  /** Three vertex indices per triangle, clockwise as seen from outside in pixel axes (x right, y down). */
  triangles: Uint32Array;
  /** Texture coordinates, two per vertex, in [0, 1]. */
  uv: Float32Array;
  /** The face at rest, three per vertex, mm. */
  neutral: Float32Array;
  /** Displacement per unit of each expression coefficient, mm: K blocks of 3V. */
  basis: Float32Array;
  /** The 51 inner landmarks of the 68-point scheme (iBUG indices 17 to 67) as vertex indices. */
  landmarks: Uint32Array;
  /** 1 where the vertex belongs to the mouth region, else 0. */
  mouth: Uint8Array;
};

/** A pinhole: pixel x = centreX + focalPx · X/Z. Pixel i covers [i, i + 1), its centre lies at i + 0.5. */
export type Camera = { focalPx: number; centreX: number; centreY: number; width: number; height: number };

/** Head mm to camera mm, 3×4 row-major [R|t]. */
export type Pose = Float32Array;

/**
 * The face with an expression, in head space: neutral + B·e, exactly as the renderer draws it.
 * @param expression K coefficients.
 * @param out Receives the result where given (3V values).
 * @returns 3V values, mm.
 */
export function deform(mesh: Mesh, expression: Float32Array, out?: Float32Array): Float32Array {
  const size = mesh.vertexCount * 3;
  const vertices = out ?? new Float32Array(size);
  vertices.set(mesh.neutral);
  for (let k = 0; k < expressionCount; k++) {
    const weight = expression[k]!;
    if (weight === 0) continue;
    const start = k * size;
    for (let i = 0; i < size; i++) vertices[i] = vertices[i]! + weight * mesh.basis[start + i]!;
  }
  return vertices;
}

/** Points of head space (three values each, mm) in camera space. */
export function transform(points: Float32Array, pose: Pose, out?: Float32Array): Float32Array {
  const moved = out ?? new Float32Array(points.length);
  const [a, b, c, tx, d, e, f, ty, g, h, i, tz] = pose as unknown as number[] & { length: 12 };
  for (let p = 0; p < points.length; p += 3) {
    const x = points[p]!;
    const y = points[p + 1]!;
    const z = points[p + 2]!;
    moved[p] = a! * x + b! * y + c! * z + tx!;
    moved[p + 1] = d! * x + e! * y + f! * z + ty!;
    moved[p + 2] = g! * x + h! * y + i! * z + tz!;
  }
  return moved;
}

/** Points of head space as pixels: x, y and the depth in mm, three values per point. */
export function project(points: Float32Array, pose: Pose, camera: Camera, out?: Float32Array): Float32Array {
  const pixels = transform(points, pose, out);
  for (let p = 0; p < pixels.length; p += 3) {
    const scale = camera.focalPx / pixels[p + 2]!;
    pixels[p] = camera.centreX + pixels[p]! * scale;
    pixels[p + 1] = camera.centreY + pixels[p + 1]! * scale;
  }
  return pixels;
}

/**
 * A pose from angles in radians and a translation in mm. Order: roll about z, then pitch about x, then yaw about y.
 * Positive yaw turns the face to the viewer's right, positive pitch looks down, positive roll tilts clockwise.
 */
export function poseOf(
  yaw: number,
  pitch: number,
  roll: number,
  translation: readonly [number, number, number],
): Pose {
  const [cy, sy] = [Math.cos(yaw), Math.sin(yaw)];
  const [cp, sp] = [Math.cos(pitch), Math.sin(pitch)];
  const [cr, sr] = [Math.cos(roll), Math.sin(roll)];
  // R = Ry · Rx · Rz. The face looks along −z, so its right turn is a negative rotation about y in these axes.
  const [tx, ty, tz] = translation;
  return new Float32Array([
    cy * cr - sy * sp * sr,
    -cy * sr - sy * sp * cr,
    -sy * cp,
    tx,
    cp * sr,
    cp * cr,
    -sp,
    ty,
    sy * cr + cy * sp * sr,
    -sy * sr + cy * sp * cr,
    cy * cp,
    tz,
  ]);
}

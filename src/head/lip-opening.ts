import type { Mesh } from './mesh.ts';

/** The middle of the inner upper and lower lip: iBUG 62 and 66 among the inner 51 landmarks. */
export const [upperLip, lowerLip] = [62 - 17, 66 - 17] as const;

/** Distance between the inner lips in mm, from the vertices of a face (head space). */
export function lipOpeningMm(mesh: Mesh, vertices: Float32Array): number {
  const [upper, lower] = [mesh.landmarks[upperLip]! * 3, mesh.landmarks[lowerLip]! * 3];
  return Math.hypot(...[0, 1, 2].map((c) => vertices[lower + c]! - vertices[upper + c]!));
}

/** The mouth's twenty among the inner 51 landmarks (iBUG 48 to 67). */
const mouthLandmarks = [31, 51] as const;

/** Where the mouth's landmarks lie seen from the front: x and y in mm of head space, alternating, from the vertices of a face. */
export function mouthLandmarksMm(mesh: Mesh, vertices: Float32Array): Float64Array {
  const places = mesh.landmarks.subarray(...mouthLandmarks);
  return Float64Array.from({ length: 2 * places.length }, (_, i) => vertices[places[i >> 1]! * 3 + (i & 1)]!);
}
